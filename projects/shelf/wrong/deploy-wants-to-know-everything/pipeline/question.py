"""What the service accepts: every field typed and bounded, everything else refused by name. It knows no framework."""

import json
import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from pipeline.plan import Version
from pipeline.signals import HISTORY, HORIZON

CATEGORIES = ("fruit", "baked", "ready")
KINDS = ("high_street", "station", "estate")
EVENTS = ("holiday", "closure", "festival")
MOST_ITEMS = 500
LONGEST_NUMBER = 20
MOST_PIECES = 100_000
COLDEST, HOTTEST = -60, 60


class RefusedError(Exception):
    """`field` is the name of what is wrong; the value is never repeated."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(field)


@dataclass(frozen=True)
class Question:
    store: str
    sku: str
    as_of: date
    horizon: int
    category: str
    kind: str
    sold: np.ndarray
    stockout: np.ndarray
    is_open: np.ndarray
    promotions: list[Version]
    temp: float
    rain_chance: float
    recent_temp: list[float]
    events: set[tuple[str, date]]

    @property
    def day(self) -> date:
        return self.as_of + timedelta(days=self.horizon)


def read_question(body: bytes) -> Question:
    """Raises RefusedError for whatever is not as promised."""
    try:
        given = json.loads(body, parse_int=_whole)
    except (ValueError, RecursionError) as fault:
        raise RefusedError("body", "is not JSON") from fault
    whole = _part({"body": given}, "body")
    as_of = _date(whole, "as_of")
    article, shop, weather = (_part(whole, name) for name in ("article", "shop", "weather"))
    store, sku = _text(whole, "store"), _text(whole, "sku")
    history = _history(whole, as_of)
    recent = [_temperature({"recent_temp_c": value}, "recent_temp_c") for value in _items(weather, "recent_temp_c")]
    return Question(
        store=store,
        sku=sku,
        as_of=as_of,
        horizon=int(_number(whole, "horizon", 1, HORIZON, whole=True)),
        category=_one_of(article, "category", CATEGORIES),
        kind=_one_of(shop, "kind", KINDS),
        sold=np.array([[row[0] for row in history]]),
        stockout=np.array([[row[1] for row in history]]),
        is_open=np.array([[row[2] for row in history]]),
        promotions=[_version(item, store, sku, as_of) for item in _items(whole, "promotions")],
        temp=_temperature(weather, "temp_c"),
        rain_chance=_or_nan(weather, "rain_chance", 0, 1),
        recent_temp=recent,
        events={
            (_one_of(_part({"events": item}, "events"), "kind", EVENTS), _date(item, "date"))
            for item in _items(whole, "events")
        },
    )


def _whole(digits: str) -> float:
    """Python refuses to read very long numbers; here they are only too large."""
    return int(digits) if len(digits) < LONGEST_NUMBER else math.inf


def _history(whole: dict[str, Any], as_of: date) -> list[tuple[float, float, bool]]:
    rows = [_part({"history": item}, "history") for item in _items(whole, "history")]
    days = [_date(row, "date") for row in rows]
    if days != [as_of - timedelta(days=back) for back in range(HISTORY - 1, -1, -1)]:
        raise RefusedError("history", f"holds the {HISTORY} days up to as_of, oldest first")
    return [
        (
            float(_number(row, "sold", 0, MOST_PIECES)),
            _flag(row, "stockout", unknown=math.nan),
            bool(_flag(row, "was_open")),
        )
        for row in rows
    ]


def _version(item: object, store: str, sku: str, as_of: date) -> Version:
    row = _part({"promotions": item}, "promotions")
    published = _date(row, "published_on")
    if published > as_of:
        raise RefusedError("promotions", "holds a version that was not published yet")
    return Version(
        promotion=_text(row, "promotion"),
        version=int(_number(row, "version", 1, 1000, whole=True)),
        published_on=published,
        store=store,
        sku=sku,
        starts_on=_date(row, "starts_on"),
        ends_on=_date(row, "ends_on"),
        discount=_number(row, "discount", 0, 1),
        cancelled=bool(_flag(row, "cancelled")),
    )


def _take(part: dict[str, Any], field: str) -> Any:
    if field not in part:
        raise RefusedError(field, "is missing")
    return part[field]


def _part(given: dict[str, Any], field: str) -> dict[str, Any]:
    return _typed(given, field, dict, "is no object")


def _items(given: dict[str, Any], field: str) -> list[Any]:
    items = _typed(given, field, list, "is no list")
    if len(items) > MOST_ITEMS:
        raise RefusedError(field, "is too long")
    return items


def _typed(given: dict[str, Any], field: str, kind: type, problem: str) -> Any:
    value = _take(given, field)
    if not isinstance(value, kind):
        raise RefusedError(field, problem)
    return value


def _text(given: dict[str, Any], field: str) -> str:
    text = _typed(given, field, str, "is no text")
    if not (0 < len(text) <= 64 and text.isascii() and text.isprintable()):
        raise RefusedError(field, "is no code")
    return text


def _one_of(given: dict[str, Any], field: str, known: tuple[str, ...]) -> str:
    if _take(given, field) not in known:
        raise RefusedError(field, "is not one of the known codes")
    return given[field]


def _number(given: dict[str, Any], field: str, least: float, most: float, *, whole: bool = False) -> float:
    value = _take(given, field)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise RefusedError(field, "is no whole number" if whole else "is no number")
    if not least <= value <= most:
        raise RefusedError(field, "is out of range")
    return value


def _or_nan(given: dict[str, Any], field: str, least: float, most: float) -> float:
    return math.nan if _take(given, field) is None else float(_number(given, field, least, most))


def _temperature(given: dict[str, Any], field: str) -> float:
    return _or_nan(given, field, COLDEST, HOTTEST)


def _flag(given: dict[str, Any], field: str, unknown: float | None = None) -> float:
    value = _take(given, field)
    if value is None and unknown is not None:
        return unknown
    if not isinstance(value, bool):
        raise RefusedError(field, "is neither true nor false")
    return float(value)


def _date(given: dict[str, Any], field: str) -> date:
    text = _typed(given, field, str, "is no date")
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise RefusedError(field, "is no date such as 2024-05-12") from fault
    if not (len(text) == 10 and 1990 <= day.year <= 2100):
        raise RefusedError(field, "is no date such as 2024-05-12")
    return day
