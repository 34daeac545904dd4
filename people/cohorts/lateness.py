"""When something is due for a learner, and how late it came: pure questions of instants, asked of no database.

Lateness follows from when a submission was handed in, never from when it was judged; and never from what we voided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from people.cohorts.models import Cohort, Extension, Timing

DAY: Final = timedelta(days=1)
# After we voided something, its learner has at least so long to hand it in again as if it were then.
GRACE: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Dates:
    """When a milestone opens, is due and closes for one learner; None where it never does."""

    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    is_extended: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What each day begun after the due date costs, and for how many days late work counts; None: for ever."""

    percent: int = 0
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many days late something came, a day begun being a day, and how much of its worth it keeps."""

    days: int = 0
    kept_percent: int = 100


@dataclass(frozen=True, slots=True)
class Void:
    """A submission that we could not judge: when it was handed in, and when its learner was told."""

    handed_in_at: datetime
    told_at: datetime


def read_policy(cohort: Cohort) -> Policy:
    return Policy(cohort.late_percent, cohort.late_days)


def find_dates(
    timing: Timing | None, extension: Extension | None, extra_percent: int, begins_at: datetime | None
) -> Dates:
    """A learner's own dates, from their cohort's.

    extra_percent: of the time from begins_at, which is when the cohort may begin (`begin_of`), to each date. An
    extension and such an accommodation never shorten anything: the later of both is due. What is due after it would
    close closes then; where nothing is due, an extension still moves the closing.
    """
    if timing is None:
        return Dates()
    due_at = _prolong(timing.due_at, begins_at, extra_percent)
    closes_at = _prolong(timing.closes_at, begins_at, extra_percent)
    if extension is None:
        return Dates(timing.opens_at, due_at, closes_at)
    is_extended = extension.due_at > (due_at or closes_at or extension.due_at)
    if due_at:
        due_at = max(due_at, extension.due_at)
    if closes_at:
        closes_at = max(closes_at, extension.due_at)
    return Dates(timing.opens_at, due_at, closes_at, is_extended)


def begin_of(timing: Timing, before: Timing | None, cohort: Cohort) -> datetime:
    """From when on a cohort works at a milestone: its opening, or when the one before it is due, or the beginning."""
    return timing.opens_at or (before and before.due_at) or cohort.made_at


def _prolong(at: datetime | None, begins_at: datetime | None, percent: int) -> datetime | None:
    if at is None or begins_at is None or at <= begins_at:
        return at
    return at + (at - begins_at) * percent / 100


def choose_kindest(several: Iterable[Dates]) -> Dates:
    """Of several cohorts' dates for the same milestone the ones that leave most time; none at all leave the most."""
    found = list(several)
    opens = [dates.opens_at for dates in found]
    return Dates(
        opens_at=None if None in opens else min(filter(None, opens), default=None),
        due_at=_latest([dates.due_at for dates in found]),
        closes_at=_latest([dates.closes_at for dates in found]),
        is_extended=any(dates.is_extended for dates in found),
    )


def _latest(instants: list[datetime | None]) -> datetime | None:
    return None if None in instants else max(filter(None, instants), default=None)


def count_as_of(handed_in_at: datetime, voids: Iterable[Void]) -> datetime:
    """The instant that counts for something handed in, after what of the same milestone we voided before it.

    What comes within the grace after the learner was told of a void counts as handed in when the void was. A void that
    was itself handed in within the grace of an earlier one passes that one's instant on.
    """
    counted = handed_in_at
    for void in sorted(voids, key=lambda void: void.handed_in_at, reverse=True):
        if void.handed_in_at < counted <= void.told_at + GRACE:
            counted = void.handed_in_at
    return counted


def judge_lateness(handed_in_at: datetime, dates: Dates, policy: Policy) -> Lateness:
    """How late this is by these dates. A day is 24 hours after the due instant, whatever clocks do meanwhile."""
    if dates.due_at is None or handed_in_at <= dates.due_at:
        return Lateness()
    days = -((dates.due_at - handed_in_at) // DAY)
    if policy.days is not None and days > policy.days:
        return Lateness(days, 0)
    return Lateness(days, max(0, 100 - days * policy.percent))


def is_untimely(now: datetime, dates: Dates, voids: Iterable[Void] = ()) -> str:
    """Why nothing can be handed in now: "not-open-yet" or "closed"; empty if it can."""
    if dates.opens_at and now < dates.opens_at:
        return "not-open-yet"
    if dates.closes_at and count_as_of(now, voids) > dates.closes_at:
        return "closed"
    return ""
