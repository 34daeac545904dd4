"""What the service takes, to the letter, and what it does not: every refusal names its field."""

from collections.abc import Callable
from typing import Any

import pytest

Asking = Callable[..., tuple[int, Any]]
LINE = {"sched_dep_ts": "2013-06-14T16:30:00Z", "dep_delay_min": 41}


def changed(question: dict[str, Any], part: str, **fields: Any) -> dict[str, Any]:
    return question | {part: question[part] | fields}


def test_the_edges_are_inside(ask: Asking, question: dict[str, Any]) -> None:
    edges = changed(question, "weather", visib_mi=10, wind_mph=200, precip_in=0) | {"built": 1950}
    assert ask("POST", "/predict", edges)[0] == 200
    assert (
        ask("POST", "/predict", changed(edges, "flight", sched_dep_ts="2000-01-01T00:00:00Z") | {"board": []})[0] == 200
    )
    assert ask("POST", "/predict", edges | {"board": [LINE | {"dep_delay_min": -2880}]})[0] == 200


@pytest.mark.parametrize(
    ("field", "part", "value"),
    [
        ("carrier", "flight", ""),
        ("carrier", "flight", 7),
        ("dest", "flight", "X" * 65),
        ("sched_dep_ts", "flight", "2013-06-14T21:05:00"),
        ("sched_dep_ts", "flight", "1999-12-31T00:00:00Z"),
        ("sched_arr_ts", "flight", "2013-06-14T21:05:00Z"),
        ("visib_mi", "weather", 10.1),
        ("visib_mi", "weather", -1),
        ("wind_mph", "weather", True),
        ("precip_in", "weather", "wet"),
    ],
)
def test_beyond_them_the_field_is_named(
    ask: Asking, question: dict[str, Any], field: str, part: str, value: Any
) -> None:
    status, told = ask("POST", "/predict", changed(question, part, **{field: value}))
    assert status == 422
    assert field in told["problem"]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("built", {"built": 1949}),
        ("board", {"board": "none"}),
        ("board", {"board": [1]}),
        ("dep_delay_min", {"board": [LINE | {"dep_delay_min": 2881}]}),
        ("dep_delay_min", {"board": [{"sched_dep_ts": LINE["sched_dep_ts"]}]}),
        ("flight", {"flight": None}),
    ],
)
def test_so_it_is_at_the_top(ask: Asking, question: dict[str, Any], field: str, fields: dict[str, Any]) -> None:
    status, told = ask("POST", "/predict", question | fields)
    assert (status, told["problem"].split(":")[0]) == (422, field)


def test_what_is_not_there_is_not_found(ask: Asking) -> None:
    assert ask("GET", "/predict")[0] == ask("POST", "/health")[0] == 404
    assert ask("POST", "/predict", [1])[0] == 422
