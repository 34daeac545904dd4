"""Milestone 5 without a framework: a WSGI application that checks each field by hand and computes one row in numpy."""

import json
import math
import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pipeline.model import load_model
from pipeline.signals import Sales, own_signals, past_signals

MOST_BYTES = 4_000_000
MODEL, VERSION = load_model(Path(os.environ["MODEL_DIR"]))

Parse = Callable[[Any], Any]


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
        return "200 OK", {"probability": predict(read_body(environ)), "model_version": VERSION}
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
    return part(body, "body")


def part(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(field, "must be an object")
    return value


def take(holder: dict[str, Any], field: str, parse: Parse) -> Any:
    if field not in holder:
        raise Refused(field, "is missing")
    try:
        return parse(holder[field])
    except (TypeError, ValueError, OverflowError):
        raise Refused(field, "is not what it should be") from None


def number(low: float, high: float, nullable: bool = False) -> Parse:
    def parse(value: Any) -> float:
        if value is None and nullable:
            return math.nan
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError
        return float(value)

    return parse


def text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def one_of(known: Iterable[str]) -> Parse:
    def parse(value: Any) -> str:
        if text(value) not in known:
            raise ValueError
        return str(value)

    return parse


def moment(value: Any) -> int:
    parsed = datetime.fromisoformat(text(value))
    if parsed.tzinfo is None:
        raise ValueError
    return int(parsed.timestamp())


def midnight(value: Any) -> int:
    day = date.fromisoformat(text(value))
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def a_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


AMOUNT = number(0.005, 1e6, nullable=True)


def predict(body: dict[str, Any]) -> float:
    sale = part(take(body, "transaction", lambda value: value), "transaction")
    merchant = part(take(body, "merchant", lambda value: value), "merchant")
    customer = part(take(body, "customer", lambda value: value), "customer")
    now = take(sale, "event_ts", moment)
    names = [take(sale, "merchant_id", text)]
    times = [now]
    for earlier in take(body, "history", a_list):
        times.append(take(part(earlier, "history"), "event_ts", moment))
        names.append(take(earlier, "merchant_id", text))
        take(earlier, "amount_eur", AMOUNT)
        if times[-1] > now:
            raise Refused("history", "holds a sale that is later than the transaction")
    take(sale, "customer_id", text)
    country = take(merchant, "country", one_of(MODEL.zones))
    row = Sales(
        seconds=np.array([now]),
        amount_eur=np.array([take(sale, "amount_eur", AMOUNT)]),
        device_age_days=np.array([take(sale, "device_age_days", number(0, 4000, nullable=True))]),
        merchant_country=[country],
        merchant_zone=[MODEL.zones[country]],
        customer_country=[take(customer, "country", one_of(MODEL.zones))],
        signup_seconds=np.array([take(customer, "signup_date", midnight)]),
        fee_bps=np.array([take(body, "fee_bps", number(0, 10_000))]),
    )
    _, merchants = np.unique(names, return_inverse=True)
    past = past_signals(np.zeros(len(times), dtype="int64"), merchants, np.array(times))
    columns = {
        **own_signals(row),
        **{name: values[:1] for name, values in past.items()},
        "merchant_risk": np.array([MODEL.risk_of(names[0])]),
        "category": np.array([take(merchant, "category", one_of(MODEL.codes["category"]))], dtype=object),
        "channel": np.array([take(sale, "channel", one_of(MODEL.codes["channel"]))], dtype=object),
    }
    return float(MODEL.probability(columns)[0])
