"""Service: the batch's answer for a good question, a named field for a bad one."""

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from pipeline.dictionary import Dictionary
from pipeline.model import NUMBERS, fit

QUESTION: dict[str, Any] = {
    "transaction": {
        "txn_id": "t_1",
        "event_ts": "2024-06-01T23:30:00Z",
        "customer_id": "c_1",
        "merchant_id": "m_1",
        "amount_eur": 12.5,
        "channel": "web",
        "device_age_days": None,
    },
    "merchant": {"category": "travel", "country": "DE"},
    "customer": {"country": "FR", "signup_date": "2023-05-31"},
    "fee_bps": 120,
    "history": [{"event_ts": "2024-06-01T23:00:00Z", "merchant_id": "m_1", "amount_eur": 3.0}],
}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dictionary: Dictionary) -> TestClient:
    rng = np.random.default_rng(1)
    columns = pd.DataFrame({name: rng.normal(size=300) for name in NUMBERS}).assign(category="travel", channel="web")
    fit(columns, rng.integers(0, 2, 300), dictionary, {"m_1": -2.0}).save(tmp_path)
    monkeypatch.setenv("MODEL_DIR", str(tmp_path))
    # The service reads its model when it is imported.
    from pipeline import serve

    return TestClient(serve.app, raise_server_exceptions=False)


def changed(*path: str, to: Any) -> str:
    question = copy.deepcopy(QUESTION)
    at = question
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return json.dumps(question)


def test_it_answers_with_a_probability_and_its_version(client: TestClient) -> None:
    answer = client.post("/predict", json=QUESTION).json()
    assert 0 < answer["probability"] < 1
    assert answer["model_version"] == client.get("/health").json()["model_version"]


def test_what_it_sees_is_local_recent_and_abroad(client: TestClient) -> None:
    from pipeline.question import Question
    from pipeline.serve import signals_of

    seen = {name: values.tolist() for name, values in signals_of(Question(**QUESTION)).items()}
    assert (seen["local_hour"], seen["n_txn_1h"], seen["is_new_merchant"]) == ([1], [1], [0])
    assert (seen["is_cross_border"], seen["device_unknown"]) == ([1], [1])


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("transaction.amount_eur", changed("transaction", "amount_eur", to=-1)),
        ("transaction.amount_eur", changed("transaction", "amount_eur", to="12.5")),
        ("transaction.amount_eur", changed("transaction", "amount_eur", to=float("nan"))),
        ("transaction.amount_eur", changed("transaction", "amount_eur", to=0).replace(": 0,", ": 1e999,")),
        ("transaction.channel", changed("transaction", "channel", to="fax")),
        ("transaction.event_ts", changed("transaction", "event_ts", to="2024-06-01T12:00:00")),
        ("transaction.event_ts", changed("transaction", "event_ts", to=1717200000)),
        ("transaction.device_age_days", changed("transaction", "device_age_days", to=-999)),
        ("transaction.is_fraud", changed("transaction", "is_fraud", to=1)),
        ("customer.signup_date", changed("customer", "signup_date", to="soon")),
        ("history", changed("history", to=[QUESTION["history"][0] | {"event_ts": "2030-01-01T00:00:00Z"}])),
        ("fee_bps", changed("fee_bps", to=True)),
        ("body", '{"transaction": '),
    ],
)
def test_a_bad_field_is_named_and_its_value_is_not_repeated(client: TestClient, field: str, body: str) -> None:
    answer = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["field"] == field
    assert set(answer.json()["detail"][0]) == {"field", "problem"}


def test_nesting_without_end_is_refused(client: TestClient) -> None:
    body = '{"transaction":' + "[" * 100_000 + "]" * 100_000 + "}"
    assert client.post("/predict", content=body).status_code in (400, 422)
