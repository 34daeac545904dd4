"""Plots: what the makers make is accepted, and nothing is that fetches, runs, or shows more than aggregates."""

import json
from typing import Any

import numpy as np
import pytest

from grading.kit.plots import MOST_BARS, bars, curve, histogram, intervals, plain_plot, weekly

ROWS = [{"kind": "cents", "missed": 3}]


def spec(**changes: Any) -> dict[str, Any]:
    plain = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.20.1.json",
        "mark": "bar",
        "data": {"values": ROWS},
        "encoding": {"x": {"field": "missed", "type": "quantitative"}, "y": {"field": "kind"}},
    }
    return {**plain, **changes}


MADE = {
    "bars": bars({"cents": 0.5, "zones": 0.25}, title="Missed", by="kind", value="missed", share=True, mark=0.1),
    "intervals": intervals({"shoes": (0.1, 0.2, 0.3)}, title="Skill", by="category", value="skill", mark=0.2),
    "curve": curve([(0.01, 0.02), (0.1, 0.2)], title="Calibration", x="said", y="true"),
    "histogram": histogram([1.0, 2.0, np.nan, np.inf], title="Latency", value="ms", count="answers", mark=100),
    "weekly": weekly({"PSI": {1: 0.1, 2: 0.3}, "KS": {1: 0.0}}, title="Alarms", value="PSI", mark=0.2),
}


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_what_the_makers_make_is_accepted_as_it_is(made: dict[str, Any]) -> None:
    assert plain_plot(made) == made
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_the_makers_draw_what_they_are_given() -> None:
    assert MADE["bars"]["data"]["values"] == [{"name": "cents", "value": 0.5}, {"name": "zones", "value": 0.25}]
    assert MADE["intervals"]["data"]["values"] == [{"name": "shoes", "low": 0.1, "value": 0.2, "high": 0.3}]
    counted = MADE["histogram"]["data"]["values"]
    assert sum(row["count"] for row in counted) == 2
    assert (counted[0]["from"], counted[-1]["to"]) == (1.0, 2.0)
    assert {"week": 2, "name": "PSI", "value": 0.3} in MADE["weekly"]["data"]["values"]
    assert "the line is at 10%" in json.dumps(MADE["bars"])


def test_more_bars_than_can_be_told_apart_are_left_out() -> None:
    many = bars({f"kind {n}": n for n in range(200)}, title="Many", by="kind", value="missed")
    assert len(many["data"]["values"]) == MOST_BARS
    assert plain_plot(many)


def test_values_of_numpy_become_plain_and_what_is_not_finite_becomes_null() -> None:
    rows = [{"a": np.float64(0.5), "b": np.int64(3), "c": float("nan"), "d": np.bool_(True), "e": np.str_("x\x1b[31m")}]
    plain = plain_plot(spec(data={"values": rows}))
    assert plain["data"]["values"] == [{"a": 0.5, "b": 3, "c": None, "d": True, "e": "x\ufffd[31m"}]
    assert {type(value) for value in plain["data"]["values"][0].values()} == {float, int, type(None), bool, str}


def test_datasets_with_names_are_rows_too() -> None:
    named = spec(data={"name": "d"}, datasets={"d": ROWS})
    assert plain_plot(named)["datasets"] == {"d": ROWS}
    with pytest.raises(ValueError, match="0 rows"):
        plain_plot(spec(data={"name": "d"}))


def test_a_column_may_be_called_url_but_nothing_else_may() -> None:
    assert plain_plot(spec(data={"values": [{"url": "home", "signal": 1}]}))


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"url": "rows.csv"}},
        {"data": {"values": "a,b\n1,2"}},
        {"data": {"values": [1, 2, 3]}},
        {"data": {"values": [[1, 2]]}},
        {"data": {"values": [{"a": [1]}]}},
        {"data": {"values": []}},
        {"data": {"values": ROWS * 101}},
        {"data": {"values": ROWS, "format": {"property": "x"}}},
        {"data": {"sequence": {"start": 0, "stop": 1e9}}},
        {"datasets": {"more": ROWS * 100}},
        {"layer": [{"mark": "bar", "data": {"values": ROWS * 100}}]},
        {"transform": [{"calculate": "datum.a * 2", "as": "b"}]},
        {"params": [{"name": "p", "expr": "1"}]},
        {"encoding": {"x": {"value": {"expr": "width"}}}},
        {"encoding": {"x": {"axis": {"labelExpr": "datum.value"}}}},
        {"encoding": {"color": {"condition": {"test": "datum.a > 1", "value": "red"}}}},
        {"encoding": {"href": {"field": "a"}}},
        {"width": {"signal": "w"}},
        {"mark": {"type": "image", "url": "x.png"}},
        {"title": "see https://example.org"},
        {"title": "javascript:alert(1)"},
        {"title": "//example.org/x"},
        {"usermeta": {"embedOptions": {"actions": True}}},
        {"$schema": "https://example.org/vega-lite/v5.json"},
        {"$schema": "https://vega.github.io/schema/vega/v5.json"},
        {"title": set()},
        {"title": b"bytes"},
        {"title": {1: "x"}},
        {"config": {"font": "x" * 150, "range": {"category": ["y" * 150] * 200}}},
        {"description": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": {"j": [[[[[[[[1]]]]]]]]}}}}}}}}}}},
    ],
    ids=lambda changes: str(changes)[:60],
)
def test_what_is_not_plain_small_and_self_contained_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^plot: "):
        plain_plot(spec(**changes))


@pytest.mark.parametrize("wrong", [{}, {"data": {"values": ROWS}}, {"marks": [{"type": "rect"}]}, [], "bar", None])
def test_what_is_no_vega_lite_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"^plot: "):
        plain_plot(wrong)
