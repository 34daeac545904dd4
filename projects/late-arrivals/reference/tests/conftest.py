"""A service that runs on a model of our own making, and a question that it can be asked."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from pipeline.model import CODES, NUMBERS, Model

Asking = Callable[..., tuple[int, Any]]
# No two tests ask about one flight.
RUNNING = count(100_000)
LEAVES = "2013-06-14T21:05:00+00:00"
# Minutes after 18:00, and how late each left; the question is put at 19:05.
BOARD = [(0, 41.0), (10, -5.0), (20, 7.0)]


@pytest.fixture(scope="session")
def model() -> Model:
    """Every number counts, and each a little otherwise."""
    known = {"local_hour": ["17"], "carrier": ["UA"], "dest": ["IAH"]}
    weights = np.linspace(0.1, 0.5, len(NUMBERS) + len(CODES)).tolist()
    scale = [100.0 if name == "block_min" else 3.0 for name in NUMBERS]
    return Model([1.0] * len(NUMBERS), scale, known, weights, -1.0)


@pytest.fixture(scope="session")
def ask(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    """Ask the service: method, path, body; what comes back is a status and a body."""
    folder: Path = tmp_path_factory.mktemp("model")
    model.save(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MODEL_DIR", str(folder))
        from pipeline.serve import app
    client = TestClient(app)

    def answer(method: str, path: str, body: object = None) -> tuple[int, Any]:
        told = client.request(method, path, json=body)
        return told.status_code, told.json()

    return answer


@pytest.fixture
def question() -> dict[str, Any]:
    board = [{"sched_dep_ts": f"2013-06-14T18:{minute:02d}:00Z", "dep_delay_min": delay} for minute, delay in BOARD]
    flight = {"flight_id": f"f_{next(RUNNING)}", "carrier": "UA", "dest": "IAH", "sched_dep_ts": LEAVES}
    return {
        "flight": {**flight, "sched_arr_ts": "2013-06-15T00:05:00+00:00"},
        "built": 2004,
        "weather": {"visib_mi": 2.5, "wind_mph": 14.0, "precip_in": 0.12},
        "board": board,
    }
