"""A number against its mark: what is measured is told whether it holds or not."""

import json
from pathlib import Path
from types import ModuleType

import pytest

from grading.kit import DoesNotHold, Measured, Produced, Truth, at_least, at_most, read_mark, run_checks

ASKED = """
from grading.kit import at_least, check

@check(skills=["evaluate"])
def skill_is_enough(produced, truth):
    "Skill is enough."
    return at_least(SKILL, 0.65, "Too little skill.", margin=0.02)
"""


@pytest.mark.parametrize(
    ("skill", "said", "borderline"),
    [(0.65, "held", False), (0.64, "failed", True), (0.6, "failed", False), (float("nan"), "failed", False)],
)
def test_a_gate_tells_what_it_measured_held_or_not(skill: float, said: str, borderline: bool) -> None:
    module = ModuleType("asked")
    vars(module)["SKILL"] = skill
    exec(ASKED, vars(module))

    (answer,) = run_checks(module, Produced(Path("/nowhere")), Truth(Path("/nowhere")))

    assert (answer.answer, answer.mark, answer.borderline) == (said, 0.65, borderline)
    assert answer.measured == pytest.approx(skill, nan_ok=True)
    assert (answer.expected, answer.sentence) == (
        ("at least 0.65", "Too little skill.") if said == "failed" else ("", "")
    )


def test_at_most_is_the_mirror_of_at_least() -> None:
    assert at_most(0.1, 0.1, "no") == Measured(0.1, 0.1)
    with pytest.raises(DoesNotHold) as no:
        at_most(0.12, 0.1, "Too much.", margin=0.05, found="twelve per cent")
    assert (no.value.expected, no.value.found) == ("at most 0.1", "twelve per cent")
    assert no.value.measured == Measured(0.12, 0.1, borderline=True)
    with pytest.raises(DoesNotHold):
        at_least(0.1, 0.2, "Too little.")


def test_marks_are_read_from_the_package_of_the_checks(tmp_path: Path) -> None:
    checks = tmp_path / "model" / "checks.py"
    (tmp_path / "marks.json").write_text(json.dumps({"skill_is_enough": {"mark": 0.65, "seeds": 20}}))

    assert read_mark(str(checks), "skill_is_enough") == 0.65
    with pytest.raises(KeyError):
        read_mark(str(checks), "another")
