"""Two runs of one code on changed inputs, laid side by side."""

import pandas as pd

from grading.kit import burst_cut, differing_answers, differing_columns, time_travel


def moment(text: str) -> pd.Timestamp:
    return pd.Timestamp(f"2024-03-01T{text}Z")


NOW = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d"],
        "at": [moment("10:00"), moment("10:10"), moment("10:20"), moment("12:00")],
        "group": ["x", "x", "x", "y"],
        "count": [1, 2, 3, 0],
        "word": ["p", "q", "r", "s"],
        "mean": [0.5, None, 0.7, 0.1],
    }
)


def test_equal_tables_in_another_order_do_not_differ() -> None:
    assert differing_columns(NOW, NOW.iloc[::-1], "id").same


def test_one_differing_cell_names_its_column_and_share() -> None:
    then = NOW.assign(count=[1, 2, 4, 0], word=["p", "Q", "R", "s"])
    assert differing_columns(NOW, then, "id").columns == {"word": 0.5, "count": 0.25}


def test_the_last_bits_of_a_sum_are_forgiven_and_no_more() -> None:
    assert differing_columns(NOW, NOW.assign(mean=NOW["mean"] * (1 + 1e-9)), "id").same
    assert list(differing_columns(NOW, NOW.assign(mean=NOW["mean"] * (1 + 1e-5)), "id").columns) == ["mean"]


def test_missing_rows_and_columns_are_told_apart_from_differing_ones() -> None:
    found = differing_columns(NOW, NOW[NOW.id != "a"].drop(columns="word"), "id")
    assert (found.rows, found.missing, found.columns, found.absent) == (3, 1, {}, ("word",))


def test_a_number_that_became_a_text_differs_everywhere() -> None:
    assert differing_columns(NOW, NOW.assign(count=list("1234")), "id").columns == {"count": 1.0}


def test_the_cut_lies_inside_a_burst_and_before_the_limit() -> None:
    assert burst_cut(NOW, group="group", time="at", before=moment("11:00")) == moment("10:20")
    assert burst_cut(NOW, group="group", time="at", before=moment("10:15")) == moment("10:10")
    assert burst_cut(NOW, group="group", time="at", before=moment("10:05")) == moment("10:05")


def test_only_rows_before_the_cut_have_to_stay_the_same() -> None:
    then = NOW[NOW["at"] < moment("10:20")].assign(count=[1, 9])
    found = time_travel(NOW, then, key="id", time="at", cut=moment("10:20"), columns=["count"])
    assert (found.rows, found.missing, found.columns) == (2, 0, {"count": 0.5})


def test_answers_that_are_missing_count_as_other_answers() -> None:
    first = pd.Series([0.1, 0.2, 0.3], index=["a", "b", "c"])
    second = pd.Series([0.3, 0.1000001, 0.9], index=["c", "a", "z"])
    assert differing_answers(first, second, 1e-3) == 1
    assert differing_answers(first, second, 1e-9) == 2
