"""What learners read of their dates: when a milestone opens, is due and closes, how far off it is, what late costs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import ngettext

from people.cohorts.dates import OwnDates, Place, read_enrolled_dates
from people.cohorts.lateness import DAY, Dates, Policy, choose_kindest, judge_lateness, read_policy

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CohortDates:
    """What one cohort says, where several take the same milestone."""

    cohort: str
    due_at: datetime | None
    policy: Policy


@dataclass(frozen=True, slots=True)
class Deadline:
    """A learner's dates at one milestone, by the kindest of their cohorts; `several` where these differ."""

    dates: Dates
    policy: Policy
    now: datetime
    several: Sequence[CohortDates] = ()

    @property
    def is_ahead(self) -> bool:
        """Whether it opens later."""
        return self.dates.opens_at is not None and self.dates.opens_at > self.now

    @property
    def is_closed(self) -> bool:
        return self.dates.closes_at is not None and self.dates.closes_at < self.now

    @property
    def is_late(self) -> bool:
        return self.dates.due_at is not None and self.dates.due_at < self.now

    @property
    def kept_percent(self) -> int:
        """What work that is handed in now keeps of its worth."""
        return judge_lateness(self.now, self.dates, self.policy).kept_percent

    @property
    def opens_in(self) -> str:
        return tell_distance(self.dates.opens_at, self.now) if self.dates.opens_at else ""

    @property
    def due_in(self) -> str:
        return tell_distance(self.dates.due_at, self.now) if self.dates.due_at else ""


Deadlines = Mapping[Place, Deadline]


def read_deadlines(enrolments: Iterable[int]) -> Deadlines:
    """By milestone, of these enrolments in different projects; in as many queries for many as for one."""
    now = timezone.now()
    return {place: _choose(own, now) for place, own in read_enrolled_dates(enrolments).items()}


def _choose(own: Sequence[OwnDates], now: datetime) -> Deadline:
    dates = choose_kindest(one.dates for one in own)
    told = [CohortDates(one.cohort.title, one.dates.due_at, read_policy(one.cohort)) for one in own]
    chosen = next((one for one in told if one.due_at == dates.due_at), told[0])
    differ = len({(one.due_at, one.policy) for one in told}) > 1
    return Deadline(dates, chosen.policy, now, told if differ else ())


def tell_distance(at: datetime, now: datetime) -> str:
    """How far off an instant is, in whole days, hours or minutes: never more than there is left."""
    ahead, distance = at >= now, abs(at - now)
    if distance >= 2 * DAY:
        number = distance // DAY
        words = (
            ngettext("in %(count)d day", "in %(count)d days", number)
            if ahead
            else ngettext("%(count)d day ago", "%(count)d days ago", number)
        )
    elif distance >= 2 * HOUR:
        number = distance // HOUR
        words = (
            ngettext("in %(count)d hour", "in %(count)d hours", number)
            if ahead
            else ngettext("%(count)d hour ago", "%(count)d hours ago", number)
        )
    else:
        number = distance // MINUTE
        words = (
            ngettext("in %(count)d minute", "in %(count)d minutes", number)
            if ahead
            else ngettext("%(count)d minute ago", "%(count)d minutes ago", number)
        )
    return words % {"count": number}
