"""Milestone 5 with Flask: the body is read once, checked as a whole, and answered from the loaded model.

MODEL_DIR=build/model flask --app pipeline.serve run
"""

from datetime import UTC, datetime, time
from typing import Any

import numpy as np
from flask import Flask, request
from pipeline.question import Question
from pipeline.served import MODEL, MODEL_VERSION
from pipeline.signals import Sales, own_signals, past_signals
from pydantic import ValidationError

MOST_FAULTS_TOLD = 20

app = Flask(__name__)


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok", "model_version": MODEL_VERSION}


@app.post("/predict")
def predict() -> tuple[dict[str, Any], int]:
    try:
        question = Question.model_validate_json(request.get_data())
    except ValidationError as error:
        return {"faults": [_describe(fault) for fault in error.errors()[:MOST_FAULTS_TOLD]]}, 422
    probability = MODEL.probability(columns_of(question))[0]
    return {"probability": float(probability), "model_version": MODEL_VERSION}, 200


def _describe(fault: Any) -> dict[str, str]:
    return {"field": ".".join(map(str, fault["loc"])) or "body", "problem": fault["msg"]}


def columns_of(question: Question) -> dict[str, np.ndarray]:
    sale, merchant, customer = question.transaction, question.merchant, question.customer
    events = [*question.history, sale]
    seconds = np.array([int(event.event_ts.timestamp()) for event in events])
    _, merchants = np.unique([event.merchant_id for event in events], return_inverse=True)
    past = past_signals(np.zeros(len(events), dtype="int64"), merchants, seconds)
    itself = Sales(
        seconds=seconds[-1:],
        amount_eur=np.array([sale.amount_eur], dtype="float64"),
        device_age_days=np.array([sale.device_age_days], dtype="float64"),
        merchant_country=[merchant.country],
        merchant_zone=[MODEL.zones[merchant.country]],
        customer_country=[customer.country],
        signup_seconds=np.array([int(datetime.combine(customer.signup_date, time(), UTC).timestamp())]),
        fee_bps=np.array([question.fee_bps]),
    )
    codes = {"category": merchant.category, "channel": sale.channel}
    return {
        **own_signals(itself),
        **{name: values[-1:] for name, values in past.items()},
        **{name: np.array([code], dtype=object) for name, code in codes.items()},
        "merchant_risk": np.array([MODEL.risk_of(sale.merchant_id)]),
    }
