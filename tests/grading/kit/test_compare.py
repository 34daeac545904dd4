"""Comparing with the truth, against numbers worked out by hand."""

from collections.abc import Collection

import pandas as pd
import pytest

from grading.kit import (
    agree,
    among,
    collateral,
    compare_ids,
    explain_loss,
    precision_by,
    recall_by,
    repair_by_kind,
    same_cells,
    shares,
)


def texts(*values: str) -> pd.Series:
    return pd.Series(list(values), dtype="str")


def defects(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "record_id", "column"], dtype="str")


def test_two_nulls_agree_and_a_null_and_a_value_do_not() -> None:
    found, wanted = pd.Series([1.0, None, None, 2.0]), pd.Series([1.0, None, 3.0, None])
    assert same_cells(found, wanted).tolist() == [True, True, False, False]


def test_numbers_agree_within_the_tolerance_of_the_wanted_value() -> None:
    found, wanted = pd.Series([100.1, 100.3, 0.001]), pd.Series([100, 100, 0])
    assert same_cells(found, wanted, rtol=0.002).tolist() == [True, False, False]
    assert same_cells(found, wanted, atol=0.01).tolist() == [False, False, True]


@pytest.mark.parametrize("wanted", [["b", "d"], {"b", "d"}, texts("b", "d"), pd.Index(["b", "d"])])
def test_texts_are_among_the_wanted_ones_or_not(wanted: Collection[str] | pd.Series | pd.Index) -> None:
    assert among(pd.Series(["a", "b", None, "b"], dtype="str"), wanted).tolist() == [False, True, False, True]
    assert among(pd.Index(["d", "a"]), wanted).tolist() == [True, False]
    assert among(texts("a"), []).tolist() == [False]
    assert among(texts(), wanted).tolist() == []


def test_texts_and_instants_agree_when_they_are_equal() -> None:
    assert same_cells(texts("a", "b"), texts("a", "B")).tolist() == [True, False]
    seconds = pd.Series(pd.to_datetime(["2024-01-01"], utc=True)).astype("datetime64[s, UTC]")
    assert same_cells(seconds, seconds.astype("datetime64[us, UTC]")).tolist() == [True]


def test_series_of_different_lengths_are_the_authors_mistake() -> None:
    with pytest.raises(ValueError, match="2 and 1"):
        same_cells(texts("a", "b"), texts("a"))


def test_ids_are_compared_as_sets_and_repetitions_are_counted() -> None:
    ids = compare_ids(texts("a", "a", "a", "x"), ["a", "b", "c"])
    assert (list(ids.missing), list(ids.extra), ids.repeated, ids.same) == (["b", "c"], ["x"], 2, False)
    assert compare_ids(texts("a"), {"a"}).same


def test_a_loss_is_explained_by_kinds_that_are_far_commoner_in_it() -> None:
    log = defects(
        *[("unknown", f"t{i}", "age") for i in range(10)],
        *[("comma", f"t{i}", "amount") for i in range(0, 100, 2)],
    )
    assert explain_loss([f"t{i}" for i in range(10)], log, 100) == {"unknown": 1.0}
    assert explain_loss([], log, 100) == {}


def test_a_kind_is_scored_on_the_cells_that_it_alone_has_hit() -> None:
    right = pd.DataFrame({"amount": [False, False, True, True]}, index=["a", "b", "c", "d"])
    log = defects(
        ("cents", "a", "amount"), ("cents", "b", "amount"), ("comma", "b", "amount"), ("comma", "c", "amount"),
        ("comma", "gone", "amount"), ("other", "a", "elsewhere"),
    )  # fmt: skip
    scores = repair_by_kind(right, log, fewest=1)
    assert scores.loc["cents"].tolist() == [1, 1, 0.0]
    assert scores.loc["comma"].tolist() == [1, 0, 1.0]
    assert list(scores.index) == ["cents", "comma"]
    assert repair_by_kind(right, log, fewest=2).loc["comma"].tolist() == [2, 1, 0.5]


def test_collateral_is_the_share_of_healthy_cells_that_changed() -> None:
    right = pd.DataFrame({"amount": [False, False, True, True], "age": [True] * 4}, index=["a", "b", "c", "d"])
    assert collateral(right, defects(("cents", "a", "amount"))) == {"amount": pytest.approx(1 / 3), "age": 0.0}


def test_claims_and_facts_give_precision_and_recall_over_distinct_rows() -> None:
    facts = pd.DataFrame({"table": ["t"] * 4, "id": ["a", "b", "c", "d"], "kind": ["x", "x", "y", "y"]})
    claims = pd.DataFrame({"table": ["t"] * 4, "id": ["a", "a", "b", "z"]})
    both = agree(claims, facts, ["table", "id"])
    assert (both.precision, both.recall) == (pytest.approx(2 / 3), 0.5)
    assert recall_by(claims, facts, ["table", "id"], "kind").claimed.to_dict() == {"x": 2, "y": 0}
    assert agree(claims.head(0), facts.head(0), ["id"]).precision == 1.0


def test_precision_is_told_by_what_is_claimed() -> None:
    facts = pd.DataFrame({"id": ["a", "b"], "kind": ["x", "y"]})
    claims = pd.DataFrame({"id": ["a", "a", "z", "b"], "issue": ["cents", "cents", "cents", "zone"]})
    by_issue = precision_by(claims, facts, ["id"], "issue")
    assert by_issue.to_dict() == {"claims": {"cents": 2, "zone": 1}, "true": {"cents": 1, "zone": 1}}
    assert precision_by(claims.head(0), facts, ["id"], "issue").empty


def test_shares_are_worded_largest_first() -> None:
    assert shares({"a": 0.031, "b": 0.98}) == "b 98%, a 3%"
