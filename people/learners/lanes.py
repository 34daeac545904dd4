"""Whose turn it is: each cohort waits in a lane of its own, and workers serve the lanes in turn. Reads; moves nothing.

The next lane is the one with the fewest runs at work, and of several the one that was served the longest ago; within a
lane the oldest goes first. So nobody waits behind the deadline of a class that is not theirs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Count, Q
from django.utils.module_loading import import_string

from people.learners.clock import read_clock
from people.learners.models import Enrolment, Lane, Run, RunState

NEVER = datetime(2000, 1, 1, tzinfo=UTC)
Turn = tuple[int, datetime, str]


@dataclass(frozen=True, slots=True)
class Next:
    """The run to take next, and when its lane was served last: who serves it must find it so."""

    run_id: int
    lane: str
    served_at: datetime


def name_lane(enrolment: Enrolment) -> str:
    """With whom this enrolment waits; empty for all who learn by themselves. Learners know no cohorts."""
    rules: list[Callable[[Enrolment], str]] = [import_string(name) for name in settings.LANE_RULES]
    return next(filter(None, (rule(enrolment) for rule in rules)), "")


def choose_next() -> Next | None:
    """The run whose turn it is. None while nobody waits, or only such as rest or have another at work."""
    at_work, served = _count_by_lane(RunState.RUNNING), read_served()
    waiting = _count_by_lane(RunState.QUEUED)
    for lane in sorted(waiting, key=lambda lane: tell_turn(lane, at_work[lane], served)):
        if run_id := _find_oldest(lane):
            return Next(run_id, lane, served.get(lane, NEVER))
    return None


def sort_waiting(waiting: Iterable[Run], at_work: Mapping[str, int], served: Mapping[str, datetime]) -> list[Run]:
    """In the order in which they are taken, if nothing of what is at work ends meanwhile."""
    ahead = Counter(at_work)
    turns: dict[int, Turn] = {}
    runs = sorted(waiting, key=lambda run: run.pk)
    for run in runs:
        turns[run.pk] = tell_turn(run.lane, ahead[run.lane], served)
        ahead[run.lane] += 1
    return sorted(runs, key=lambda run: turns[run.pk])


def count_before(run: Run) -> int:
    """How many runs are taken before this one, in the same order."""
    here = Q(state=RunState.QUEUED)
    lanes = Run.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING)).order_by().values("lane")
    counted = lanes.annotate(
        waiting=Count("pk", filter=here),
        at_work=Count("pk", filter=Q(state=RunState.RUNNING)),
        before=Count("pk", filter=here & Q(pk__lt=run.pk)),
    )
    told = {row["lane"]: row for row in counted}
    own = told.get(run.lane)
    if own is None:
        return 0
    served = read_served()
    turn = tell_turn(run.lane, own["at_work"] + own["before"], served)
    others = sum(
        min(row["waiting"], max(0, turn[0] - row["at_work"] + (tell_turn(lane, turn[0], served) < turn)))
        for lane, row in told.items()
        if lane != run.lane
    )
    return int(own["before"]) + int(others)


def read_served() -> dict[str, datetime]:
    """When each lane was served last."""
    return dict(Lane.objects.values_list("name", "served_at"))


def tell_turn(lane: str, at_work: int, served: Mapping[str, datetime]) -> Turn:
    """Lowest first."""
    return at_work, served.get(lane, NEVER), lane


def _count_by_lane(state: str) -> Counter[str]:
    runs = Run.objects.filter(state=state).order_by().values("lane").annotate(runs=Count("pk"))
    return Counter(dict(runs.values_list("lane", "runs")))


def _find_oldest(lane: str) -> int | None:
    """The first in this lane that may be tried now, and whose enrolment has no other run at work."""
    busy = Run.objects.filter(state=RunState.RUNNING).values("submission__enrolment")
    is_rested = Q(rests_until=None) | Q(rests_until__lt=read_clock())
    waiting = Run.objects.filter(is_rested, state=RunState.QUEUED, lane=lane).exclude(submission__enrolment__in=busy)
    return waiting.order_by("pk").values_list("pk", flat=True).first()
