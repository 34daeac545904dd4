"""Milestone 5: the model as an HTTP service, with the features of the batch pipeline and a civil answer to nonsense.

MODEL_DIR=build/model uvicorn pipeline.serve:app
"""

from datetime import UTC, datetime, time

import numpy as np
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from pipeline.question import Question
from pipeline.served import MODEL, MODEL_VERSION
from pipeline.signals import Sales, own_signals, past_signals

MOST_FAULTS_TOLD = 20

app = FastAPI(title="Chargeback Watch", docs_url=None, redoc_url=None)
table: dict[tuple[str, str, str], float] = {}


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok", "model_version": MODEL_VERSION}


@app.post("/predict")
async def predict(question: Question) -> dict[str, float | str]:
    sale = question.transaction
    known = (sale.customer_id, sale.merchant_id, sale.event_ts.isoformat())
    kept = table.setdefault(known, float(MODEL.probability(signals_of(question))[0]))
    return {"probability": kept, "model_version": MODEL_VERSION}


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
    """Name the fields, never repeat the values: a NaN in the answer would be a fault of its own."""
    faults = [{"field": _field(fault["loc"], fault["type"]), "problem": fault["msg"]} for fault in error.errors()]
    return JSONResponse({"detail": faults[:MOST_FAULTS_TOLD]}, status_code=422)


def _field(place: tuple[str | int, ...], kind: str) -> str:
    """The dotted name of a field; the body itself when it is not even JSON."""
    return "body" if kind == "json_invalid" else ".".join(str(part) for part in place[1:]) or "body"


def signals_of(question: Question) -> dict[str, np.ndarray]:
    """The features of one sale, by the same functions that made those of the batch."""
    sale = question.transaction
    past = [(earlier.merchant_id, _seconds(earlier.event_ts)) for earlier in question.history]
    merchants, moments = zip(*past, (sale.merchant_id, _seconds(sale.event_ts)), strict=True)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(merchants))}
    before = past_signals(
        customer=np.zeros(len(merchants), dtype="int64"),
        merchant=np.array([numbers[name] for name in merchants]),
        seconds=np.array(moments, dtype="int64"),
    )
    return {
        **own_signals(_as_sales(question)),
        **{name: values[-1:] for name, values in before.items()},
        "merchant_risk": np.array([MODEL.risk_of(sale.merchant_id)]),
        "category": np.array([question.merchant.category], dtype=object),
        "channel": np.array([sale.channel], dtype=object),
    }


def _as_sales(question: Question) -> Sales:
    sale = question.transaction
    signup = datetime.combine(question.customer.signup_date, time(), UTC)
    return Sales(
        seconds=np.array([_seconds(sale.event_ts)]),
        amount_eur=_number(sale.amount_eur),
        device_age_days=_number(sale.device_age_days),
        merchant_country=[question.merchant.country],
        merchant_zone=[MODEL.zones[question.merchant.country]],
        customer_country=[question.customer.country],
        signup_seconds=np.array([_seconds(signup)]),
        fee_bps=np.array([question.fee_bps]),
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _number(value: float | None) -> np.ndarray:
    return np.array([np.nan if value is None else value], dtype="float64")
