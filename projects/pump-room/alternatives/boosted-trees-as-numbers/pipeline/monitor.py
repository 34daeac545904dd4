"""Milestone 6: replay the weeks after the model went live, ring when something has changed, and learn again if need be.

python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean --as-of 2024-05-06T00:00:00Z \
    --out build/monitor
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from pipeline import model as network
from pipeline import trees
from pipeline.again import learn_again
from pipeline.detectors import Alarm, misranked, watch_contract, watch_outcomes, watch_population
from pipeline.feature import build
from pipeline.models import load_model
from pipeline.tables import read_table, write_table
from pipeline.train import fit

WEEK = pd.Timedelta(weeks=1)
HORIZON = pd.Timedelta(hours=72)
# Outcomes are watched over the four youngest weeks that are old enough to tell.
WATCHED = 4 * WEEK
MAKES = ("Norda", "Velo")
TREES_ANEW = 60

Model = trees.Model | network.Model


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay the weeks after the model went live.")
    parser.add_argument("--stream", type=Path, required=True, help="folder with the clean tables of these weeks")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model that was served")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--as-of", required=True, help="the day the served model learnt from")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    monitor(options.stream, options.model, options.source, pd.Timestamp(options.as_of), options.out)


def monitor(stream: Path, served: Path, source: Path, as_of: pd.Timestamp, out: Path) -> None:
    model, _ = load_model(served)
    before, later = on_pumps(source), on_pumps(stream)
    live, end = later["ts"].min().floor("D"), later["ts"].max().floor("D") + pd.Timedelta(days=1)
    rows = as_served(stream, out, model, later, end)
    found = list(replay(before[before["ts"] < as_of], later, rows, live, end))
    alarms = pd.DataFrame(found, columns=list(_row(0, None)))
    _write(alarms, rows, out)
    rung = lasting(alarms[alarms["detector"] == "outcome"])
    decide(rung, out)
    wanted = model if rung.empty else learnt_again(model, rows, rung, live)
    wanted.save(out)


def on_pumps(folder: Path) -> pd.DataFrame:
    """Readings in order of time, with what is known of their pump."""
    pumps = read_table(folder, "pumps")[["pump_id", "site", "make", "commissioned"]]
    return read_table(folder, "readings").merge(pumps, on="pump_id").sort_values("ts", ignore_index=True)


def as_served(stream: Path, out: Path, model: Model, later: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """The rows of the stream with what the model said of each; `y` is what had come of it when the stream ended."""
    build(stream, out, end)
    rows = read_table(out, "features")
    place = later.drop_duplicates("pump_id").set_index("pump_id")
    known = {name: rows["pump_id"].map(place[name]) for name in ("site", "make")}
    return rows.assign(probability=model.probability(rows), **known, sound=True)


def replay(
    before: pd.DataFrame, later: pd.DataFrame, rows: pd.DataFrame, live: pd.Timestamp, end: pd.Timestamp
) -> Iterator[dict[str, object]]:
    """Alarms week by week, each from what was known when its week ended.

    A row that saw readings in a wrong unit got a wrong answer for another reason: its outcome does not count.
    """
    for week in range(int((end - live) / WEEK)):
        ends = live + (week + 1) * WEEK
        heard = later[(later["ts"] >= ends - WEEK) & (later["ts"] < ends)]
        found = [*watch_contract(heard), *watch_population(heard, before)]
        broken = {alarm.subject.split(" at ")[1] for alarm in found if alarm.detector == "contract" and alarm.rings}
        # A window reaches back a week, so what was sent in this one is seen until the end of the next.
        rows.loc[rows["site"].isin(broken) & rows["ts"].between(ends - WEEK, ends + WEEK), "sound"] = False
        told = rows[_mature(rows, ends - WATCHED, ends)]
        found += watch_outcomes(told["probability"].to_numpy(), (told["y"] == 1).to_numpy(), dict(_slices(told)))
        yield from (_row(week, alarm) for alarm in found if alarm.rings)


def _mature(rows: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Sound rows whose 72 hours were over in this stretch, nobody having stopped the pump."""
    over = rows["ts"] + HORIZON
    return (rows["split"] == "train") & rows["sound"] & (over > since) & (over <= until)


def _slices(told: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    yield "all", np.ones(len(told), dtype=bool)
    for name in ("make", "site"):
        for value in sorted(told[name].unique()):
            yield f"{name} {value}", (told[name] == value).to_numpy()


def _row(week: int, alarm: Alarm | None) -> dict[str, object]:
    return {"week": week, **asdict(alarm or Alarm("", "", 0.0, 0.0))}


def _write(alarms: pd.DataFrame, rows: pd.DataFrame, out: Path) -> None:
    types = {"week": "int64", "detector": "str", "subject": "str", "value": "float64", "threshold": "float64"}
    write_table(alarms.astype(types), out, "alarms")
    write_table(rows.drop(columns=["y", "probability", "site", "make", "sound"]), out, "features")
    write_table(rows[["row_id", "probability"]], out, "served")


def lasting(rung: pd.DataFrame) -> pd.DataFrame:
    """Alarms of weeks that rang like the week before: a week has a handful of failures, and one may be luck."""
    return rung[(rung["week"] - 1).isin(set(rung["week"]))]


def decide(rung: pd.DataFrame, out: Path) -> None:
    """Only outcomes say that the model is wrong: a wrong unit is mended at its source, new pumps follow old rules."""
    week = None if rung.empty else int(rung["week"].min())
    subjects = sorted(set(rung.loc[rung["week"] == week, "subject"]))
    reason = (
        f"failures come where none was foreseen: {', '.join(subjects)}"
        if subjects
        else "failures come where they were foreseen"
    )
    (out / "decision.json").write_text(json.dumps({"retrain": week is not None, "week": week, "reason": reason}))


def learnt_again(model: Model, rows: pd.DataFrame, rung: pd.DataFrame, live: pd.Timestamp) -> Model:
    """The served model, and trees of its own for the make that it foresees worst."""
    first = live + rung["week"].min() * WEEK - WATCHED
    told = rows[_mature(rows, first, rows["ts"].max())]
    worst = max(MAKES, key=lambda make: _misranked(told[told["make"] == make]))
    own, is_velo = told[told["make"] == worst], MAKES.index(worst)
    outcome = own["y"].to_numpy(dtype="float64")
    if isinstance(model, network.Model):
        return network.Model({**model.arrays, **learn_again(own, outcome, is_velo)})
    grown = {"is_velo": np.array(is_velo), **fit(own, outcome, TREES_ANEW).arrays}
    return trees.Model({**model.arrays, **{trees.ANEW + name: values for name, values in grown.items()}})


def _misranked(told: pd.DataFrame) -> float:
    failed = (told["y"] == 1).to_numpy()
    return misranked(told["probability"].to_numpy(), failed) if failed.any() and not failed.all() else 0.0


if __name__ == "__main__":
    main()
