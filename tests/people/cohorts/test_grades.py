"""What work is worth, as tables: points, lateness, and which of several submissions counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from people.cohorts.grades import Judged, Work, grade, weigh
from people.cohorts.lateness import Dates, Policy, Void

DUE = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DATES = Dates(due_at=DUE)
TENTH = Policy(percent=10)


def judged(number: int, held: int, points: int = 10, after: timedelta = -HOUR, outcome: str = "") -> Judged:
    """So many points, handed in so long after it was due; passed if all hold and nothing else is said."""
    return Judged(number, number, DUE + after, outcome or ("passed" if held == points else "failed"), held, points)


@pytest.mark.parametrize(
    ("one", "machine"),
    [
        (judged(1, 10), 100.0),
        (judged(1, 7), 70.0),
        (judged(1, 1, 3), 33.33),
        (judged(1, 2, 3), 66.67),
        # Passed, though an optional check does not hold.
        (judged(1, 9, outcome="passed"), 90.0),
        # Never came to its own milestone.
        (judged(1, 0, 0, outcome="failed"), 0.0),
        (judged(1, 0, 0, outcome="broken"), 0.0),
        # Only checks that give no points.
        (judged(1, 0, 0, outcome="passed"), 100.0),
    ],
)
def test_the_machine_gives_the_points_that_held_of_all(one: Judged, machine: float) -> None:
    assert one.machine == machine


@pytest.mark.parametrize(
    ("after", "policy", "days", "kept", "adjusted"),
    [
        (-HOUR, TENTH, 0, 100, 80.0),
        (0 * HOUR, TENTH, 0, 100, 80.0),
        (HOUR, TENTH, 1, 90, 72.0),
        (DAY, TENTH, 1, 90, 72.0),
        (DAY + HOUR, TENTH, 2, 80, 64.0),
        (11 * DAY, TENTH, 11, 0, 0.0),
        (2 * DAY, Policy(10, 2), 2, 80, 64.0),
        (3 * DAY, Policy(10, 2), 3, 0, 0.0),
        (3 * DAY, Policy(), 3, 100, 80.0),
    ],
)
def test_lateness_takes_its_part(after: timedelta, policy: Policy, days: int, kept: int, adjusted: float) -> None:
    found = grade(Work([judged(1, 8, after=after)]), DATES, policy)
    assert found is not None
    told = (found.machine, found.lateness.days, found.lateness.kept_percent, found.adjusted)
    assert told == (80.0, days, kept, adjusted)


@pytest.mark.parametrize(
    ("several", "counts"),
    [
        # Trying again never costs what was there.
        ([judged(1, 8), judged(2, 3)], 1),
        ([judged(1, 3), judged(2, 8)], 2),
        # Of equals what came first.
        ([judged(1, 8), judged(2, 8)], 1),
        # Better, but so late that it is worth less.
        ([judged(1, 8), judged(2, 10, after=3 * DAY)], 1),
        ([judged(1, 8), judged(2, 10, after=DAY)], 2),
        # Of equals a pass.
        ([judged(1, 9), judged(2, 9, outcome="passed")], 2),
        # A pass that counts for nothing any more takes away no part that was handed in in time.
        ([judged(1, 5), judged(2, 10, after=20 * DAY)], 1),
        ([judged(1, 0, outcome="broken"), judged(2, 10, after=20 * DAY)], 2),
    ],
)
def test_what_is_worth_most_counts(several: list[Judged], counts: int) -> None:
    for work in (several, several[::-1]):
        found = grade(Work(work), DATES, TENTH)
        assert found is not None
        assert found.judged.number == counts


@pytest.mark.parametrize(
    ("several", "told"),
    [
        # (number, machine, override, counts, passed)
        ([replace(judged(1, 6), word="passed")], (1, 60.0, 100.0, 100.0, True)),
        ([replace(judged(1, 10), word="failed")], (1, 100.0, 0.0, 0.0, False)),
        ([replace(judged(1, 6), moved=2)], (1, 60.0, 80.0, 80.0, False)),
        ([replace(judged(1, 6), moved=-2)], (1, 60.0, 40.0, 40.0, False)),
        # What a word on a check takes, a better submission of the same learner may give.
        ([replace(judged(1, 6), moved=-2), judged(2, 5)], (2, 50.0, None, 50.0, False)),
        # The word on a verdict goes before those on its checks.
        ([replace(judged(1, 6), moved=2, word="failed")], (1, 60.0, 0.0, 0.0, False)),
        # Of a check in a milestone before it there are no points here to move.
        ([replace(judged(1, 0, 0, outcome="failed"), moved=1)], (1, 0.0, None, 0.0, False)),
        # Taken back with what was before it, and not with what comes after.
        ([judged(1, 10), replace(judged(2, 10), word="failed")], (1, 100.0, 0.0, 0.0, False)),
        ([replace(judged(1, 10), word="failed"), judged(2, 7)], (2, 70.0, None, 70.0, False)),
        # Late is late.
        ([replace(judged(1, 6, after=DAY), word="passed")], (1, 60.0, 100.0, 90.0, True)),
    ],
)
def test_a_leaders_word_stands_beside_the_machines(several: list[Judged], told: tuple[object, ...]) -> None:
    found = grade(Work(several), DATES, TENTH)
    assert found is not None
    assert (found.judged.number, found.machine, found.override, found.counts, found.passed) == told


def test_what_we_voided_makes_nobody_late() -> None:
    late = judged(2, 10, after=5 * HOUR)
    found = grade(Work([late], [Void(DUE - HOUR, DUE + HOUR)]), DATES, TENTH)
    assert found is not None
    assert (found.lateness.days, found.adjusted) == (0, 100.0)


def test_nothing_judged_is_no_grade() -> None:
    assert grade(Work([], [Void(DUE, DUE)]), DATES, TENTH) is None


@pytest.mark.parametrize(
    ("scores", "weights", "total"),
    [
        ({"a/x": 100.0, "a/y": 50.0}, {"a/x": 1, "a/y": 1}, 75.0),
        ({"a/x": 100.0, "a/y": 50.0}, {"a/x": 3, "a/y": 1}, 87.5),
        # What was not handed in is worth nothing, unless it weighs nothing.
        ({"a/x": 100.0}, {"a/x": 1, "a/y": 2}, 33.33),
        ({"a/x": 100.0}, {"a/x": 1, "a/y": 0}, 100.0),
        ({}, {"a/x": 1}, 0.0),
        ({}, {}, None),
        ({"a/x": 100.0}, {"a/x": 0}, None),
    ],
)
def test_the_total_is_the_weighted_mean(
    scores: dict[str, float], weights: dict[str, float], total: float | None
) -> None:
    assert weigh(scores, weights) == total
