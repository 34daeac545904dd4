"""How long it will be until a run is judged: from how long the last ones of its milestone took. Promises nothing."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from people.learners.lanes import read_served, sort_waiting
from people.learners.models import SUPERSEDED, Run, RunState

# Of all milestones together; what is older was judged by other code.
RECENT = 300
VOID = "void"
ENROLMENT = "submission__enrolment"
RUN_IN_TIME = (
    "state",
    "lane",
    "started_at",
    "finished_at",
    "submission__kind",
    f"{ENROLMENT}__project__slug",
)
Milestone = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an open run stands: how many wait in front of it, and about how many seconds until its verdict."""

    state: str
    waiting_before: int
    seconds: float | None

    @property
    def moved(self) -> tuple[str, int]:
        """What is news when it changes. That time passes is not."""
        return self.state, self.waiting_before


def open_runs() -> QuerySet[Run]:
    """All runs that are not done, the oldest first, each with what was handed in for what."""
    return _runs_in_time().exclude(state=RunState.DONE).order_by("pk")


def recent_runs(most: int) -> QuerySet[Run]:
    """The newest that are done and were not void, each with what was handed in for what."""
    return _runs_in_time().filter(state=RunState.DONE).exclude(outcome__in=(VOID, SUPERSEDED)).order_by("-pk")[:most]


def _runs_in_time() -> QuerySet[Run]:
    return Run.objects.select_related(f"{ENROLMENT}__project").only(*RUN_IN_TIME)


def typical_seconds(recent: Iterable[Run]) -> dict[Milestone, float]:
    """The median time that a worker took, by milestone."""
    taken: dict[Milestone, list[float]] = defaultdict(list)
    for run in recent:
        if run.started_at and run.finished_at:
            taken[milestone_of(run)].append((run.finished_at - run.started_at).total_seconds())
    return {milestone: statistics.median(seconds) for milestone, seconds in taken.items()}


def milestone_of(run: Run) -> Milestone:
    return run.submission.enrolment.project.slug, run.submission.kind


def place_runs(
    waiting: Iterable[Run], typical: Mapping[Milestone, float], now: datetime, served: Mapping[str, datetime]
) -> dict[int, Place]:
    """The place of each open run's submission, where lanes were last served at these moments.

    As many workers are counted on as are at work now, and one at least.
    """
    runs = list(waiting)
    usual = statistics.median(typical.values()) if typical else None
    lasts = {run.pk: typical.get(milestone_of(run), usual) for run in runs}
    running = [run for run in runs if run.state == RunState.RUNNING]
    left = {run.pk: _left(lasts[run.pk], run.started_at, now) for run in running}
    places = {run.submission_id: Place(run.state, 0, left[run.pk]) for run in running}
    ahead = sum(seconds or 0 for seconds in left.values())
    queued = (run for run in runs if run.state == RunState.QUEUED)
    for before, run in enumerate(sort_waiting(queued, Counter(run.lane for run in running), served)):
        own = lasts[run.pk]
        places[run.submission_id] = Place(run.state, before, own and ahead / max(1, len(running)) + own)
        ahead += own or 0
    return places


def read_place(submission: int) -> Place | None:
    """The place of this submission now; None when it is judged."""
    typical = typical_seconds(recent_runs(RECENT))
    return place_runs(open_runs(), typical, timezone.now(), read_served()).get(submission)


def _left(lasts: float | None, began: datetime | None, now: datetime) -> float | None:
    """None also when it takes longer than the others did: then nobody knows."""
    if lasts is None or began is None:
        return None
    left = lasts - (now - began).total_seconds()
    return left if left > 0 else None
