"""The drawing of a crowd: one path for each state, every cell once, each state with a shape of its own."""

import pytest

from frontend.drawings import GAP, PITCH, SHAPES, draw, list_answer_keys, list_keys
from frontend.words import MILESTONE_STATES


def make(count: int, state: str = "passed") -> tuple[list[tuple[str, str]], list[list[str]]]:
    return [(f"u{number}", f"User {number}") for number in range(count)], [[state, "locked"]] * count


def test_a_thousand_learners_are_a_handful_of_paths() -> None:
    people, states = make(1000)
    states[3] = ["failed", "locked"]
    drawing = draw(people, states, 2)
    assert [state for state, _, _ in drawing.paths] == ["failed", "passed", "locked"]
    assert [path.count("M") for _, _, path in drawing.paths] == [1, 999, 1000]
    assert len(drawing.rows) == 1000
    assert drawing.rows[3] == ("u3", "User 3", "fl")
    assert 1.3 < drawing.width / drawing.height < 2.6


def test_rows_run_down_and_then_on_in_the_next_block() -> None:
    drawing = draw(*make(100), 2)
    [(_, _, path), _] = drawing.paths
    rows, block = drawing.rows_in_block, 2 * PITCH + GAP
    assert path.startswith(f"M0 0{SHAPES['passed'].path}M0 {PITCH}")
    assert f"M{block} 0{SHAPES['passed'].path}" in path
    assert f"M0 {rows * PITCH}" not in path
    assert f"M0 {(rows - 1) * PITCH}" in path


@pytest.mark.parametrize("count", [0, 1, 2, 61])
def test_any_number_can_be_drawn(count: int) -> None:
    drawing = draw(*make(count), 2)
    assert drawing.width > 0
    assert sum(path.count("M") for _, _, path in drawing.paths) == 2 * count


def test_every_state_has_a_shape_and_a_letter_of_its_own() -> None:
    assert set(MILESTONE_STATES) - {"superseded"} <= set(SHAPES)
    assert len({shape.letter for shape in SHAPES.values()}) == len(SHAPES)
    # What waits and what is judged share a sign: both will change by themselves.
    assert len({shape.path for shape in SHAPES.values()}) == len(SHAPES) - 1


def test_a_key_counts_what_is_there() -> None:
    keys = list_keys([["passed", "failed"], ["passed", "unenrolled"]])
    assert [(key.state, key.count) for key in keys] == [("failed", 1), ("passed", 2), ("unenrolled", 1)]
    answers = list_answer_keys([["held", "not asked"], ["unjudged", "held"]])
    assert [(key.state, str(key.word), key.count) for key in answers] == [
        ("passed", "Holds", 2),
        ("locked", "Not asked", 1),
        ("open", "Not judged yet", 1),
    ]
