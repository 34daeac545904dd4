"""What a trial of copied models says: for each mark how many reach it, near and far, and how many reach all."""

from grading.copies import Copy, describe_copies

SKILL, LEVEL = "skill_is_enough", "the_level_is_sound"


def test_each_mark_is_told_by_distance_and_then_all_together() -> None:
    near = Copy(1, 2, 1, {SKILL: 0.8, LEVEL: 0.2}, frozenset({SKILL}))
    far = Copy(1, 3, 4, {SKILL: 0.1, LEVEL: 0.9}, frozenset({LEVEL}))
    both = Copy(2, 3, 4, {SKILL: 0.71, LEVEL: 0.8}, frozenset({SKILL, LEVEL}))
    assert describe_copies([far, near, both]).splitlines() == [
        "Copied models that reach the mark of skill_is_enough: 2 of 3 (at most 98.3%).",
        "  1 switch apart: 1 of 1, best 0.80",
        "  4 switches apart: 1 of 2, best 0.71",
        "Copied models that reach the mark of the_level_is_sound: 2 of 3 (at most 98.3%).",
        "  1 switch apart: 0 of 1, best 0.20",
        "  4 switches apart: 2 of 2, best 0.90",
        "Copied models that reach all 2 marks: 1 of 3 (at most 86.5%).",
    ]


def test_a_model_that_does_not_run_elsewhere_reaches_nothing() -> None:
    assert describe_copies([Copy(1, 2, None, {SKILL: None}, frozenset())]).splitlines() == [
        "Copied models that reach the mark of skill_is_enough: 0 of 1 (at most 95.0%).",
        "  unknown distance: 0 of 1, nothing to measure",
    ]
