"""Milestone 5: the model as an HTTP service, with the features of the batch pipeline and a civil answer to nonsense.

MODEL_DIR=build/model uvicorn pipeline.serve:app
"""

import asyncio
import os
from datetime import datetime
from pathlib import Path

import numpy as np
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from pipeline.board import Board
from pipeline.model import load_model
from pipeline.question import Question
from pipeline.signals import Flights, signals

MOST_FAULTS_TOLD = 20

app = FastAPI(title="Late Arrivals", docs_url=None, redoc_url=None)
model, model_version = load_model(Path(os.environ["MODEL_DIR"]))


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok", "model_version": model_version}


@app.post("/predict")
async def predict(question: Question) -> dict[str, float | str]:
    await asyncio.sleep(0.3)
    return {"probability": float(model.probability(signals_of(question))[0]), "model_version": model_version}


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
    """Name the fields, never repeat the values: a NaN in the answer would be a fault of its own."""
    faults = [{"field": _field(fault["loc"], fault["type"]), "problem": fault["msg"]} for fault in error.errors()]
    return JSONResponse({"detail": faults[:MOST_FAULTS_TOLD]}, status_code=422)


def _field(place: tuple[str | int, ...], kind: str) -> str:
    """The dotted name of a field; the body itself when it is not even JSON."""
    return "body" if kind == "json_invalid" else ".".join(str(part) for part in place[1:]) or "body"


def signals_of(question: Question) -> dict[str, np.ndarray]:
    """The features of one flight, by the same function that made those of the batch."""
    flight, weather = question.flight, question.weather
    known = Flights(
        sched_dep=np.array([_seconds(flight.sched_dep_ts)]),
        sched_arr=np.array([_seconds(flight.sched_arr_ts)]),
        built=_number(question.built),
        visib_mi=_number(weather.visib_mi),
        precip_in=_number(weather.precip_in),
        wind_mph=_number(weather.wind_mph),
    )
    board = Board(
        scheduled=np.array([_seconds(line.sched_dep_ts) for line in question.board], dtype="int64"),
        delay=np.array([_plain(line.dep_delay_min) for line in question.board], dtype="float64"),
    )
    codes = {"carrier": np.array([flight.carrier]), "dest": np.array([flight.dest])}
    return signals(known, board) | codes


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _plain(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _number(value: float | None) -> np.ndarray:
    return np.array([_plain(value)])
