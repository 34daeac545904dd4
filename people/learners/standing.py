"""Where an enrolment stands on each milestone: derived from its runs each time, never stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from curriculum import gate
from people.learners.models import Judgement, Run, RunState

LOCKED, OPEN, QUEUED, RUNNING = "locked", "open", "queued", "running"
PASSED, FAILED, BROKEN, REGRESSED, VOID = "passed", "failed", "broken", "regressed", "void"


@dataclass(frozen=True, slots=True)
class Standing:
    """One milestone's state, what opens it if it is locked, and the submission that says so."""

    kind: str
    state: str
    opener: str | None = None
    submission_id: int | None = None
    passed_at: datetime | None = None


@dataclass(slots=True)
class _Trail:
    """What is known of one milestone of one enrolment: how it was judged last in any chain, how its own run ended."""

    passed_at: datetime | None = None
    judged: str = ""
    handed_in: str = ""
    submission_id: int | None = None
    waiting: str = ""


def read_standings(kinds: Mapping[int, Sequence[str]]) -> dict[int, list[Standing]]:
    """Where each enrolment stands on each of its milestones (id -> kinds), in two queries for all of them together."""
    ids = list(kinds)
    trails: dict[int, dict[str, _Trail]] = {pk: defaultdict(_Trail) for pk in ids}
    _follow_judgements(trails, ids)
    _follow_submissions(trails, ids)
    return {pk: [_stand(kinds[pk], kind, trails[pk]) for kind in kinds[pk]] for pk in ids}


def _follow_judgements(trails: dict[int, dict[str, _Trail]], ids: list[int]) -> None:
    rows = (
        Judgement.objects.filter(run__submission__enrolment__in=ids)
        .exclude(outcome=VOID)
        .order_by("run_id", "position")
        .values_list("run__submission__enrolment_id", "kind", "outcome")
    )
    for enrolment_id, kind, outcome in rows:
        trails[enrolment_id][kind].judged = outcome


def _follow_submissions(trails: dict[int, dict[str, _Trail]], ids: list[int]) -> None:
    rows = (
        Run.objects.filter(submission__enrolment__in=ids)
        .order_by("pk")
        .values_list("submission__enrolment_id", "submission__kind", "submission_id", "state", "outcome", "finished_at")
    )
    for enrolment_id, kind, submission_id, state, outcome, finished_at in rows:
        trail = trails[enrolment_id][kind]
        trail.submission_id = submission_id
        trail.waiting = "" if state == RunState.DONE else state
        trail.handed_in = outcome or trail.handed_in
        if outcome == PASSED:
            trail.passed_at = trail.passed_at or finished_at


def _stand(kinds: Sequence[str], kind: str, trails: dict[str, _Trail]) -> Standing:
    trail = trails[kind]
    passed = {name for name in kinds if trails[name].passed_at}
    locked = not gate.is_open(kinds, passed, kind)
    # What opens it is the milestone just before it, though others may have to pass before that one.
    opener = kinds[kinds.index(kind) - 1] if locked else None
    state = LOCKED if locked else _state_of(trail)
    return Standing(kind, state, opener, trail.submission_id, trail.passed_at)


def _state_of(trail: _Trail) -> str:
    if trail.waiting:
        return trail.waiting
    if trail.passed_at:
        return PASSED if trail.judged == PASSED else REGRESSED
    return trail.handed_in or OPEN
