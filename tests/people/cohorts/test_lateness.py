"""When something is due, and how late it came: tables of instants, without a database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from people.cohorts.lateness import (
    Dates,
    Lateness,
    Policy,
    Void,
    begin_of,
    choose_kindest,
    count_as_of,
    find_dates,
    is_untimely,
    judge_lateness,
)
from people.cohorts.models import Cohort, Extension, Timing

DUE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
OPENS, CLOSES = DUE - 8 * DAY, DUE + 4 * DAY


def extend(until: datetime) -> Extension:
    return Extension(due_at=until)


@pytest.mark.parametrize(
    ("timing", "extension", "percent", "expected"),
    [
        (None, extend(DUE), 25, Dates()),  # where the cohort has no dates, nobody has
        ((OPENS, DUE, CLOSES), None, 0, Dates(OPENS, DUE, CLOSES)),
        ((None, None, None), None, 25, Dates()),
        # Of eight days a quarter is two; of twelve to the closing, three.
        ((OPENS, DUE, CLOSES), None, 25, Dates(OPENS, DUE + 2 * DAY, CLOSES + 3 * DAY)),
        ((None, DUE, None), None, 100, Dates(None, DUE + 8 * DAY)),
        ((OPENS, None, CLOSES), None, 25, Dates(OPENS, None, CLOSES + 3 * DAY)),
        # An extension moves what is due, and the closing as far as it must.
        ((OPENS, DUE, CLOSES), extend(DUE + DAY), 0, Dates(OPENS, DUE + DAY, CLOSES, True)),
        ((OPENS, DUE, CLOSES), extend(CLOSES + DAY), 0, Dates(OPENS, CLOSES + DAY, CLOSES + DAY, True)),
        ((OPENS, DUE, None), extend(DUE + DAY), 0, Dates(OPENS, DUE + DAY, None, True)),
        # It makes no date where there is none, and shortens none.
        ((OPENS, None, CLOSES), extend(CLOSES + DAY), 0, Dates(OPENS, None, CLOSES + DAY, True)),
        ((OPENS, None, None), extend(DUE), 0, Dates(OPENS)),
        ((OPENS, DUE, CLOSES), extend(DUE - DAY), 0, Dates(OPENS, DUE, CLOSES)),
        # The later of an extension and an accommodation counts.
        ((OPENS, DUE, None), extend(DUE + DAY), 25, Dates(OPENS, DUE + 2 * DAY)),
        ((OPENS, DUE, None), extend(DUE + 3 * DAY), 25, Dates(OPENS, DUE + 3 * DAY, None, True)),
    ],
)
def test_own_dates_follow_from_the_cohorts(
    timing: tuple[datetime | None, ...] | None, extension: Extension | None, percent: int, expected: Dates
) -> None:
    told = timing and Timing(**dict(zip(("opens_at", "due_at", "closes_at"), timing, strict=True)))
    assert find_dates(told, extension, percent, begins_at=OPENS) == expected


@pytest.mark.parametrize(
    ("opens_at", "before", "expected"),
    [
        (OPENS, DUE - 10 * DAY, OPENS),
        (None, DUE - 10 * DAY, DUE - 10 * DAY),
        (None, None, DUE - 30 * DAY),  # the cohort's own beginning
    ],
)
def test_more_time_is_counted_from_when_the_cohort_may_begin(
    opens_at: datetime | None, before: datetime | None, expected: datetime
) -> None:
    cohort = Cohort(made_at=DUE - 30 * DAY)
    assert begin_of(Timing(opens_at=opens_at, due_at=DUE), before and Timing(due_at=before), cohort) == expected


def test_what_is_due_before_the_cohort_may_begin_is_not_prolonged() -> None:
    assert find_dates(Timing(due_at=DUE), None, 50, begins_at=DUE + DAY) == Dates(due_at=DUE)


TENTH, THREE_DAYS = Policy(10), Policy(10, 3)


@pytest.mark.parametrize(
    ("late", "policy", "days", "kept"),
    [
        (-8 * DAY, TENTH, 0, 100),
        (timedelta(0), TENTH, 0, 100),  # on the very instant is in time
        (SECOND, TENTH, 1, 90),  # a day begun is a day
        (DAY, TENTH, 1, 90),
        (DAY + SECOND, TENTH, 2, 80),
        (30 * DAY, TENTH, 30, 0),  # never below nothing
        (3 * DAY, THREE_DAYS, 3, 70),
        (3 * DAY + SECOND, THREE_DAYS, 4, 0),
        (9 * DAY, Policy(), 9, 100),  # late, and it costs nothing
        (SECOND, Policy(0, 0), 1, 0),  # no late work at all
    ],
)
def test_each_day_begun_costs(late: timedelta, policy: Policy, days: int, kept: int) -> None:
    assert judge_lateness(DUE + late, Dates(due_at=DUE), policy) == Lateness(days, kept)


def test_nothing_is_late_where_nothing_is_due() -> None:
    assert judge_lateness(DUE + 99 * DAY, Dates(OPENS, None, CLOSES), TENTH) == Lateness()


def test_a_day_is_24_hours_when_clocks_are_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    due = datetime(2026, 10, 24, 23, 59, tzinfo=berlin)
    dates = Dates(due_at=due.astimezone(UTC))
    # That Sunday has 25 hours: at 23:59 of its clock the second day has begun.
    assert judge_lateness(datetime(2026, 10, 25, 22, 59, tzinfo=berlin).astimezone(UTC), dates, TENTH).days == 1
    assert judge_lateness(datetime(2026, 10, 25, 23, 59, tzinfo=berlin).astimezone(UTC), dates, TENTH).days == 2


EARLY = DUE - 5 * DAY


@pytest.mark.parametrize(
    ("handed_in_at", "voids", "counts_as"),
    [
        (DUE + HOUR, [], DUE + HOUR),
        # Handed in in time, told of our fault after it was due: what comes within two days is in time too.
        (DUE + 5 * HOUR, [(DUE - HOUR, DUE + 2 * HOUR)], DUE - HOUR),
        (DUE + 2 * HOUR + 2 * DAY, [(DUE - HOUR, DUE + 2 * HOUR)], DUE - HOUR),
        (DUE + 2 * HOUR + 2 * DAY + SECOND, [(DUE - HOUR, DUE + 2 * HOUR)], DUE + 2 * HOUR + 2 * DAY + SECOND),
        # Told an hour before it was due: too late to mend anything, so the two days hold as well.
        (DUE + DAY, [(DUE - 2 * HOUR, DUE - HOUR)], DUE - 2 * HOUR),
        # Told long before it was due: there was time.
        (DUE + HOUR, [(EARLY, EARLY + HOUR)], DUE + HOUR),
        # Handed in again before we had said anything.
        (DUE + HOUR, [(DUE - HOUR, DUE + 9 * HOUR)], DUE - HOUR),
        # Two faults of ours in a row: the first instant counts.
        (DUE + 3 * DAY, [(DUE - HOUR, DUE + HOUR), (DUE + 2 * DAY, DUE + 2 * DAY + HOUR)], DUE - HOUR),
        # The second one came too late for the first: its own instant counts.
        (DUE + 4 * DAY, [(DUE - HOUR, DUE), (DUE + 3 * DAY, DUE + 3 * DAY + HOUR)], DUE + 3 * DAY),
        # The order in which they are told does not matter, and what came later has no say.
        (DUE + 3 * DAY, [(DUE + 2 * DAY, DUE + 2 * DAY + HOUR), (DUE - HOUR, DUE + HOUR)], DUE - HOUR),
        (DUE + HOUR, [(DUE + 2 * HOUR, DUE + 3 * HOUR)], DUE + HOUR),
        # Late already: our fault makes it no later, and no earlier.
        (DUE + 2 * DAY, [(DUE + DAY, DUE + DAY + HOUR)], DUE + DAY),
    ],
)
def test_what_we_voided_makes_nobody_late(
    handed_in_at: datetime, voids: list[tuple[datetime, datetime]], counts_as: datetime
) -> None:
    assert count_as_of(handed_in_at, [Void(*void) for void in voids]) == counts_as


@pytest.mark.parametrize(
    ("now", "voids", "why"),
    [
        (OPENS - SECOND, [], "not-open-yet"),
        (OPENS, [], ""),
        (DUE + DAY, [], ""),  # late, and still taken
        (CLOSES, [], ""),
        (CLOSES + SECOND, [], "closed"),
        (CLOSES + HOUR, [Void(CLOSES - HOUR, CLOSES)], ""),
        (CLOSES + 3 * DAY, [Void(CLOSES - HOUR, CLOSES)], "closed"),
    ],
)
def test_the_gate_opens_and_closes_but_not_before_whom_we_failed(now: datetime, voids: list[Void], why: str) -> None:
    assert is_untimely(now, Dates(OPENS, DUE, CLOSES), voids) == why


@pytest.mark.parametrize(
    ("several", "kindest"),
    [
        ([], Dates()),
        ([Dates(OPENS, DUE, CLOSES)], Dates(OPENS, DUE, CLOSES)),
        (
            [Dates(OPENS, DUE, CLOSES), Dates(OPENS - DAY, DUE - DAY, CLOSES + DAY)],
            Dates(OPENS - DAY, DUE, CLOSES + DAY),
        ),
        ([Dates(OPENS, DUE, CLOSES), Dates()], Dates()),  # one cohort without dates leaves all the time there is
        ([Dates(None, DUE), Dates(OPENS, None, CLOSES, True)], Dates(None, None, None, True)),
    ],
)
def test_of_several_cohorts_the_kindest_dates_count(several: list[Dates], kindest: Dates) -> None:
    assert choose_kindest(several) == kindest
