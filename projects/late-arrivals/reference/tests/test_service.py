"""The service says what the model says of the columns that the batch would make, and who it is."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.board import Board
from pipeline.model import Model
from pipeline.signals import Flights, signals

Asking = Callable[..., tuple[int, Any]]
LEAVES, HOUR = 1371243900, 3600
SIX = LEAVES - 3 * HOUR - 300


def test_one_flight_gets_the_answer_of_the_batch(ask: Asking, question: dict[str, Any], model: Model) -> None:
    known = Flights(*(np.array([value]) for value in (LEAVES, LEAVES + 3 * HOUR, 2004.0, 2.5, 0.12, 14.0)))
    board = Board(SIX + 60 * np.array([0, 10, 20]), np.array([41.0, -5.0, 7.0]))
    columns = signals(known, board) | {"carrier": np.array(["UA"]), "dest": np.array(["IAH"])}
    status, told = ask("POST", "/predict", question)
    assert status == 200
    assert told["probability"] == pytest.approx(float(model.probability(columns)[0]))


def test_health_and_answers_name_one_model(ask: Asking, question: dict[str, Any]) -> None:
    assert ask("GET", "/health")[1]["status"] == "ok"
    assert len(ask("POST", "/predict", question)[1]["model_version"]) == 12


def test_an_unknown_plane_and_an_empty_board_are_answered(ask: Asking, question: dict[str, Any]) -> None:
    status, told = ask("POST", "/predict", question | {"built": None, "board": []})
    assert status == 200
    assert 0 < told["probability"] < 1
