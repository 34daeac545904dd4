"""Milestone 5: the model as an HTTP service, with the signals of the batch and a civil answer to nonsense.

MODEL_DIR=build/model uvicorn pipeline.serve:app
"""

import os
from datetime import timedelta
from pathlib import Path

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pipeline.model import load_model
from pipeline.plan import in_force
from pipeline.question import Question, RefusedError, read_question
from pipeline.signals import HISTORY, HORIZON, Past, calendar_signals, day_signals, shelf_signals

model, model_version = load_model(Path(os.environ["MODEL_DIR"]))


async def health(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "model_version": model_version})


async def forecast(request: Request) -> JSONResponse:
    try:
        question = read_question(await request.body())
    except RefusedError:
        return JSONResponse({"error": "bad request"}, status_code=422)
    said = model.forecast(signals_of(question))
    return JSONResponse({**{name: float(value[0]) for name, value in said.items()}, "model_version": model_version})


def signals_of(question: Question) -> dict[str, np.ndarray]:
    """The row of one shelf, by the functions that made those of the batch."""
    past = Past(question.sold, question.stockout, question.is_open, _discounts(question))
    holidays = {day for kind, day in question.events if kind == "holiday"}
    known = [temp for temp in question.recent_temp if not np.isnan(temp)]
    row = {
        "store": question.store,
        "sku": question.sku,
        "category": question.category,
        "kind": question.kind,
        "horizon": question.horizon,
        "temp_forecast": question.temp,
        "rain_chance": question.rain_chance,
        "temp_usual": np.mean(known) if known else np.nan,
        "is_festival": int(("festival", question.day) in question.events),
        **calendar_signals(question.day, holidays),
    }
    single = {name: np.array([value]) for name, value in row.items()}
    return {**single, **shelf_signals(past), **day_signals(past, question.horizon)}


def _discounts(question: Question) -> np.ndarray:
    start = question.as_of - timedelta(days=HISTORY - 1)
    row = np.zeros(HISTORY + HORIZON)
    for version in in_force(question.promotions, question.as_of):
        days = slice(max((version.starts_on - start).days, 0), max((version.ends_on - start).days + 1, 0))
        row[days] = np.maximum(row[days], version.discount)
    return row[None]


app = Starlette(routes=[Route("/health", health), Route("/forecast", forecast, methods=["POST"])])
