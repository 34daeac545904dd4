"""Milestone 5: the model as a WSGI application without a framework.

MODEL_DIR=build/model waitress-serve pipeline.serve:app
"""

import json
import os
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.model import load_model
from pipeline.plan import in_force
from pipeline.question import Question, RefusedError, read_question
from pipeline.signals import HISTORY, HORIZON, Past, calendar_signals, day_signals, shelf_signals

LONGEST_BODY = 4_000_000
REASONS = {
    200: "OK",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    422: "Unprocessable Content",
}

model, model_version = load_model(Path(os.environ["MODEL_DIR"]))


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    status, body = _answer(environ)
    payload = json.dumps(body).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(payload)))]
    start_response(f"{status} {REASONS[status]}", headers)
    return [payload]


def _answer(environ: dict[str, Any]) -> tuple[int, dict[str, object]]:
    asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
    if asked == ("GET", "/health"):
        return 200, {"status": "ok", "model_version": model_version}
    if asked != ("POST", "/forecast"):
        return (405 if asked[1] in ("/health", "/forecast") else 404), {"problem": "there is nothing here"}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > LONGEST_BODY:
        return 413, {"field": "body", "problem": "is too long"}
    try:
        question = read_question(environ["wsgi.input"].read(length))
    except RefusedError as refused:
        return 422, {"field": refused.field, "problem": refused.problem}
    said = model.forecast(row_of(question))
    return 200, {**{name: float(value[0]) for name, value in said.items()}, "model_version": model_version}


def row_of(question: Question) -> dict[str, np.ndarray]:
    """One row of a feature table, by the functions that made it for the batch."""
    start = question.as_of - timedelta(days=HISTORY - 1)
    discount = np.zeros((1, HISTORY + HORIZON))
    for version in in_force(question.promotions, question.as_of):
        first, last = (version.starts_on - start).days, (version.ends_on - start).days
        for place in range(max(first, 0), min(last + 1, HISTORY + HORIZON)):
            discount[0, place] = max(discount[0, place], version.discount)
    past = Past(question.sold, question.stockout, question.is_open, discount)
    temps = [temp for temp in question.recent_temp if temp == temp]
    row = calendar_signals(question.day, {day for kind, day in question.events if kind == "holiday"})
    row |= {name: getattr(question, name) for name in ("store", "sku", "category", "kind", "horizon", "rain_chance")}
    row |= {"temp_forecast": question.temp, "temp_usual": sum(temps) / len(temps) if temps else float("nan")}
    row |= {"is_festival": int(("festival", question.day) in question.events)}
    single = {name: np.array([value]) for name, value in row.items()}
    return {**single, **shelf_signals(past), **day_signals(past, question.horizon)}
