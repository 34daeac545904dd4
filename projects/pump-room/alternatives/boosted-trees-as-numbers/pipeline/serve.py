"""Milestone 5: the model as an HTTP service, with the features of the batch pipeline and a civil answer to nonsense.

MODEL_DIR=build/model uvicorn pipeline.serve:app
"""

import os
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pipeline.model import worth_a_visit
from pipeline.models import load_model
from pipeline.question import LONGEST_WINDOW, Question
from pipeline.signals import HOUR, static_columns
from pipeline.windows import CHANNELS, STEP, STEPS, window_columns

MOST_FAULTS_TOLD = 20
STALE_AFTER_S = 6 * HOUR

app = FastAPI(title="Pump Room", docs_url=None, redoc_url=None)
model, model_version = load_model(Path(os.environ["MODEL_DIR"]))


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok", "model_version": model_version}


@app.post("/predict")
async def predict(question: Question) -> dict[str, object]:
    said = model.probability(columns_of(question))
    return {
        "probability": float(said[0]),
        "visit": bool(worth_a_visit(said)[0]),
        "model_version": model_version,
        "warnings": warnings_about(question),
    }


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
    """Name the fields, never repeat the values: a NaN in the answer would be a fault of its own."""
    faults = [{"field": _field(fault["loc"], fault["type"]), "problem": fault["msg"]} for fault in error.errors()]
    return JSONResponse({"detail": faults[:MOST_FAULTS_TOLD]}, status_code=422)


def _field(place: tuple[str | int, ...], kind: str) -> str:
    """The dotted name of a field; the body itself when it is not even JSON."""
    return "body" if kind == "json_invalid" else ".".join(str(part) for part in place[1:]) or "body"


def warnings_about(question: Question) -> list[str]:
    """What the caller should know about the answer: readings that are old, or none at all."""
    newest = max((reading.ts.timestamp() for reading in question.readings), default=0.0)
    stale = question.at.timestamp() - newest > STALE_AFTER_S
    return ["stale: no reading of the last six hours"] if stale else []


def columns_of(question: Question) -> dict[str, np.ndarray]:
    """The features of one pump at one hour, by the same functions that made those of the batch."""
    at, since = int(question.at.timestamp()), int(question.running_since.timestamp())
    start = at - LONGEST_WINDOW * HOUR
    hourly = {name: np.full((1, LONGEST_WINDOW), np.nan) for name in CHANNELS}
    for reading in question.readings:
        place = (int(reading.ts.timestamp()) - start) // HOUR
        for name, values in hourly.items():
            known = getattr(reading, name)
            values[0, place] = np.nan if known is None else known
    hours = start + np.arange(LONGEST_WINDOW) * HOUR
    marks = start + (np.arange(STEPS) + 1) * STEP * HOUR
    born = int(datetime.combine(question.pump.commissioned, time(), UTC).timestamp())
    window = window_columns(hourly, (hours >= since).astype(int)[None], (marks >= since).astype(int)[None])
    return {
        **static_columns(question.pump.make, born, np.array([at]), np.array([since])),
        "failures_30d": np.array([question.failures_30d]),
        **{name: values[0, -1:] for name, values in window.items()},
    }
