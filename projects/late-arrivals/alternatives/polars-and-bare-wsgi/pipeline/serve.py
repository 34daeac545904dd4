"""Milestone 5 without a framework: a WSGI callable of plain Python, checked by hand."""

import json
import math
import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.board import Board
from pipeline.dictionary import BUILT, FARTHEST_SIGHT, FASTEST_WIND, HOURS_BEFORE
from pipeline.model import load_model
from pipeline.signals import Flights, signals

MODEL, VERSION = load_model(Path(os.environ["MODEL_DIR"]))
LONGEST_BODY = 1_000_000
READINGS = {"visib_mi": FARTHEST_SIGHT, "wind_mph": FASTEST_WIND, "precip_in": 20.0}


class Refused(Exception):
    """The request is malformed; the text names the field."""


def app(request: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    status, body = answer(request["REQUEST_METHOD"], request["PATH_INFO"], request)
    payload = json.dumps(body).encode()
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(payload)))])
    return [payload]


def answer(method: str, path: str, request: dict[str, Any]) -> tuple[str, dict[str, object]]:
    if (method, path) == ("GET", "/health"):
        return "200 OK", {"status": "ok", "model_version": VERSION}
    if (method, path) != ("POST", "/predict"):
        return "404 Not Found", {"problem": "there is GET /health and POST /predict"}
    try:
        known, board, codes = understand(read_body(request))
    except Refused as why:
        return "422 Unprocessable Entity", {"problem": str(why)}
    probability = float(MODEL.probability(signals(known, board) | codes)[0])
    return "200 OK", {"probability": probability, "model_version": VERSION}


def read_body(request: dict[str, Any]) -> dict[str, Any]:
    size = request.get("CONTENT_LENGTH") or "0"
    if not size.isdigit() or int(size) > LONGEST_BODY:
        raise Refused("body: too long")
    try:
        return an_object(json.loads(request["wsgi.input"].read(int(size))), "body")
    except (ValueError, RecursionError):
        raise Refused("body: is not JSON") from None


def understand(body: dict[str, Any]) -> tuple[Flights, Board, dict[str, np.ndarray]]:
    flight, weather = an_object(body.get("flight"), "flight"), an_object(body.get("weather"), "weather")
    codes = {name: np.array([a_text(flight, name)]) for name in ("carrier", "dest")}
    leaves, lands = a_moment(flight, "sched_dep_ts"), a_moment(flight, "sched_arr_ts")
    if lands <= leaves:
        raise Refused("sched_arr_ts: is not after the departure")
    readings = {name: np.array([a_number(weather, name, 0, most)]) for name, most in READINGS.items()}
    built = np.array([a_number(body, "built", BUILT[0], 2100)])
    known = Flights(sched_dep=np.array([leaves]), sched_arr=np.array([lands]), built=built, **readings)
    return known, a_board(body, leaves - HOURS_BEFORE * 3600), codes


def a_board(body: dict[str, Any], now: int) -> Board:
    lines = body.get("board")
    if not isinstance(lines, list):
        raise Refused("board: a list is needed")
    rows = [an_object(line, "board") for line in lines]
    scheduled = np.array([a_moment(row, "sched_dep_ts") for row in rows], dtype="int64")
    delay = np.array([a_number(row, "dep_delay_min", -2880, 2880) for row in rows], dtype="float64")
    if (scheduled + 60 * delay >= now).any():
        raise Refused("board: knows a departure that is later than the question")
    return Board(scheduled, delay)


def an_object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(f"{name}: an object is needed")
    return value


def a_text(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise Refused(f"{name}: a text is needed")
    return value


def a_moment(part: dict[str, Any], name: str) -> int:
    try:
        moment = datetime.fromisoformat(a_text(part, name))
    except ValueError:
        raise Refused(f"{name}: is no moment") from None
    if moment.tzinfo is None or not 2000 <= moment.year <= 2100:
        raise Refused(f"{name}: lacks its zone, or is of another age")
    return int(moment.timestamp())


def a_number(part: dict[str, Any], name: str, least: float, most: float) -> float:
    """The number, or nan for null; a field that is not there is refused."""
    if name not in part:
        raise Refused(f"{name}: is missing")
    value = part[name]
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Refused(f"{name}: a number from {least} to {most} is needed")
    return float(value)
