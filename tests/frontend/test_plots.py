"""What a page takes out of a plot's specification, and what it carries to draw one."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from frontend.pages import SubmissionPage
from frontend.plots import HEIGHT, MOST_HEIGHT, SIDE_BY_SIDE_HEIGHT, show_plot
from grading.kit.plots import bars, curve, histogram

ROWS = [{"a": 1, "b": 0.07}, {"a": 12345, "b": None}]
VENDOR = Path(__file__).resolve().parents[2] / "frontend" / "static" / "vendor"


def spec(**changes: Any) -> dict[str, Any]:
    return {"mark": "bar", "data": {"values": ROWS}, **changes}


def test_the_table_bears_the_names_and_the_writing_of_the_axes() -> None:
    x = {"field": "a", "title": "how many"}
    y = {"field": "b", "axis": {"title": "missed", "format": ".0%"}}
    shown = show_plot(spec(encoding={"x": x, "y": y}))
    assert shown.tables == [
        [{"how many": "1", "missed": "7.0%"}, {"how many": "12,345", "missed": "–"}],
    ]


def test_columns_with_one_name_are_told_apart() -> None:
    channels = {"x": {"field": "a", "title": "same"}, "y": {"field": "b", "title": "same"}}
    assert [*show_plot(spec(encoding=channels)).tables[0][0]] == ["a", "b"]


def test_named_datasets_and_those_of_layers_are_tables_too() -> None:
    named = spec(data={"name": "d"}, datasets={"d": [{"x": "one"}]})
    assert show_plot(named).tables == [[{"x": "one"}]]
    layered = {"layer": [spec(data={"values": [{"x": True}]}), spec(data={"values": [{"x": "two"}]})]}
    assert show_plot(layered).tables == [[{"x": "True"}], [{"x": "two"}]]


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"title": "Missed", "description": "Other"}, "Missed"),
        ({"title": {"text": ["Missed", "cells"]}}, "Missed cells"),
        ({"description": "Missed cells by kind"}, "Missed cells by kind"),
        ({}, ""),
    ],
)
def test_the_title_is_the_pages_to_write(changes: dict[str, Any], title: str) -> None:
    shown = show_plot(spec(**changes))
    assert shown.title == title
    assert not {"title", "description"} & set(json.loads(shown.spec))


@pytest.mark.parametrize(
    ("drawn", "height"),
    [
        (spec(height=196), 196),
        (spec(height=9e9), MOST_HEIGHT),
        (spec(height={"step": 20}), HEIGHT),
        (spec(), HEIGHT),
        ({"hconcat": [spec()]}, SIDE_BY_SIDE_HEIGHT),
    ],
)
def test_room_is_kept_before_anything_is_drawn(drawn: dict[str, Any], height: int) -> None:
    assert show_plot(drawn).height == height


@pytest.mark.parametrize(
    "made",
    [
        bars({"cents": 0.5}, title="Missed", by="kind", value="share missed", share=True),
        curve([(0.1, 0.2)], title="Missed", x="kind", y="share missed"),
        histogram([1, 2, 3], title="Missed", value="kind", count="share missed"),
    ],
    ids=["bars", "curve", "histogram"],
)
def test_what_the_kit_makes_reads_well_as_a_table(made: dict[str, Any]) -> None:
    shown = show_plot(made)
    assert shown.title == "Missed"
    assert {"kind", "share missed"} <= set(shown.tables[0][0])


def test_the_page_carries_the_plot_and_its_table(
    failed_page: SubmissionPage, draw_submission: Callable[..., str]
) -> None:
    plot = show_plot(spec(title="Missed <b>", height=200, encoding={"x": {"field": "a", "title": "<i>"}}))
    drawn = draw_submission(results=[replace(failed_page.results[1], plot=plot)])
    assert 'height="200"' in drawn
    assert "The same as a table" in drawn
    assert 'aria-label="Missed &lt;b&gt;"' in drawn
    assert "12,345" in drawn
    assert "data-plot=" not in draw_submission()
    assert "<b>" not in drawn
    assert "<i>" not in drawn


def test_what_draws_is_what_its_authors_published() -> None:
    sums = dict(reversed(line.split()) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    found = {f"./{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert found == sums
    assert len(list(VENDOR.glob("*.LICENSE"))) == 5
