"""Milestone 3 without a data frame: lists, dictionaries, binary search; Arrow only reads and writes.

python -m pipeline.feature --in build/clean --out build/feature --as-of 2013-06-12T04:00:00Z
"""

import argparse
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from pipeline.dictionary import FARTHEST_SIGHT, HOME_ZONE, HOURS_BEFORE, LATE_MINUTES

HOUR = timedelta(hours=1)
HOME = ZoneInfo(HOME_ZONE)
EXPECTED, EXPECTED_LATE, EXPECTED_DELAY, USUAL_WIND = 5, 0.15, 10.0, 9.0
MOMENT = pa.timestamp("us", "UTC")

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the features of all flights.")
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--as-of", type=datetime.fromisoformat, required=True)
    options = parser.parse_args()
    tables = {
        name: pq.read_table(options.source / f"{name}.parquet").to_pylist() for name in ("flights", "weather", "planes")
    }
    rows = list(describe(**tables, as_of=options.as_of))
    options.out.mkdir(parents=True, exist_ok=True)
    pq.write_table(as_arrow(rows), options.out / "features.parquet")


def as_arrow(rows: list[Row]) -> pa.Table:
    """Moments keep their zone; the types of all others are seen from the values."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    kinds = {"sched_dep_ts": MOMENT, "asked_at": MOMENT, "plane_age": pa.float64(), "visib_known": pa.float64()}
    return pa.table({name: pa.array(values, kinds.get(name)) for name, values in columns.items()})


@dataclass
class History:
    """Departures in the order in which they happened, with running sums; and the timetable with what became of it."""

    left: list[datetime]
    late: list[int]
    delay: list[float]
    planned: list[datetime]
    really: list[datetime | None]

    def since(self, start: datetime, now: datetime) -> tuple[int, int, float]:
        a, b = bisect_left(self.left, start), bisect_left(self.left, now)
        return b - a, self.late[b] - self.late[a], self.delay[b] - self.delay[a]

    def waiting(self, start: datetime, now: datetime) -> tuple[int, int]:
        """How many were to leave, and how many of them had not."""
        due = self.really[bisect_left(self.planned, start) : bisect_left(self.planned, now)]
        return len(due), sum(left is None or left >= now for left in due)


def remember(flights: list[Row]) -> History:
    gone = [(when, flight["dep_delay_min"]) for flight in flights if (when := departed(flight))]
    gone.sort(key=lambda pair: pair[0])
    late, delay = [0], [0.0]
    for _, minutes in gone:
        late.append(late[-1] + (minutes > LATE_MINUTES))
        delay.append(delay[-1] + min(max(minutes, -20), 180))
    timetable = sorted(flights, key=lambda flight: flight["sched_dep_ts"])
    planned = [flight["sched_dep_ts"] for flight in timetable]
    return History([when for when, _ in gone], late, delay, planned, [departed(flight) for flight in timetable])


def departed(flight: Row) -> datetime | None:
    minutes = flight["dep_delay_min"]
    return None if minutes is None else flight["sched_dep_ts"] + timedelta(minutes=minutes)


def describe(flights: list[Row], weather: list[Row], planes: list[Row], as_of: datetime) -> Iterator[Row]:
    history = remember(flights)
    weather = sorted(weather, key=lambda seen: seen["observed_at"])
    seen_at = [seen["observed_at"] for seen in weather]
    built = {plane["tailnum"]: plane["built"] for plane in planes}
    for flight in flights:
        asked = flight["sched_dep_ts"] - HOURS_BEFORE * HOUR
        last = bisect_right(seen_at, asked) - 1
        sky = weather[last] if last >= 0 else {}
        split = in_split(flight, as_of)
        yield {
            "flight_id": flight["flight_id"],
            "sched_dep_ts": flight["sched_dep_ts"],
            "asked_at": asked,
            "split": split,
            "y": int(flight["arr_delay_min"] > LATE_MINUTES) if split == "train" else -1,
            "carrier": flight["carrier"],
            "dest": flight["dest"],
            **from_timetable(flight, built.get(flight["tailnum"])),
            **from_sky(sky),
            **from_board(history, asked),
        }


def in_split(flight: Row, as_of: datetime) -> str:
    if flight["sched_dep_ts"] >= as_of:
        return "score"
    return "void" if flight["arr_delay_min"] is None else "train"


def from_timetable(flight: Row, built: float | None) -> Row:
    local = flight["sched_dep_ts"].astimezone(HOME)
    return {
        "local_hour": local.hour,
        "block_min": (flight["sched_arr_ts"] - flight["sched_dep_ts"]) // timedelta(minutes=1),
        "plane_age": None if built is None else local.year - built,
    }


def from_sky(sky: Row) -> Row:
    sight, rain, wind = (sky.get(name) for name in ("visib_mi", "precip_in", "wind_mph"))
    return {
        "visib_known": sight,
        "haze": math.log1p(FARTHEST_SIGHT - min(FARTHEST_SIGHT if sight is None else sight, FARTHEST_SIGHT)),
        "rain": math.log1p(20 * (rain or 0.0)),
        "wind": min(USUAL_WIND if wind is None else wind, 40.0),
    }


def from_board(history: History, asked: datetime) -> Row:
    planned, overdue = history.waiting(asked - 3 * HOUR, asked)
    number, late, _ = history.since(asked - 2 * HOUR, asked)
    row: Row = {
        "n_departed_2h": number,
        "late_share_2h": late / number if number else None,
        "n_overdue_3h": overdue,
        "overdue_share": overdue / max(1, planned),
    }
    for hours in (2, 6):
        number, late, delay = history.since(asked - hours * HOUR, asked)
        row[f"late_{hours}h"] = (late + EXPECTED * EXPECTED_LATE) / (number + EXPECTED)
        row[f"delay_{hours}h"] = math.log1p(max(0.0, (delay + EXPECTED * EXPECTED_DELAY) / (number + EXPECTED)))
    return row


if __name__ == "__main__":
    main()
