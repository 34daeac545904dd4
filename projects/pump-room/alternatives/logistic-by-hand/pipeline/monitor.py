"""Milestone 6, by counting: middles of stations, pumps that nobody knows, and what the answers cost.

python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean --as-of 2024-05-06T00:00:00Z \
    --out build/monitor
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from pipeline import logistic, model
from pipeline.again import learn_again
from pipeline.feature import build
from pipeline.models import load_model
from pipeline.windows import CHANNELS

DAYS = 7
HORIZON = pd.Timedelta(hours=72)
ROWS_PER_FAILURE = 12
# A middle of a station this many of its usual spreads away is no weather.
FAR = 4.0
STRANGERS = 0.15
# Standard deviations by which wrong answers may cost more than the model thought they would.
SURPRISED = 7.5
WATCHED = 4
COLUMNS = {"week": "int64", "detector": "str", "subject": "str", "value": "float64", "threshold": "float64"}
MAKES = ("Norda", "Velo")

Alarm = tuple[int, str, str, float, float]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stream", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    monitor(options.stream, options.model, options.source, options.out)


def monitor(stream: Path, folder: Path, source: Path, out: Path) -> None:
    served, _ = load_model(folder)
    usual, later = with_site(source), with_site(stream)
    live = later["ts"].min().floor("D")
    later["week"] = (later["ts"] - live).dt.days // DAYS
    build(stream, out, live + pd.Timedelta(days=DAYS * int(later["week"].max() + 1)))
    rows = pd.read_parquet(out / "features.parquet")
    said = served.probability(rows)
    rows[["row_id"]].assign(probability=said).to_parquet(out / "served.parquet", index=False)
    broken = list(contract(later, usual))
    told = old_enough(rows.assign(said=said, week=-((live - rows["ts"] - HORIZON).dt.days // DAYS) - 1), later, broken)
    outcomes = list(outcome(told, int(later["week"].max())))
    alarms = pd.DataFrame([*broken, *population(later, usual), *outcomes], columns=list(COLUMNS))
    alarms.astype(COLUMNS).to_parquet(out / "alarms.parquet", index=False)
    rows.drop(columns="y").to_parquet(out / "features.parquet", index=False)
    week = lasting({alarm[0] for alarm in outcomes})
    subjects = sorted({alarm[2] for alarm in outcomes})
    reason = "as many failures as expected" if week is None else f"other failures than expected: {', '.join(subjects)}"
    (out / "decision.json").write_text(json.dumps({"retrain": week is not None, "week": week, "reason": reason}))
    wanted = served if week is None else learnt_anew(served, told[told["week"] >= week - WATCHED], outcomes)
    wanted.save(out)


def lasting(rung: set[int]) -> int | None:
    """The first week that rang like the week before it: one week may be luck."""
    return min((week for week in rung if week - 1 in rung), default=None)


def with_site(folder: Path) -> pd.DataFrame:
    pumps = pd.read_parquet(folder / "pumps.parquet", columns=["pump_id", "site"])
    return pd.read_parquet(folder / "readings.parquet").merge(pumps, on="pump_id")


def contract(later: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    for name in CHANNELS:
        station = usual.groupby("site")[name]
        off = (later.groupby(["site", "week"])[name].median() - station.median()).abs() / station.std()
        for (site, week), far in off[off > FAR].items():
            yield week, "contract", f"{name} at {site}", far, FAR


def population(later: pd.DataFrame, usual: pd.DataFrame) -> Iterator[Alarm]:
    known = set(usual["pump_id"])
    for week, pumps in later.groupby("week")["pump_id"].unique().items():
        share = float(np.mean([pump not in known for pump in pumps]))
        if share > STRANGERS:
            yield week, "population", "pumps that nobody knows", share, STRANGERS


def old_enough(rows: pd.DataFrame, later: pd.DataFrame, broken: list[Alarm]) -> pd.DataFrame:
    """Rows whose 72 hours are over, but for those of stations whose units were wrong."""
    site = rows["pump_id"].map(later.drop_duplicates("pump_id").set_index("pump_id")["site"])
    first = {subject.split(" at ")[1]: week for week, _, subject, _, _ in reversed(broken)}
    sound = rows["week"] < site.map(first).fillna(1 << 30)
    return rows[(rows["split"] == "train") & sound]


def outcome(told: pd.DataFrame, last: int) -> Iterator[Alarm]:
    """Of each make and of both, four weeks together."""
    for week in range(2, last + 1):
        young = told[told["week"].between(week - WATCHED + 1, week)]
        parts = {make: young[young["is_velo"] == flag] for flag, make in enumerate(MAKES)}
        for name, part in {"both makes": young, **parts}.items():
            surprised = surprise(part)
            if surprised > SURPRISED:
                yield week, "outcome", name, surprised, SURPRISED


def surprise(rows: pd.DataFrame) -> float:
    """What the answers cost in log loss beyond what they expect of themselves, a failure being one event."""
    said, came = rows["said"].to_numpy(), rows["y"].to_numpy()
    odds = np.log(said / (1 - said))
    spread = np.sqrt(ROWS_PER_FAILURE * (said * (1 - said) * odds**2).sum())
    return float(((said - came) * odds).sum() / max(spread, 1e-9))


def learnt_anew(
    served: logistic.Model | model.Model, rows: pd.DataFrame, outcomes: list[Alarm]
) -> logistic.Model | model.Model:
    """The served model, with weights of its own for the make that surprised most."""
    worst = max((0, 1), key=lambda flag: surprise(rows[rows["is_velo"] == flag]))
    own = rows[rows["is_velo"] == worst]
    outcome = own["y"].to_numpy(dtype="float64")
    if isinstance(served, logistic.Model):
        return logistic.fit_anew(served, own, outcome, worst)
    return model.Model({**served.arrays, **learn_again(own, outcome, worst)})


if __name__ == "__main__":
    main()
