"""What the desk may not know, what it need not know, and who is still at the gate."""

from collections.abc import Callable
from typing import Any

Asking = Callable[..., tuple[int, Any]]


def test_a_board_from_the_future_is_refused(ask: Asking, question: dict[str, Any]) -> None:
    at_the_question = {"sched_dep_ts": "2013-06-14T18:35:00Z", "dep_delay_min": 30.0}
    status, told = ask("POST", "/predict", question | {"board": [at_the_question]})
    assert status == 422
    assert "board" in told["problem"]
    assert ask("POST", "/predict", question | {"board": [at_the_question | {"dep_delay_min": 29.0}]})[0] == 200


def test_readings_may_be_unknown(ask: Asking, question: dict[str, Any]) -> None:
    unknown = {"visib_mi": None, "wind_mph": None, "precip_in": None}
    assert ask("POST", "/predict", question | {"weather": unknown})[0] == 200


def test_who_is_still_at_the_gate_counts(ask: Asking, question: dict[str, Any]) -> None:
    waiting = [*question["board"], {"sched_dep_ts": "2013-06-14T18:30:00Z", "dep_delay_min": None}]
    before = ask("POST", "/predict", question)[1]["probability"]
    assert ask("POST", "/predict", question | {"board": waiting})[1]["probability"] > before
