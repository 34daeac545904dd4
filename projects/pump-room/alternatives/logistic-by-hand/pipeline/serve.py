"""Milestone 5 without a framework: a WSGI application that checks each field by hand."""

import json
import math
import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.model import worth_a_visit
from pipeline.models import load_model
from pipeline.signals import HOUR, static_columns
from pipeline.windows import STEP, STEPS, window_columns

MOST_BYTES = 2_000_000
WINDOW = STEP * STEPS
BOUNDS = {"vib": (0, 50), "temp_c": (-30, 110), "pressure_bar": (0, 14), "load": (0, 1)}
MODEL, VERSION = load_model(Path(os.environ["MODEL_DIR"]))


class Refused(Exception):
    def __init__(self, field: str, why: str) -> None:
        self.told = {"field": field, "problem": why}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    status, answer = respond(environ)
    body = json.dumps(answer).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def respond(environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if asked == ("GET", "/health"):
        return "200 OK", {"status": "ok", "model_version": VERSION}
    if asked != ("POST", "/predict"):
        return "404 Not Found", {"problem": "ask GET /health or POST /predict"}
    try:
        return "200 OK", answer(read_body(environ))
    except Refused as refused:
        return "422 Unprocessable Content", refused.told


def read_body(environ: dict[str, Any]) -> dict[str, Any]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MOST_BYTES:
        raise Refused("body", "is too large")
    try:
        body = json.loads(environ["wsgi.input"].read(length))
    except (ValueError, RecursionError):
        raise Refused("body", "is not JSON") from None
    return _object(body, "body")


def answer(body: dict[str, Any]) -> dict[str, Any]:
    at, since = _moment(body, "at"), _moment(body, "running_since")
    if since > at:
        raise Refused("running_since", "lies after at")
    pump = _object(body.get("pump"), "pump")
    _text(pump, "pump_id")
    make = _text(pump, "make")
    if make not in ("Norda", "Velo"):
        raise Refused("make", "is neither Norda nor Velo")
    born = _day(pump, "commissioned")
    failures = body.get("failures_30d")
    if isinstance(failures, bool) or not isinstance(failures, int) or not 0 <= failures <= 1000:
        raise Refused("failures_30d", "is no count")
    hourly, newest = _readings(body, at)
    start = at - WINDOW * HOUR
    hours, marks = start + np.arange(WINDOW) * HOUR, start + (np.arange(STEPS) + 1) * STEP * HOUR
    window = window_columns(hourly, (hours >= since).astype(int)[None], (marks >= since).astype(int)[None])
    columns = {
        **static_columns(make, born, np.array([at]), np.array([since])),
        "failures_30d": np.array([failures]),
        **{name: values[0, -1:] for name, values in window.items()},
    }
    said = MODEL.probability(columns)
    warnings = ["the newest reading is more than six hours old"] if at - newest > 6 * HOUR else []
    visit = bool(worth_a_visit(said)[0])
    return {"probability": float(said[0]), "visit": visit, "model_version": VERSION, "warnings": warnings}


def _readings(body: dict[str, Any], at: int) -> tuple[dict[str, np.ndarray], int]:
    readings = body.get("readings")
    if not isinstance(readings, list):
        raise Refused("readings", "is no list")
    hourly = {name: np.full((1, WINDOW), np.nan) for name in BOUNDS}
    seen: set[int] = set()
    for entry in readings:
        reading = _object(entry, "readings")
        place, off = divmod(_moment(reading, "ts") - (at - WINDOW * HOUR), HOUR)
        if off or not 0 <= place < WINDOW or place in seen:
            raise Refused("readings", "holds a ts that is no whole hour of the week before at, or comes twice")
        seen.add(place)
        for name, (low, high) in BOUNDS.items():
            hourly[name][0, place] = _number(reading, name, low, high)
    return hourly, at - WINDOW * HOUR + max(seen, default=-WINDOW) * HOUR


def _object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(field, "must be an object")
    return value


def _number(holder: dict[str, Any], field: str, low: float, high: float) -> float:
    value = holder.get(field, "")
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Refused(field, f"must lie between {low} and {high}")
    return float(value)


def _text(holder: dict[str, Any], field: str) -> str:
    value = holder.get(field)
    if not isinstance(value, str) or not value or len(value) > 64:
        raise Refused(field, "must be a short text")
    return value


def _moment(holder: dict[str, Any], field: str) -> int:
    try:
        parsed = datetime.fromisoformat(_text(holder, field))
    except ValueError:
        raise Refused(field, "is no moment") from None
    if parsed.tzinfo is None:
        raise Refused(field, "lacks its zone")
    return int(parsed.timestamp())


def _day(holder: dict[str, Any], field: str) -> int:
    try:
        day = date.fromisoformat(_text(holder, field))
    except ValueError:
        raise Refused(field, "is no date") from None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
