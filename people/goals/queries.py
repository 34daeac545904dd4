"""Reads a goal and how far its learner has come this week, which runs from Monday to Sunday where they are."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Min
from django.db.models.functions import TruncDate
from django.utils import timezone

from people.accounts.models import User
from people.accounts.zones import zone_of
from people.goals.models import Goal, Unit
from people.learners.models import Run, Submission

PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Week:
    """From its Monday's midnight to the next one's, in one zone."""

    monday: date
    zone: tzinfo

    @property
    def begins(self) -> datetime:
        return self.at(0)

    @property
    def ends(self) -> datetime:
        return self.at(7)

    def at(self, day: int, hour: int = 0) -> datetime:
        """This hour of one of its days; Monday is 0."""
        return datetime.combine(self.monday + timedelta(days=day), time(hour), self.zone)


@dataclass(frozen=True, slots=True)
class Progress:
    """A goal, and how much of it is done in one week."""

    goal: Goal
    week: Week
    done: int

    @property
    def left(self) -> int:
        return max(0, self.goal.number - self.done)

    @property
    def share_done(self) -> int:
        """What is done, and no more than was asked for."""
        return min(self.done, self.goal.number)

    @property
    def is_reached(self) -> bool:
        return not self.left


def find_goal(user: User) -> Goal | None:
    return Goal.objects.filter(user=user).exclude(unit="").select_related("user").first()


def read_progress(user: User) -> Progress | None:
    """How far this user has come this week; None without a goal."""
    goal = find_goal(user)
    return measure(goal, timezone.now()) if goal else None


def measure(goal: Goal, now: datetime) -> Progress:
    week = week_of(now, zone_of(goal.user))
    return Progress(goal, week, COUNT[Unit(goal.unit)](goal.user, week))


def week_of(now: datetime, zone: tzinfo) -> Week:
    today = now.astimezone(zone).date()
    return Week(today - timedelta(days=today.weekday()), zone)


def count_days(user: User, week: Week) -> int:
    """The days of the week on which they handed anything in."""
    handed_in = Submission.objects.filter(by=user, created_at__gte=week.begins, created_at__lt=week.ends).annotate(
        day=TruncDate("created_at", tzinfo=week.zone)
    )
    return handed_in.order_by().values("day").distinct().count()


def count_milestones(user: User, week: Week) -> int:
    """The milestones that they passed for the first time in the week."""
    passes = Run.objects.filter(submission__by=user, outcome=PASSED).order_by()
    firsts = passes.values("submission__enrolment", "submission__kind").annotate(first=Min("finished_at"))
    return firsts.filter(first__gte=week.begins, first__lt=week.ends).count()


COUNT = {Unit.DAYS: count_days, Unit.MILESTONES: count_milestones}
