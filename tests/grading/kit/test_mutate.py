"""Each operator makes its one mistake, and none where it cannot be made."""

import ast

import pytest

from grading.kit.mutate import OPERATORS, find_mistakes, make_mistake

CASES = {
    "compare-off-by-one": ("late = seconds < window", "late = seconds <= window"),
    "turn-condition": ("x = a if known else b", "x = a if not known else b"),
    "swap-and-or": ("rows = (a > 1) & b", "rows = (a > 1) | b"),
    "turn-sum": ("start = now - window", "start = now + window"),
    "mistake-unit": ("euros = cents / 100", "euros = cents / 1000"),
    "widen-window": ("mean = rolled(28)", "mean = rolled(29)"),
    "swap-join": ("both = a.merge(b, how='left')", "both = a.merge(b, how='inner')"),
    "look-ahead": ("before = sales.shift(1)", "before = sales.shift(-1)"),
    "remove-filter": ("known = rows[rows.split == 'train']", "known = rows"),
    "keep-doubles": ("once = rows.drop_duplicates('id')", "once = rows"),
    "ignore-nulls": ("age = age.fillna(0)", "age = age"),
    "flip-order": ("rows = rows.sort_values('at')", "rows = rows.sort_values('at', ascending=False)"),
    "shuffle-labels": ("model.fit(x, y)", "model.fit(x, y[::-1])"),
    "predict-constant": ("p = 1 / (1 + np.exp(-z))", "p = 1 / (1 + np.exp(-z)) * 0 + 0.5"),
    "hard-code-output": ("rows = rows.assign(hour=at.hour)", "rows = rows.assign(hour=0)"),
    "drop-class": ("KNOWN = ('a', 'b', 'c')", "KNOWN = ('a', 'b')"),
    "forget-step": ("scale[scale == 0] = 1.0", "pass"),
}


def apply(operator: str, source: str) -> list[str]:
    places = [place for name, place in find_mistakes(source) if name == operator]
    return [make_mistake(source, operator, place).source.strip() for place in places]


def test_every_operator_is_tried() -> None:
    assert set(CASES) == set(OPERATORS)


@pytest.mark.parametrize("operator", CASES)
def test_an_operator_makes_its_mistake_once_and_leaves_other_code_alone(operator: str) -> None:
    right, wrong = CASES[operator]
    assert wrong in apply(operator, right)
    assert apply(operator, "print(name)") == []


@pytest.mark.parametrize(
    ("operator", "right", "wrong"),
    [
        ("look-ahead", "n = np.searchsorted(a, b)", "n = np.searchsorted(a, b, side='right')"),
        ("look-ahead", "n = np.searchsorted(a, b, side='left')", "n = np.searchsorted(a, b, side='right')"),
        ("look-ahead", "r = pd.merge_asof(a, b, direction='backward')", "r = pd.merge_asof(a, b, direction='forward')"),
        ("look-ahead", "rates = rates.ffill()", "rates = rates.bfill()"),
        ("remove-filter", "x = [a for a in b if a > 1]", "x = [a for a in b]"),
        ("keep-doubles", "ids = len(set(rows))", "ids = len(list(rows))"),
        ("shuffle-labels", "y = rows['y'].to_numpy()", "y = rows['y'].to_numpy()[::-1]"),
        ("flip-order", "x = sorted(rows, key=at)", "x = sorted(rows, key=at, reverse=True)"),
    ],
)
def test_an_operator_knows_several_ways_to_say_it(operator: str, right: str, wrong: str) -> None:
    assert wrong in apply(operator, right)


def test_types_refusals_and_the_command_line_are_left_alone() -> None:
    source = """
def main(days: "int | None" = None) -> "tuple[int, int, int]":
    parser.add_argument("--days", default=30)
    raise ValueError(f"{days + 1} of 30")

if __name__ == "__main__":
    main()
"""
    assert list(find_mistakes(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "BINS = 10",
        "EVENING = (18, 22)",
        "Fee = Field(gt=0, le=10_000)",
        "read(url, timeout=30)",
        "np.maximum(share, 0.001)",
    ],
)
def test_a_setting_has_no_neighbour_that_is_wrong_and_a_bound_is_chosen(source: str) -> None:
    assert list(find_mistakes(source)) == []


def test_a_named_unit_is_no_setting() -> None:
    assert apply("mistake-unit", "HOUR = 3600") == ["HOUR = 36000"]


def test_a_mistake_says_where_it_is_and_what_differs() -> None:
    mistake = make_mistake("a = 1\n# why\nb = a < c\n", "compare-off-by-one", _place("a = 1\n\nb = a < c\n"), "p.py")
    ast.parse(mistake.source)
    assert mistake.line == 3
    assert "-b = a < c\n+b = a <= c" in mistake.diff
    with pytest.raises(ValueError, match="cannot be used"):
        make_mistake("a = 1", "swap-join", 0)


def _place(source: str) -> int:
    return next(place for name, place in find_mistakes(source) if name == "compare-off-by-one")
