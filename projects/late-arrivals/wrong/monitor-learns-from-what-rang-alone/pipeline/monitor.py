"""Milestone 6: replay the weeks after the model went live, ring when something has changed, and learn again if need be.

python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean --as-of 2013-06-12T04:00:00Z \
    --out build/monitor
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.detectors import usual_days, watch_contract, watch_outcomes, watch_population
from pipeline.dictionary import HOME_ZONE, LATE_MINUTES
from pipeline.feature import build, parse_moment
from pipeline.relearning import learn_again, load_model
from pipeline.tables import read_table, write_table

# Outcomes are watched over three weeks: one week has too few days.
WATCHED = 3
TYPES = {"week": "int64", "detector": "str", "subject": "str", "value": "float64", "threshold": "float64"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay the weeks after the model went live.")
    parser.add_argument("--stream", type=Path, required=True, help="folder with the flights and weather of these weeks")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model that was served")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--as-of", type=parse_moment, required=True, help="the day the served model learnt from")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    monitor(options.stream, options.model, options.source, options.as_of, options.out)


def monitor(stream: Path, served: Path, source: Path, as_of: pd.Timestamp, out: Path) -> None:
    model, _ = load_model(served)
    features, flights = describe(stream, source, as_of)
    flights = flights.assign(said=model.probability(features))
    archive, live = flights[features["split"] == "train"], flights[flights["week"] >= 0]
    alarms = pd.DataFrame(list(replay(archive, live)), columns=list(TYPES)).astype(TYPES)
    told = features[flights["week"] >= 0]
    write_table(alarms, out, "alarms")
    write_table(told.drop(columns=["y"]), out, "features")
    rung = lasting(alarms[alarms["detector"] == "outcome"])
    decide(rung, out)
    if len(rung):
        known = told.assign(y=live["late"])[since_the_change(live, rung)]
        model = learn_again(model, features[features["split"] == "train"], known, rung.sort_values("value", ascending=False)["subject"].unique().tolist())
    model.save(out)


def describe(stream: Path, source: Path, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The features of all flights, archive and stream; and the flights with their week and day, and whether late."""
    before, later = read_table(source, "flights"), read_table(stream, "flights")
    both = pd.concat([before, later], ignore_index=True)
    weather = pd.concat([read_table(folder, "weather") for folder in (source, stream)], ignore_index=True)
    features = build(both, weather, read_table(source, "planes"), as_of).reset_index(drop=True)
    local = both["sched_dep_ts"].dt.tz_convert(HOME_ZONE)
    live = later["sched_dep_ts"].min().tz_convert(HOME_ZONE).normalize()
    late = (both["arr_delay_min"] > LATE_MINUTES).astype("float64").where(both["arr_delay_min"].notna())
    flights = both.assign(
        day=local.dt.date,
        local_hour=features["local_hour"],
        week=np.floor((local.dt.normalize().dt.tz_localize(None) - live.tz_localize(None)).dt.days / 7),
        late=late,
    )
    return features, flights.assign(week=flights["week"].where(both.index >= len(before), -1).astype("int64"))


def replay(archive: pd.DataFrame, live: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Alarms week by week, each from what was known when its week ended.

    The board is everybody's: in a week whose contract is broken no answer was worth what it seems, and none is judged.
    """
    usual, sound = usual_days(archive), []
    for week in sorted(live.loc[live["late"].notna(), "week"].unique()):
        flown = live[live["week"] == week]
        broken = [alarm for alarm in watch_contract(flown, archive) if alarm.rings]
        if not broken:
            sound.append(week)
        told = live[live["week"].isin([one for one in sound if one > week - WATCHED]) & live["late"].notna()]
        found = [*broken, *watch_population(flown, archive), *watch_outcomes(told, usual)]
        yield from ({"week": week, **asdict(alarm)} for alarm in found if alarm.rings)


def lasting(alarms: pd.DataFrame) -> pd.DataFrame:
    """What rang for the same subject in the week before as well, since one ring may be luck."""
    before = set(zip(alarms["week"] + 1, alarms["subject"], strict=True))
    again = [ring in before for ring in zip(alarms["week"], alarms["subject"], strict=True)]
    return alarms[np.array(again, dtype=bool)]


def since_the_change(live: pd.DataFrame, rung: pd.DataFrame) -> pd.Series:
    """Landed flights from two weeks before the second ring on: the flights of earlier weeks teach what was true."""
    return (live["week"] >= rung["week"].min() - 2) & live["late"].notna()


def decide(rung: pd.DataFrame, out: Path) -> None:
    """Only outcomes say that the model is wrong: a broken contract is mended at its source, other flights are right."""
    week = int(rung["week"].min()) if len(rung) else None
    subjects = ", ".join(sorted(set(rung.loc[rung["week"] == week, "subject"])))
    reason = f"arrivals are not what was said: {subjects}" if subjects else "arrivals are as they were said"
    (out / "decision.json").write_text(json.dumps({"retrain": week is not None, "week": week, "reason": reason}))


if __name__ == "__main__":
    main()
