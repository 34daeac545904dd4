"""Skill levels follow from evidence by rules that fit in a table."""

from datetime import UTC, datetime

import pytest

from people.employers.levels import Evidence, derive_levels


def evidence(level: int, regressed: bool = False) -> Evidence:
    return Evidence(
        "clean", level, f"check {level}", "Tiny", "clean", 1, datetime(2026, 1, level, tzinfo=UTC), regressed
    )


@pytest.mark.parametrize(
    ("shown", "level"),
    [
        ([], 0),
        ([1], 1),
        ([2], 2),  # what meets the specification runs as well
        ([1, 2, 3], 3),
        ([3], 0),  # no level without the lower ones
        ([2, 4], 2),
        ([1, 2, 3, 4], 4),
        ([1, 2, 3, 4, 5], 4),  # level 5 needs a person
    ],
)
def test_a_level_holds_only_if_the_lower_ones_do(shown: list[int], level: int) -> None:
    [skill] = derive_levels(["clean"], [evidence(step) for step in shown])
    assert skill.level == level


def test_a_regression_suspends_a_level_without_hiding_its_evidence() -> None:
    [skill] = derive_levels(["clean"], [evidence(1), evidence(2), evidence(3, regressed=True)])
    assert (skill.level, skill.suspended, len(skill.evidence)) == (2, True, 3)


def test_a_skill_that_nothing_shows_is_listed_at_zero() -> None:
    assert [(s.skill, s.level) for s in derive_levels(["clean", "serve"], [evidence(1)])] == [
        ("clean", 1),
        ("serve", 0),
    ]
