"""Skill levels follow from evidence by rules that fit in a table."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from people.employers.levels import Evidence, derive_levels
from people.learners.aid import Aid, describe_aid


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


@pytest.mark.parametrize(
    ("aid", "noted", "level"),
    [
        (Aid(), "", 3),
        (Aid(hints=1, of=3), "", 3),  # a nudge is free
        (Aid(hints=2, of=3), "with 2 of 3 hints", 3),
        (Aid(hints=3, of=3), "with 3 of 3 hints", 2),  # the last one says nearly everything
        (Aid(hints=2, of=2), "with 2 of 2 hints", 2),
        (Aid(hints=1, of=1), "", 3),  # where there is but one, it is the nudge
        (Aid(reference=True), "after reading the reference", 2),
        (Aid(hints=2, of=3, reference=True), "after reading the reference", 2),
    ],
)
def test_what_helped_is_named_and_what_gave_it_away_shows_level_2_at_most(aid: Aid, noted: str, level: int) -> None:
    steps = [evidence(1), evidence(2), replace(evidence(3), aid=aid)]
    [skill] = derive_levels(["clean"], steps)
    assert (describe_aid(aid), skill.level, len(skill.evidence)) == (noted, level, 3)


def test_a_level_that_was_given_away_is_shown_again_by_another_check() -> None:
    helped = replace(evidence(3), aid=Aid(hints=3, of=3))
    elsewhere = replace(evidence(3), project="Other")
    [skill] = derive_levels(["clean"], [evidence(1), evidence(2), helped, elsewhere])
    assert skill.level == 3


def test_a_regression_suspends_a_level_without_hiding_its_evidence() -> None:
    [skill] = derive_levels(["clean"], [evidence(1), evidence(2), evidence(3, regressed=True)])
    assert (skill.level, skill.suspended, len(skill.evidence)) == (2, True, 3)


def test_a_skill_that_nothing_shows_is_listed_at_zero() -> None:
    assert [(s.skill, s.level) for s in derive_levels(["clean", "serve"], [evidence(1)])] == [
        ("clean", 1),
        ("serve", 0),
    ]
