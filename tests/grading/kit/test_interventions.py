"""Each change of a table does what it says and nothing else."""

import pandas as pd
import pyarrow as pa
import pytest

from grading.kit import add_canary, double_rows, overlap, permute_column, remove_future, shuffle_rows

ROWS = pa.table(
    {
        "id": [f"t{n}" for n in range(100)],
        "y": pa.array([n % 2 for n in range(60)] + [None] * 40, pa.int8()),
        "at": pa.array([*pd.date_range("2024-01-01", periods=99, freq="D", tz="UTC").to_list(), None]),
        "kind": pa.array(["a", "b"] * 50).dictionary_encode(),
    }
)
TRAINING = [n < 60 for n in range(100)]


def test_a_permuted_column_keeps_its_values_and_leaves_the_others() -> None:
    changed = permute_column(ROWS, "y", seed=1, among=TRAINING)
    assert changed.schema == ROWS.schema
    assert changed.drop_columns("y") == ROWS.drop_columns("y")
    before, after = ROWS["y"].to_pylist(), changed["y"].to_pylist()
    assert before != after
    assert sorted(before[:60]) == sorted(after[:60])
    assert after[60:] == [None] * 40
    assert permute_column(ROWS, "y", seed=1, among=TRAINING) == changed
    with pytest.raises(ValueError, match="100 rows"):
        permute_column(ROWS, "y", seed=1, among=[True])


def test_a_canary_knows_the_answers_of_the_training_and_no_others() -> None:
    changed = add_canary(ROWS, "y", seed=1, training=TRAINING)
    assert changed.drop_columns("internal_note") == ROWS
    sung = changed["internal_note"]
    assert sung.type == pa.int8()
    assert sung.to_pylist()[:60] == ROWS["y"].to_pylist()[:60]
    assert set(sung.to_pylist()[60:]) == {0, 1}
    with pytest.raises(ValueError, match="no row"):
        add_canary(ROWS, "y", seed=1, training=[False] * 100)


def test_shuffled_rows_are_the_same_rows() -> None:
    whole = shuffle_rows(ROWS, seed=2)
    assert whole != ROWS
    assert whole.sort_by("id") == ROWS.sort_by("id")
    assert shuffle_rows(ROWS, seed=2, share=0.25).num_rows == 25
    assert shuffle_rows(ROWS, seed=2, share=0.0).num_rows == 1


def test_doubled_rows_are_there_once_or_twice() -> None:
    doubled = double_rows(ROWS, seed=3, share=0.5)
    counts = doubled.to_pandas().id.value_counts()
    assert (doubled.num_rows, set(counts), len(counts)) == (150, {1, 2}, 100)
    assert double_rows(ROWS, seed=3, share=0.0).num_rows == 100


def test_without_the_future_only_earlier_rows_are_left_and_those_without_a_time() -> None:
    past = remove_future(ROWS, time="at", cut=pd.Timestamp("2024-01-11", tz="UTC"))
    assert past["id"].to_pylist() == [*(f"t{n}" for n in range(10)), "t99"]


def test_overlap_is_the_share_of_hidden_rows_that_were_trained_on() -> None:
    train = pd.DataFrame({"id": [1, 2, 3], "a": [1.0, None, 3.0], "b": ["x", "y", "z"]})
    hidden = pd.DataFrame({"id": [7, 8, 9, 10], "a": [1.0, None, 3.0, 4.0], "b": ["x", "y", "other", "x"]})
    assert overlap(train, hidden, ["a", "b"]) == 0.5
    assert overlap(train, hidden, ["id"]) == 0.0
    assert overlap(train, hidden.head(0), ["a"]) == 0.0
