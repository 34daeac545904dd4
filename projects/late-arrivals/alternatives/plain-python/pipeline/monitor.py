"""Milestone 6 without a data frame: a week is a list of flights, and everything about it is counted.

python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean --as-of 2013-06-12T04:00:00Z \
    --out build/monitor
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pipeline.dictionary import LATE_MINUTES
from pipeline.feature import HOME, Row, as_arrow, describe
from pipeline.model import CODES, NUMBERS, load_model, relearn

OTHER_UNIT, FEWEST_FLIGHTS = math.log(10), 20
OTHER_POPULATION, FLOOR = 0.1, 1e-3
OTHER_OUTCOMES, FEWEST_EXPECTED, WATCHED = 4.5, 8.0, 3
DELAYS = ("dep_delay_min", "arr_delay_min")
ALARM = pa.schema(
    [("week", "int64"), ("detector", "string"), ("subject", "string"), ("value", "float64"), ("threshold", "float64")]
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay the weeks after the model went live.")
    parser.add_argument("--stream", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--as-of", type=datetime.fromisoformat, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    monitor(options.stream, options.model, options.source, options.as_of, options.out)


def monitor(stream: Path, served: Path, source: Path, as_of: datetime, out: Path) -> None:
    model, _ = load_model(served)
    before, later = read(source, "flights"), read(stream, "flights")
    weather = read(source, "weather") + read(stream, "weather")
    rows = list(describe(before + later, weather, read(source, "planes"), as_of))
    said = model.probability(columns(rows)).tolist()
    flights = [flight | tell(flight, row, p) for flight, row, p in zip(before + later, rows, said, strict=True)]
    archive = [flight for flight in flights[: len(before)] if flight["split"] == "train"]
    live = flights[len(before) :]
    first = min(flight["day"] for flight in live)
    for flight in live:
        flight["week"] = (flight["day"] - first).days // 7
    alarms = list(replay(archive, live))
    pq.write_table(pa.Table.from_pylist(alarms, ALARM), out / "alarms.parquet")
    pq.write_table(as_arrow([strip(row) for row in rows[len(before) :]]), out / "features.parquet")
    rung = [alarm for alarm in alarms if alarm["detector"] == "outcome"]
    decide(rung, out)
    if rung:
        since = min(alarm["week"] for alarm in rung) - 1
        new = [flight for flight in live if flight["week"] >= since and flight["late"] is not None]
        model = relearn(model, columns(new), np.array([flight["late"] for flight in new], dtype="float64"))
    model.save(out)


def read(folder: Path, name: str) -> list[Row]:
    return list(pq.read_table(folder / f"{name}.parquet").to_pylist())


def columns(rows: list[Row]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in (*NUMBERS, *CODES)}


def strip(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "y"}


def tell(flight: Row, row: Row, said: float) -> Row:
    """The flight's features, its day in New York, what was said of it, and whether it was late."""
    landed = flight["arr_delay_min"]
    late = None if landed is None else int(landed > LATE_MINUTES)
    return {**row, "day": flight["sched_dep_ts"].astimezone(HOME).date(), "said": said, "late": late}


def replay(archive: list[Row], live: list[Row]) -> Iterator[Row]:
    """Week by week; a week whose contract is broken is not judged, for the board is everybody's."""
    usual, sizes, sound = usual_days(archive), usual_sizes(archive), set[int]()
    for week in sorted({flight["week"] for flight in live if flight["late"] is not None}):
        flown = [flight for flight in live if flight["week"] == week]
        broken = list(watch_contract(flown, sizes))
        if not broken:
            sound.add(week)
        judged = sound & set(range(week - WATCHED + 1, week + 1))
        told = [flight for flight in live if flight["week"] in judged and flight["late"] is not None]
        for subject, value, threshold, detector in (
            *((*found, "contract") for found in broken),
            *((*found, "population") for found in watch_population(flown, archive)),
            *((*found, "outcome") for found in watch_outcomes(told, usual)),
        ):
            yield {"week": week, "detector": detector, "subject": subject, "value": value, "threshold": threshold}


Found = tuple[str, float, float]


def usual_sizes(flights: list[Row]) -> dict[str, float]:
    """The logarithm of the middle delay, early or late, of each carrier at either end, where there are enough."""
    delays: defaultdict[str, list[float]] = defaultdict(list)
    for flight in flights:
        for column in DELAYS:
            if flight[column] is not None:
                delays[f"{column} of {flight['carrier']}"].append(abs(flight[column]))
    return {name: math.log(median(told) + 1) for name, told in delays.items() if len(told) >= FEWEST_FLIGHTS}


def watch_contract(flown: list[Row], usual: dict[str, float]) -> Iterator[Found]:
    for name, size in sorted(usual_sizes(flown).items()):
        off = abs(size - usual.get(name, size))
        if off > OTHER_UNIT:
            yield name, off, OTHER_UNIT


def watch_population(flown: list[Row], archive: list[Row]) -> Iterator[Found]:
    tenths = quantiles([flight["distance_mi"] for flight in archive], n=10)
    parts = {
        "carrier": lambda flight: flight["carrier"],
        "distance_mi": lambda flight: sum(flight["distance_mi"] > tenth for tenth in tenths),
    }
    for name, part in parts.items():
        off = stability(Counter(map(part, flown)), Counter(map(part, archive)))
        if off > OTHER_POPULATION:
            yield name, off, OTHER_POPULATION


def stability(now: Counter[Any], then: Counter[Any]) -> float:
    shares = [(max(FLOOR, now[part] / now.total()), max(FLOOR, then[part] / then.total())) for part in now | then]
    return sum((a - b) * math.log(a / b) for a, b in shares)


def watch_outcomes(told: list[Row], usual: dict[str, float]) -> Iterator[Found]:
    """What was off, slice by slice, in units of what as many days are off anyway."""
    days = len({flight["day"] for flight in told})
    off, said = Counter[str](), Counter[str]()
    for flight in told:
        for name in slices(flight):
            off[name] += flight["late"] - flight["said"]
            said[name] += flight["said"]
    for name in sorted(off):
        value = abs(off[name]) / math.sqrt(days * usual[name]) if usual.get(name) else 0.0
        if said[name] >= FEWEST_EXPECTED and value > OTHER_OUTCOMES:
            yield name, value, OTHER_OUTCOMES


def usual_days(archive: list[Row]) -> dict[str, float]:
    """The mean square of what a day was off, slice by slice, in the weeks that the model learnt from."""
    off = Counter[tuple[str, Any]]()
    for flight in archive:
        for name in slices(flight):
            off[name, flight["day"]] += flight["late"] - flight["said"]
    days = len({flight["day"] for flight in archive})
    squares = Counter[str]()
    for (name, _), value in off.items():
        squares[name] += value**2 / days
    return dict(squares)


def slices(flight: Row) -> Iterable[str]:
    bank = flight["local_hour"] // 3 * 3
    return "all", f"carrier {flight['carrier']}", f"hours {bank}-{bank + 2}"


def decide(rung: list[Row], out: Path) -> None:
    """Only arrivals say that the model is wrong."""
    week = min((alarm["week"] for alarm in rung), default=None)
    subjects = sorted(alarm["subject"] for alarm in rung if alarm["week"] == week)
    reason = f"arrivals are not what was said: {', '.join(subjects)}" if subjects else "arrivals are as they were said"
    (out / "decision.json").write_text(json.dumps({"retrain": bool(rung), "week": week, "reason": reason}))


if __name__ == "__main__":
    main()
