"""The signals that a learner may need somebody: each a plain question, answered in a sentence. There is no score.

Which are on, and from when they ring, is the cohort's own to say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from people.cohorts.diary import note
from people.cohorts.models import Cohort, Membership
from people.learners.refusals import Refusal

IDLE, IN_A_ROW, ATTEMPTS, DUE = "idle", "in-a-row", "attempts", "due"
DAY: Final = timedelta(days=1)
BOUNDS: Final = {"idle_days": (1, 365), "failed_in_a_row": (2, 50), "due_days": (0, 60)}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on each signal rings; None, or False, where it is switched off."""

    idle_days: int | None = 7
    failed_in_a_row: int | None = 3
    attempts_used: bool = True
    due_days: int | None = 3


@dataclass(frozen=True, slots=True)
class Streak:
    """A check that did not hold in any of the last so many judgements that came to it."""

    project: str
    milestone: str
    question: str
    times: int


@dataclass(frozen=True, slots=True)
class Spent:
    """A milestone whose budget of attempts is used up, and when one comes back."""

    project: str
    milestone: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """A milestone that has not passed, and when it is due."""

    project: str
    milestone: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one learner in all of the cohort's projects."""

    joined_at: datetime
    last_at: datetime | None = None
    is_finished: bool = False
    streaks: Sequence[Streak] = ()
    spent: Sequence[Spent] = ()
    dues: Sequence[Due] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason to look at a learner, in a sentence."""

    code: str
    sentence: str


def list_signals(facts: Facts, thresholds: Thresholds, now: datetime) -> list[Signal]:
    """All that hold, each at most once, in a fixed order."""
    return [
        *_ring_idle(facts, thresholds.idle_days, now),
        *_ring_streaks(facts.streaks, thresholds.failed_in_a_row),
        *(_ring_spent(facts.spent, now) if thresholds.attempts_used else ()),
        *_ring_dues(facts.dues, thresholds.due_days, now),
    ]


def _ring_idle(facts: Facts, days: int | None, now: datetime) -> Iterable[Signal]:
    silent = (now - (facts.last_at or facts.joined_at)) // DAY
    if days is None or facts.is_finished or silent < days:
        return
    if facts.last_at:
        told = ngettext("Handed in nothing for {days} day.", "Handed in nothing for {days} days.", silent)
    else:
        told = ngettext(
            "Joined {days} day ago and has handed in nothing.",
            "Joined {days} days ago and has handed in nothing.",
            silent,
        )
    yield Signal(IDLE, told.format(days=silent))


def _ring_streaks(streaks: Sequence[Streak], times: int | None) -> Iterable[Signal]:
    longest = max(streaks, key=lambda streak: streak.times, default=None)
    if times is not None and longest and longest.times >= times:
        told = _("{project}, {milestone}: the same check did not hold {times} times in a row: {question}")
        yield Signal(IN_A_ROW, told.format(**asdict(longest)))


def _ring_spent(spent: Sequence[Spent], now: datetime) -> Iterable[Signal]:
    for one in spent[:1]:
        told = _("{project}, {milestone}: all attempts are used up.").format(
            project=one.project, milestone=one.milestone
        )
        minutes = max(1, -((now - one.next_at) // timedelta(minutes=1))) if one.next_at else 0
        back = ngettext("One comes back in {count} minute.", "One comes back in {count} minutes.", minutes)
        yield Signal(ATTEMPTS, f"{told} {back.format(count=minutes)}" if minutes else told)


def _ring_dues(dues: Iterable[Due], days: int | None, now: datetime) -> Iterable[Signal]:
    close = sorted(
        (one for one in dues if days is not None and one.due_at - now <= days * DAY), key=lambda due: due.due_at
    )
    if not close:
        return
    told, more = _say_due(close[0], now), len(close) - 1
    others = ngettext("{count} other is late or close.", "{count} others are late or close.", more).format(count=more)
    yield Signal(DUE, f"{told} {others}" if more else told)


def _say_due(due: Due, now: datetime) -> str:
    if due.due_at < now:
        told = _("{project}, {milestone}: was due {time} ago and has not passed.")
    else:
        told = _("{project}, {milestone}: is due in {time} and has not passed.")
    return told.format(project=due.project, milestone=due.milestone, time=_say_time(abs(due.due_at - now)))


def _say_time(length: timedelta) -> str:
    """Whole days, or whole hours below one."""
    days, hours = length // DAY, max(1, length // timedelta(hours=1))
    if days:
        return npgettext("in or ago", "{count} day", "{count} days", days).format(count=days)
    return npgettext("in or ago", "{count} hour", "{count} hours", hours).format(count=hours)


def count_streak(failed: Iterable[tuple[int, set[str]]], check: str, since: int) -> int:
    """In how many of a milestone's judgements (run, failed checks), newest first, the check failed until it did not.

    Those of runs up to `since`, which passed, do not count.
    """
    times = 0
    for run_id, checks in failed:
        if run_id <= since or check not in checks:
            return times
        times += 1
    return times


def read_thresholds(cohort: Cohort) -> Thresholds:
    """What the cohort has set; what it has said nothing of is as usual."""
    known = asdict(Thresholds())
    return Thresholds(**{name: cohort.signals.get(name, usual) for name, usual in known.items()})


def set_thresholds(leader: Membership, asked: Mapping[str, Any]) -> Thresholds:
    """Switch signals on, off, or over. Raises Refusal, and then changes nothing."""
    thresholds = Thresholds(
        **{name: _parse_number(name, asked.get(name)) for name in BOUNDS},
        attempts_used=_parse_switch(asked.get("attempts_used")),
    )
    cohort = leader.cohort
    with transaction.atomic():
        cohort.signals = asdict(thresholds)
        cohort.save(update_fields=["signals"])
        told = ", ".join(f"{name} {value}" for name, value in cohort.signals.items())
        note(cohort, leader.user, "set signals", text=told)
    return thresholds


def _parse_number(name: str, given: object) -> int | None:
    if given in (None, ""):
        return None
    low, high = BOUNDS[name]
    digits = str(given) if isinstance(given, int | str) and not isinstance(given, bool) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) < 4 and low <= int(digits) <= high):
        told = _("Give a whole number from {low} to {high}, or switch the signal off.").format(low=low, high=high)
        raise Refusal("bad-number", name, told)
    return int(digits)


def _parse_switch(given: object) -> bool:
    # Not by equality alone: JSON's 0 and 1 are equal to false and true.
    if given is not None and not isinstance(given, bool) and given not in ("", "on"):
        raise Refusal("bad-switch", "attempts_used", _("Say true, or switch the signal off with false."))
    return given in ("on", True)
