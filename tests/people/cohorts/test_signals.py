"""Signals are sentences: each rings from its threshold on, and not when it is switched off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership, Role
from people.cohorts.signals import (
    Due,
    Facts,
    Spent,
    Streak,
    Thresholds,
    count_streak,
    list_signals,
    read_thresholds,
    set_thresholds,
)
from people.learners.refusals import Refusal

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OFF = Thresholds(None, None, False, None)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def due(**length: float) -> Due:
    return Due("Watch", "Clean", NOW + timedelta(**length))


def streak(times: int, question: str = "Each is one row.") -> Streak:
    return Streak("Watch", "Clean", question, times)


FRESH = Facts(joined_at=ago(days=1), last_at=ago(hours=1))


@pytest.mark.parametrize(
    ("facts", "thresholds", "expected"),
    [
        (FRESH, Thresholds(), []),
        (replace(FRESH, last_at=ago(days=6, hours=23)), Thresholds(), []),
        (replace(FRESH, last_at=ago(days=7)), Thresholds(), ["Handed in nothing for 7 days."]),
        (replace(FRESH, last_at=ago(days=1)), Thresholds(idle_days=1), ["Handed in nothing for 1 day."]),
        (replace(FRESH, last_at=ago(days=9), is_finished=True), Thresholds(), []),
        (replace(FRESH, last_at=ago(days=9)), OFF, []),
        (Facts(joined_at=ago(days=8)), Thresholds(), ["Joined 8 days ago and has handed in nothing."]),
        (replace(FRESH, streaks=[streak(2)]), Thresholds(), []),
        (
            replace(FRESH, streaks=[streak(3), streak(5, "No row is lost.")]),
            Thresholds(),
            ["Watch, Clean: the same check did not hold 5 times in a row: No row is lost."],
        ),
        (replace(FRESH, streaks=[streak(9)]), replace(Thresholds(), failed_in_a_row=None), []),
        (
            replace(FRESH, spent=[Spent("Watch", "Clean", NOW + timedelta(seconds=61))]),
            Thresholds(),
            ["Watch, Clean: all attempts are used up. One comes back in 2 minutes."],
        ),
        (replace(FRESH, spent=[Spent("Watch", "Clean", None)]), OFF, []),
        (replace(FRESH, dues=[due(days=3, seconds=1)]), Thresholds(), []),
        (replace(FRESH, dues=[due(days=3)]), Thresholds(), ["Watch, Clean: is due in 3 days and has not passed."]),
        (replace(FRESH, dues=[due(hours=5)]), Thresholds(), ["Watch, Clean: is due in 5 hours and has not passed."]),
        (replace(FRESH, dues=[due(minutes=5)]), Thresholds(), ["Watch, Clean: is due in 1 hour and has not passed."]),
        (
            replace(FRESH, dues=[due(days=1), due(days=-2), due(days=30)]),
            Thresholds(),
            ["Watch, Clean: was due 2 days ago and has not passed. 1 other is late or close."],
        ),
        (replace(FRESH, dues=[due(days=-2)]), OFF, []),
        (
            Facts(ago(days=30), ago(days=30), streaks=[streak(4)], dues=[due(days=0)]),
            Thresholds(),
            [
                "Handed in nothing for 30 days.",
                "Watch, Clean: the same check did not hold 4 times in a row: Each is one row.",
                "Watch, Clean: is due in 1 hour and has not passed.",
            ],
        ),
    ],
)
def test_what_rings(facts: Facts, thresholds: Thresholds, expected: list[str]) -> None:
    assert [signal.sentence for signal in list_signals(facts, thresholds, NOW)] == expected


@pytest.mark.parametrize(
    ("failed", "since", "expected"),
    [
        ([], 0, 0),
        ([(9, {"a"}), (8, {"a", "b"}), (7, {"b"}), (6, {"a"})], 0, 2),
        ([(9, {"b"}), (8, {"a"})], 0, 0),
        ([(9, {"a"}), (8, {"a"}), (7, {"a"})], 8, 1),
    ],
)
def test_a_streak_ends_where_the_check_held_or_the_milestone_passed(
    failed: list[tuple[int, set[str]]], since: int, expected: int
) -> None:
    assert count_streak(failed, "a", since) == expected


@pytest.fixture
def leader(dana: User) -> Membership:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=[])
    return Membership.objects.create(cohort=cohort, user=dana, role=Role.OWNER)


def test_what_is_set_is_kept_and_written_down(leader: Membership) -> None:
    assert read_thresholds(leader.cohort) == Thresholds()
    set_thresholds(leader, {"idle_days": "14", "failed_in_a_row": "", "due_days": 0})
    leader.cohort.refresh_from_db()
    assert read_thresholds(leader.cohort) == Thresholds(14, None, False, 0)
    assert CohortLine.objects.get().verb == "set signals"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"idle_days": "0"}, "idle_days"),
        ({"idle_days": "-3"}, "idle_days"),
        ({"idle_days": "many"}, "idle_days"),
        ({"idle_days": "²"}, "idle_days"),
        ({"idle_days": 366}, "idle_days"),
        ({"idle_days": True}, "idle_days"),
        ({"idle_days": [7]}, "idle_days"),
        ({"failed_in_a_row": 1}, "failed_in_a_row"),
        ({"due_days": 61}, "due_days"),
        ({"attempts_used": "perhaps"}, "attempts_used"),
        ({"attempts_used": []}, "attempts_used"),
    ],
)
def test_what_is_no_threshold_is_refused_and_changes_nothing(
    leader: Membership, asked: Mapping[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        set_thresholds(leader, asked)
    assert refused.value.field == field
    leader.cohort.refresh_from_db()
    assert leader.cohort.signals == {}
    assert not CohortLine.objects.exists()
