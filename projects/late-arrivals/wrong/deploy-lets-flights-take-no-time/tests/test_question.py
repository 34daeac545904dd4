"""What the service takes, to the letter, and what it does not."""

from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.question import LARGEST_BOARD, Question

LINE = {"sched_dep_ts": "2013-06-14T16:30:00Z", "dep_delay_min": 41}
FLIGHT = {"flight_id": "f_1", "carrier": "UA", "dest": "IAH"}
MOMENTS = {"sched_dep_ts": "2013-06-14T21:05:00Z", "sched_arr_ts": "2013-06-15T00:58:00+00:00"}
WEATHER = {"visib_mi": 10, "wind_mph": 200.0, "precip_in": 0}


def asked(flight: dict[str, Any] | None = None, weather: dict[str, Any] | None = None, **changed: Any) -> Question:
    body = {"flight": {**FLIGHT, **MOMENTS, **(flight or {})}, "weather": {**WEATHER, **(weather or {})}}
    return Question.model_validate({**body, "built": 1950, "board": [LINE], **changed})


def test_the_edges_are_inside() -> None:
    assert asked().weather.wind_mph == 200
    assert asked(built=None).built is None
    assert asked(board=[]).board == []
    assert asked(board=[LINE | {"dep_delay_min": -2880}]).board[0].dep_delay_min == -2880
    assert len(asked(board=[LINE] * LARGEST_BOARD).board) == LARGEST_BOARD
    assert asked(flight={"sched_dep_ts": "2000-01-01T00:00:00Z"}, board=[]).flight.sched_dep_ts.year == 2000


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("built", {"built": 1949}),
        ("built", {"built": 2004.5}),
        ("board", {"board": [LINE] * (LARGEST_BOARD + 1)}),
        ("dep_delay_min", {"board": [LINE | {"dep_delay_min": 2881}]}),
        ("dep_delay_min", {"board": [LINE | {"dep_delay_min": -2881}]}),
        ("weather", {"weather": {"snow": 1}}),
        ("visib_mi", {"weather": {"visib_mi": 10.1}}),
        ("visib_mi", {"weather": {"visib_mi": -1}}),
        ("wind_mph", {"weather": {"wind_mph": 1048.4}}),
        ("precip_in", {"weather": {"precip_in": float("nan")}}),
        ("carrier", {"flight": {"carrier": ""}}),
        ("sched_dep_ts", {"flight": {"sched_dep_ts": 1705}}),
        ("sched_dep_ts", {"flight": {"sched_dep_ts": "20130614T210500Z"}}),
        ("sched_dep_ts", {"flight": {"sched_dep_ts": "2013-06-14T21:05:00"}}),
        ("sched_dep_ts", {"flight": {"sched_dep_ts": "1999-12-31T00:00:00Z"}}),
    ],
)
def test_beyond_them_the_field_is_named(field: str, changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        asked(**changed)
    assert field in str(refused.value)
