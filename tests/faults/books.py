"""Looks through the books after a night of faults: every line here is a promise, and what breaks one is printed.

python -m tests.faults.books leases.jsonl      prints JSON
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402

from people.learners.attempts import FREE  # noqa: E402
from people.learners.facilities import store  # noqa: E402
from people.learners.models import Run, RunEvent, RunState  # noqa: E402
from people.learners.standing import read_standing  # noqa: E402

WITHIN_S = 30.0
LEGAL = re.compile(r"queued(,claimed(,gave back)?)*(,claimed,recorded|,superseded)")
PLAN = "plan.txt"


def read_leases(book: Path) -> dict[int, list[dict[str, Any]]]:
    """By run the leases that were held, in their order: when each was taken, when it would have ended, and if it was
    given back."""
    held: dict[int, dict[str, dict[str, Any]]] = defaultdict(dict)
    for line in book.read_text().splitlines() if book.exists() else ():
        told = json.loads(line)
        lease = held[told["run"]].setdefault(told["token"], {"taken": None, "until": 0.0, "gave_back": False})
        lease["gave_back"] |= told.get("gave_back", False)
        if until := told.get("until"):
            lease["taken"] = lease["taken"] or until - settings.LEASE_SECONDS
            lease["until"] = max(lease["until"], until)
    leases = {run: [one for one in tokens.values() if one["taken"]] for run, tokens in held.items()}
    return {run: sorted(found, key=lambda lease: lease["taken"]) for run, found in leases.items()}


def measure_handovers(leases: dict[int, list[dict[str, Any]]]) -> list[float]:
    """From the end of each lost lease until somebody took the run: seconds."""
    return [
        after["taken"] - before["until"]
        for held in leases.values()
        for before, after in pairwise(held)
        if not before["gave_back"]
    ]


def look_through(run: Run) -> Iterator[str]:
    verbs = [line.verb for line in run.audit.all()]
    if run.state != RunState.DONE:
        yield f"is {run.state} for ever: {verbs}"
        return
    if not LEGAL.fullmatch(",".join(verbs)):
        yield f"has an audit trail that explains nothing: {verbs}"
    if run.audit.filter(verb__in=("recorded", "superseded")).count() != 1:
        yield f"was recorded more than once: {verbs}"
    if run.events.filter(kind=RunEvent.VERDICT).count() != 1:
        yield "told its verdict not once"
    if run.outcome != "superseded" and run.judgements.count() != 1:
        yield f"has {run.judgements.count()} judgements of one milestone"
    planned = store().read(run.submission.tree, PLAN).decode().split()[0]
    if run.outcome not in FREE and run.outcome != planned:
        yield f"is {run.outcome}, and its work is {planned}: somebody else's fault was charged"
    if run.outcome == "void" and not run.audit.filter(verb="recorded", text__startswith="void: ").exclude(
        text="void: "
    ):
        yield "is void, and nobody is told why"


def look_at_attempts(runs: list[Run]) -> Iterator[str]:
    """What each learner has left is what their own verdicts have cost."""
    enrolments = {run.submission.enrolment_id: run.submission.enrolment for run in runs}
    paid = Counter(run.submission.enrolment_id for run in runs if run.outcome not in FREE)
    for pk, enrolment in enrolments.items():
        attempts = read_standing(enrolment, ["ingest", "clean"], "ingest").attempts
        if attempts is None or attempts.left != settings.MILEPOST_ATTEMPTS - paid[pk]:
            yield f"{enrolment} has {attempts} after {paid[pk]} verdicts of their own"


def main(book: Path) -> dict[str, Any]:
    runs = list(Run.objects.select_related("submission__enrolment__user", "submission__enrolment__project"))
    broken = [f"run {run.pk} {why}" for run in runs for why in look_through(run)]
    broken += look_at_attempts(runs)
    handovers = sorted(measure_handovers(read_leases(book)))
    broken += [f"a run waited {seconds:.1f} s after its lease" for seconds in handovers if seconds > WITHIN_S]
    waited = sorted((run.started_at - run.queued_at).total_seconds() for run in runs if run.started_at)
    return {
        "runs": len(runs),
        "outcomes": dict(Counter(run.outcome or run.state for run in runs)),
        "tries": dict(sorted(Counter(run.tries for run in runs).items())),
        "causes": dict(Counter(line.text[:80] for run in runs for line in run.audit.filter(verb="gave back"))),
        "handovers": len(handovers),
        "handover_p50": handovers[len(handovers) // 2] if handovers else 0,
        "handover_max": handovers[-1] if handovers else 0,
        "last_start_p50": waited[len(waited) // 2] if waited else 0,
        "broken": broken,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
