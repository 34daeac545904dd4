"""What a check is, and what is said when it does not hold."""

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from grading.kit import AuthorFault, DoesNotHold, Produced, Truth, check, collect_checks, expect, run_checks

NOTHING = Produced(Path("/nowhere"))
NO_TRUTH = Truth(Path("/nowhere"))

MODULE = '''
from grading.kit import check, expect

@check(skills=["clean"], level=2, points=3)
def second_letter_comes_first(produced, truth):
    """Z comes before A here.

    Only the first paragraph is shown.
    """
    expect(True, "never said")

@check(skills=["clean"], gate=True)
def a_gate(produced, truth):
    """The gate is open."""
    expect(OPEN, "The gate is shut: 3 rows lack a key.", expected=0, found=3, details=[{"kind": "cents", "rows": 3}])

@check(skills=["clean"])
def behind_the_gate(produced, truth):
    """What lies behind it."""
    expect(1 / DIVISOR > 0, "no")
'''


def make_module(**names: object) -> ModuleType:
    module = ModuleType("written_by_an_author")
    vars(module).update(names)
    exec(MODULE, vars(module))
    return module


def test_checks_are_asked_in_file_order_and_only_those_of_the_module() -> None:
    module = make_module(OPEN=True, DIVISOR=1)
    borrowed = make_module(OPEN=True, DIVISOR=1)
    borrowed.__name__ = "elsewhere"
    vars(module)["borrowed"] = check(skills=["x"])(expect_nothing)
    assert [c.name for c in collect_checks(module)] == ["second_letter_comes_first", "a_gate", "behind_the_gate"]


def expect_nothing(produced: Produced, truth: Truth) -> None:
    """Belongs to this test file."""


def test_the_first_paragraph_of_the_docstring_is_the_question() -> None:
    first = run_checks(make_module(OPEN=True, DIVISOR=1), NOTHING, NO_TRUTH)[0]
    assert (first.question, first.answer, first.points, first.level) == ("Z comes before A here.", "held", 3, 2)


def test_what_lies_behind_a_shut_gate_is_not_asked() -> None:
    answers = run_checks(make_module(OPEN=False, DIVISOR=0), NOTHING, NO_TRUTH)
    assert [a.answer for a in answers] == ["held", "failed", "not asked"]
    assert answers[1].sentence == "The gate is shut: 3 rows lack a key."
    assert (answers[1].expected, answers[1].found) == ("0", "3")
    assert answers[1].details == ({"kind": "cents", "rows": 3},)
    assert answers[2].sentence == "Not asked until this holds: The gate is open."


def test_any_other_exception_is_the_authors_fault_and_names_the_check() -> None:
    with pytest.raises(AuthorFault, match="behind_the_gate") as fault:
        run_checks(make_module(OPEN=True, DIVISOR=0), NOTHING, NO_TRUTH)
    assert "ZeroDivisionError" in fault.value.trace


@pytest.mark.parametrize("wrong", [{"skills": []}, {"skills": "clean"}, {"skills": ["clean"], "level": 6}])
def test_a_check_without_skill_or_with_an_unknown_level_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"skill|level"):
        check(**wrong)  # type: ignore[arg-type]


def test_a_check_without_a_docstring_is_refused() -> None:
    with pytest.raises(ValueError, match="docstring"):
        check(skills=["clean"])(lambda produced, truth: None)  # type: ignore[arg-type]


def test_numpy_truth_counts_and_details_become_plain_values() -> None:
    expect(np.bool_(True), "not said")
    with pytest.raises(DoesNotHold) as no:
        expect(np.bool_(False), "said", details=[{"share": np.float64(0.123456), "n": np.int64(3), "x": float("nan")}])
    assert no.value.details == [{"share": 0.1235, "n": 3, "x": "nan"}]


def test_sentences_are_cut_and_stripped_of_what_a_terminal_would_obey() -> None:
    with pytest.raises(DoesNotHold) as no:
        expect(False, "column \x1b[31mred\x1b[0m \u202eevil\n\tend" + "x" * 5000, details=[{"a": "b\x00"}] * 50)
    assert not {"\x1b", "\u202e", "\n"} & set(no.value.sentence)
    assert len(no.value.sentence) == 2000
    assert len(no.value.details) == 20
    assert no.value.details[0] == {"a": "b�"}
