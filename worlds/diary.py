"""A diary of shops as events of a calendar: holidays, closures, festivals; some moved, some called off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from worlds.calendar_file import Event, spans
from worlds.shops import Calendar

SUMMARY = {
    "HOLIDAY": "Public holiday: all shops stay closed, deliveries resume on the following day",
    "CLOSURE": "Shop closed for refitting",
    "FESTIVAL": "Street festival in the neighbourhood, entered by the shop's own manager in the spring",
}
ALL = "all"


@dataclass(frozen=True)
class Diary:
    """events: every version, as written. moved, called_off: uids. days: store, kind, date of what takes place."""

    events: list[Event]
    moved: list[str]
    called_off: list[str]
    days: pd.DataFrame


def keep_diary(
    calendar: Calendar, stores: Sequence[str], moved: float, called_off: int, rng: np.random.Generator
) -> Diary:
    """`moved`: the share of festivals that first stood on other days. `called_off`: how many never took place."""
    events: list[Event] = []
    right = [_event(number, *run, calendar.days) for number, run in enumerate(_runs(calendar, stores))]
    shifted = []
    for event in right:
        if event.category == "FESTIVAL" and rng.random() < moved:
            back = pd.Timedelta(days=int(rng.integers(4, 9)))
            events += [replace(event, first=event.first - back, last=event.last - back), replace(event, sequence=1)]
            shifted.append(event.uid)
        else:
            events.append(event)
    never = [_never(number, calendar.days, stores, rng) for number in range(called_off)]
    events += [version for planned in never for version in (planned, replace(planned, sequence=1, status="CANCELLED"))]
    return Diary(events, shifted, [event.uid for event in never], _days_of(right, stores))


Run = tuple[str, str, int, int]


def _runs(calendar: Calendar, stores: Sequence[str]) -> list[Run]:
    """Category, place, first and last day of whatever lasts."""
    runs = [("HOLIDAY", ALL, first, last) for first, last in spans(calendar.holiday)]
    for store, name in enumerate(stores):
        shut = ~calendar.is_open[store] & ~calendar.holiday
        runs += [("CLOSURE", name, first, last) for first, last in spans(shut)]
        runs += [("FESTIVAL", name, first, last) for first, last in spans(calendar.festival[store])]
    return runs


def _event(number: int, category: str, place: str, first: int, last: int, days: pd.DatetimeIndex) -> Event:
    what = (category, place, SUMMARY[category])
    return Event(f"e{number:04d}@shelf", 0, "CONFIRMED", pd.Timestamp(days[first]), pd.Timestamp(days[last]), *what)


def _never(number: int, days: pd.DatetimeIndex, stores: Sequence[str], rng: np.random.Generator) -> Event:
    day = pd.Timestamp(days[int(rng.integers(20, len(days) - 5))])
    what = ("FESTIVAL", stores[int(rng.integers(len(stores)))], SUMMARY["FESTIVAL"])
    return Event(f"c{number:04d}@shelf", 0, "CONFIRMED", day, day, *what)


def _days_of(events: Sequence[Event], stores: Sequence[str]) -> pd.DataFrame:
    rows = [
        (store, event.category.lower(), day.date())
        for event in events
        for store in (stores if event.location == ALL else [event.location])
        for day in pd.date_range(event.first, event.last)
    ]
    return pd.DataFrame(rows, columns=["store", "kind", "date"])
