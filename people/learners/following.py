"""Tells in lines how a run goes on, for those who wait at a terminal. Knows not how the lines reach them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from curriculum import gate
from grading.judging import STEP
from people.learners import lanes, queries
from people.learners.models import SUPERSEDED, CheckAnswer, Enrolment, Judgement, Run, RunState
from people.learners.retelling import retell

PAUSE_S = 0.4
LONGEST_PAUSE_S = 2.0
# A push that waits holds a connection; whoever is judged for longer looks at the page.
LONGEST_S = 300.0
WIDTH = 96
LINES_SHOWN = 20
SHORT = 80
OUTCOMES = {
    "passed": _("Passed"),
    "failed": _("Not passed"),
    "broken": _("Did not run"),
    "void": _("Our fault, not counted"),
    SUPERSEDED: _("Superseded"),
}

clock = time.monotonic


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to say for now; ask again in a while."""

    seconds: float


def follow(run: Run, page: str) -> Iterator[str | Pause]:
    """What happens to the run until it is done, and what it concluded; for so long as anybody may wait."""
    submission, seen, waiting, pause, deadline = run.submission, 0, -1, PAUSE_S, clock() + LONGEST_S
    while True:
        # The state is read before the events: a run that is done has no event that comes after them.
        run.refresh_from_db(fields=["state", "outcome", "sentence"])
        events = list(queries.read_events(submission, seen))
        for event in events:
            seen = event.pk
            if event.kind == STEP:
                yield f"{event.milestone:<8} {_shorten(event.text)}"
        if run.state == RunState.DONE:
            yield from tell_verdict(run, page)
            return
        if run.state == RunState.QUEUED and (before := lanes.count_before(run)) != waiting:
            waiting = before
            yield _describe_queue(waiting)
        if clock() > deadline:
            yield from [
                "",
                gettext("This takes longer than we wait here. It goes on without you: its page says how."),
                page,
            ]
            return
        pause = PAUSE_S if events else min(1.3 * pause, LONGEST_PAUSE_S)
        yield Pause(pause)


def tell_verdict(run: Run, page: str) -> Iterator[str]:
    """The verdict, what does not hold, and where to read on."""
    submission = run.submission
    judgement = queries.latest_run(submission).judgements.last() if run.outcome != SUPERSEDED else None
    yield from ["", f"{submission.kind}: {OUTCOMES.get(run.outcome, run.outcome)}", *wrap(retell(run.sentence), WIDTH)]
    if judgement is not None:
        yield from _tell_judgement(judgement, run.sentence)
    if run.outcome == queries.PASSED:
        yield _tell_next(submission.enrolment)
    yield from ["", page]


def _tell_next(enrolment: Enrolment) -> str:
    kinds = queries.milestone_kinds(enrolment.project_id)
    lent = queries.lent_kinds(enrolment)
    kind = gate.next_open(kinds, queries.passed_kinds(enrolment), lent)
    if kind is None:
        return gettext("Every milestone of this project has passed.")
    if kind in lent:
        told = gettext("Every other milestone has passed; {kind} is lent, and waits for work of your own.")
        return told.format(kind=kind)
    return gettext("The next milestone is {kind}.").format(kind=kind)


def _tell_judgement(judgement: Judgement, said: str) -> Iterator[str]:
    answers = list(judgement.answers.all())
    for answer in answers:
        if answer.answer == "failed":
            yield from _tell_answer(answer, said)
            said += f"\n{answer.sentence}"
    not_asked = sum(answer.answer == "not asked" for answer in answers)
    if not_asked:
        yield from ["", _count_not_asked(not_asked)]
    if judgement.outcome == "broken" and judgement.output:
        yield from ["", gettext("The last that your code printed:")]
        yield from (f"  | {line}" for line in judgement.output.splitlines()[-LINES_SHOWN:])


def _tell_answer(answer: CheckAnswer, said: str) -> Iterator[str]:
    spared = "" if answer.required else f" ({gettext('not required')})"
    yield from ["", *wrap(f"✗ {retell(answer.question)}{spared}", WIDTH)]
    # Within another sentence the first letter is small.
    if answer.sentence and answer.sentence[1:] not in said:
        yield from wrap(retell(answer.sentence), WIDTH, initial_indent="  ", subsequent_indent="  ")
    for name, value in ((gettext("expected"), answer.expected), (gettext("found"), answer.found)):
        if 0 < len(value) <= SHORT:
            yield f"  {name + ':':<9} {value}"


def _count_not_asked(count: int) -> str:
    return ngettext("{count} more was not asked.", "{count} more were not asked.", count).format(count=count)


def _shorten(text: str) -> str:
    """An event that ends a milestone says its outcome alone: the verdict says the sentence, once."""
    outcome, colon, _ = text.partition(": ")
    return str(OUTCOMES[outcome]) if colon and outcome in OUTCOMES else retell(text)


def _describe_queue(before: int) -> str:
    if not before:
        return gettext("waiting for a worker; you are next")
    sentence = ngettext(
        "waiting for a worker; {count} run is before yours",
        "waiting for a worker; {count} runs are before yours",
        before,
    )
    return sentence.format(count=before)
