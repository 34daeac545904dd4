"""Skill levels follow from evidence by rules that fit in a table: each rule has a row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from people.employers.levels import Evidence, Lack, Part, derive_levels
from people.learners.aid import Aid, describe_aid

GIVEN_AWAY, NUDGED, READ = Aid(hints=3, of=3), Aid(hints=2, of=3), Aid(reference=True)
ALONE_OF_A_TEAM, ONE_OF_A_TEAM, NOT_IN_IT = Part(4, 4, 1), Part(1, 9, 3), Part(0, 9, 3)
BUSINESS, WRITING = Lack.SECOND_BUSINESS, Lack.COUNTERSIGN


def show(level: int, **more: Any) -> Evidence:
    at = datetime(2026, 1, level, tzinfo=UTC)
    told = {"slug": "tiny", "domain": "plain", **more}
    return Evidence("clean", level, f"check {level}", "Tiny", "clean", 1, at, **told)


def shows(*levels: int, **more: Any) -> list[Evidence]:
    return [show(level, **more) for level in levels]


FOUR, ELSEWHERE = shows(1, 2, 3, 4), {"domain": "shops"}
# The rule; the evidence; whether a countersign stands; the level, the level without regressions, what lacks of level 5.
TABLE: dict[str, tuple[Sequence[Evidence], bool, int, int, tuple[Lack, ...]]] = {
    "nothing shows nothing": ([], False, 0, 0, ()),
    "what meets the specification runs as well": (shows(2), False, 2, 2, ()),
    "a level stands on those below": (shows(1, 2, 3), False, 3, 3, ()),
    "no level without the one below": (shows(3), False, 0, 0, ()),
    "no level over a gap": (shows(2, 4), False, 2, 2, ()),
    "regressed evidence suspends its level": ([*shows(1, 2), show(3, regressed=True)], False, 2, 3, ()),
    "a regression below suspends all above": ([*shows(1, 3, 4), show(2, regressed=True)], False, 1, 4, ()),
    "other evidence keeps what regressed": ([*shows(1, 2, 3), show(3, regressed=True)], False, 3, 3, ()),
    "some hints are named and cost nothing": ([*shows(1, 2), show(3, aid=NUDGED)], False, 3, 3, ()),
    "the last hint shows level 2 at most": ([*shows(1, 2), show(3, aid=GIVEN_AWAY)], False, 2, 2, ()),
    "so does the reference, read": ([show(1), show(4, aid=READ)], False, 2, 2, ()),
    "and so does what the reference made before": ([show(1), show(3, lent=("ingest",))], False, 2, 2, ()),
    "another check without a loan shows more": ([*shows(1, 2, 3), show(3, lent=("ingest",))], False, 3, 3, ()),
    "a part in a team's work shows it": ([*shows(1, 2), show(3, part=ONE_OF_A_TEAM)], False, 3, 3, ()),
    "so does all of it": ([*shows(1, 2), show(3, part=ALONE_OF_A_TEAM)], False, 3, 3, ()),
    "no part in it shows nothing": ([*shows(1, 2), show(3, part=NOT_IN_IT)], False, 2, 2, ()),
    "a leader's word shows nothing": ([*shows(1, 2), show(3, word="held", by="Dana")], False, 2, 2, ()),
    "level 4 lacks a business and a countersign": (FOUR, False, 4, 4, (BUSINESS, WRITING)),
    "no check gives level 5": (shows(1, 2, 3, 4, 5), False, 4, 4, (BUSINESS, WRITING)),
    "a countersign alone gives no level 5": (FOUR, True, 4, 4, (BUSINESS,)),
    "nor does a second business alone, nor a countersign withdrawn": (
        [*FOUR, show(2, **ELSEWHERE)], False, 4, 4, (WRITING,),
    ),
    "a second business at level 1 is none": ([*FOUR, show(1, **ELSEWHERE)], True, 4, 4, (BUSINESS,)),
    "nor on a loan from a word": ([*FOUR, show(2, word="passed", **ELSEWHERE)], True, 4, 4, (BUSINESS,)),
    "nor regressed, which suspends level 5": (
        [*FOUR, show(2, regressed=True, **ELSEWHERE)], True, 4, 5, (BUSINESS,),
    ),
    "level 4, a second business and a countersign make level 5": ([*FOUR, show(2, **ELSEWHERE)], True, 5, 5, ()),
    "another project is another business": ([*FOUR, show(2, slug="other")], True, 5, 5, ()),
    "level 4 that is suspended suspends level 5": (
        [*shows(1, 2, 3), show(4, regressed=True), show(2, **ELSEWHERE)], True, 3, 5, (),
    ),
    "a countersign lifts nothing below level 4": ([*shows(1, 2, 3), show(2, **ELSEWHERE)], True, 3, 3, ()),
}  # fmt: skip


@pytest.mark.parametrize(("shown", "countersigned", "level", "was", "lacks"), TABLE.values(), ids=TABLE)
def test_levels_follow_from_evidence(
    shown: Sequence[Evidence], countersigned: bool, level: int, was: int, lacks: tuple[Lack, ...]
) -> None:
    [skill] = derive_levels(["clean"], shown, {"clean"} if countersigned else {"serve"})
    assert (skill.level, skill.was, skill.lacks, skill.suspended) == (level, was, lacks, level < was)
    assert len(skill.evidence) == len(shown)


@pytest.mark.parametrize(
    ("aid", "noted", "level"),
    [
        (Aid(), "", 3),
        (Aid(hints=1, of=3), "", 3),  # a nudge is free
        (NUDGED, "with 2 of 3 hints", 3),
        (GIVEN_AWAY, "with 3 of 3 hints", 2),  # the last one says nearly everything
        (Aid(hints=2, of=2), "with 2 of 2 hints", 2),
        (Aid(hints=1, of=1), "", 3),  # where there is but one, it is the nudge
        (READ, "after reading the reference", 2),
        (Aid(hints=2, of=3, reference=True), "after reading the reference", 2),
    ],
)
def test_what_helped_is_named(aid: Aid, noted: str, level: int) -> None:
    [skill] = derive_levels(["clean"], [*shows(1, 2), show(3, aid=aid)])
    assert (describe_aid(aid), skill.level) == (noted, level)


def test_a_skill_that_nothing_shows_is_listed_at_zero() -> None:
    found = derive_levels(["clean", "serve"], shows(1))
    assert [(one.skill, one.level) for one in found] == [("clean", 1), ("serve", 0)]


def test_of_two_passes_of_a_check_the_one_that_shows_more_is_the_evidence() -> None:
    plain, lent = show(3), show(3, lent=("ingest",))
    assert min(lent, plain, key=lambda item: item.weight) is plain
    assert min(replace(plain, regressed=True), lent, key=lambda item: item.weight) is lent
