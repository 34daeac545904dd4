"""Milestone 6: replay the weeks after the model went live, ring when something has changed, and learn again if need be.

python -m pipeline.monitor --stream data/raw/stream --model build/model --in build/clean --as-of 2024-05-30T00:00:00Z \
    --out build/monitor
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.build import build_features
from pipeline.detectors import (
    OTHER_CATEGORY,
    OTHER_LEVEL,
    Alarm,
    Slice,
    watch_contract,
    watch_outcomes,
    watch_population,
)
from pipeline.dictionary import Dictionary, read_dictionary
from pipeline.feature import parse_moment
from pipeline.model import Model, load_model, relearn
from pipeline.tables import read_table, write_table

WEEK = pd.Timedelta(weeks=1)
# Outcomes are watched over the four youngest weeks that are old enough to tell.
WATCHED = 4 * WEEK
FLAGS = ("is_cross_border", "is_new_merchant", "is_night", "is_weekend", "is_evening", "device_unknown")
CODES = {"category": OTHER_CATEGORY, "channel": OTHER_LEVEL}


def main() -> None:
    parser = argparse.ArgumentParser(description="Replay the weeks after the model went live.")
    parser.add_argument("--stream", type=Path, required=True, help="folder with the sales and labels of these weeks")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model that was served")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--as-of", type=parse_moment, required=True, help="the day the served model learnt from")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    monitor(options.stream, options.model, options.source, options.as_of, options.out)


def monitor(stream: Path, served: Path, source: Path, as_of: datetime, out: Path) -> None:
    dictionary, (model, _) = read_dictionary(source), load_model(served)
    before, later = read_table(source, "transactions"), read_table(stream, "transactions")
    labels = pd.concat([read_table(source, "labels"), read_table(stream, "labels")], ignore_index=True)
    features = as_served(source, before, later, labels, dictionary, as_of)
    features = features.assign(probability=model.probability(features))
    raised = features["txn_id"].map(labels.drop_duplicates("txn_id").set_index("txn_id")["disputed_at"])
    maturity = pd.Timedelta(days=dictionary.maturity_days)
    alarms = pd.DataFrame(list(replay(before, later, features, raised, maturity)), columns=list(_row(0, None)))
    _write(alarms, features, out)
    rung = lasting(alarms.loc[alarms["detector"] == "outcome", "week"])
    decide(rung, alarms, out)
    learn_again = model if rung.empty else _learnt_again(model, features, raised, maturity)
    learn_again.save(out)


def as_served(
    source: Path,
    before: pd.DataFrame,
    later: pd.DataFrame,
    labels: pd.DataFrame,
    dictionary: Dictionary,
    as_of: datetime,
) -> pd.DataFrame:
    """The features of the later sales as the service computes them: it knows of merchants what the model knows."""
    tables = {name: read_table(source, name) for name in ("merchants", "customers", "contracts")}
    both = pd.concat([before, later], ignore_index=True)
    features = build_features(both, **tables, labels=labels, dictionary=dictionary, as_of=as_of)
    return features[features["txn_id"].isin(later["txn_id"])].reset_index(drop=True)


def replay(
    before: pd.DataFrame, later: pd.DataFrame, features: pd.DataFrame, raised: pd.Series, maturity: pd.Timedelta
) -> Iterator[dict[str, object]]:
    """Alarms week by week, each from what was known when its week ended.

    A sale that came with a broken contract got a wrong answer for another reason: its outcome does not count.
    """
    live = later["event_ts"].min().floor("D")
    broken: set[str] = set()
    for week in range(int((later["event_ts"].max() - live) / WEEK) + 1):
        end = live + (week + 1) * WEEK
        sold = later[(later["event_ts"] >= end - WEEK) & (later["event_ts"] < end)]
        old = features["event_ts"].between(end - maturity - WATCHED, end - maturity, inclusive="left").to_numpy()
        found = [*watch_contract(sold, before), *watch_population(sold, before)]
        rung = [alarm.subject for alarm in found if alarm.detector == "contract" and alarm.rings]
        broken |= set(sold.loc[("amount_eur in " + sold["currency"]).isin(rung), "txn_id"])
        old = old & ~features["txn_id"].isin(broken).to_numpy()
        told = features[old]
        found += watch_outcomes(told["probability"].to_numpy(), (raised[old] < end).to_numpy(), _slices(told))
        yield from (_row(week, alarm) for alarm in found if alarm.rings)


def _slices(told: pd.DataFrame) -> Iterator[Slice]:
    yield Slice("all", np.ones(len(told), dtype=bool))
    for name in FLAGS:
        yield Slice(name, (told[name] == 1).to_numpy())
    for name, level in CODES.items():
        for code in sorted(told[name].unique()):
            yield Slice(f"{name} {code}", (told[name] == code).to_numpy(), level)


def _row(week: int, alarm: Alarm | None) -> dict[str, object]:
    return {"week": week, **asdict(alarm or Alarm("", "", 0.0, 0.0))}


def _write(alarms: pd.DataFrame, features: pd.DataFrame, out: Path) -> None:
    types = {"week": "int64", "detector": "str", "subject": "str", "value": "float64", "threshold": "float64"}
    write_table(alarms.astype(types), out, "alarms")
    write_table(features.drop(columns=["y", "probability"]), out, "features")
    write_table(features[["txn_id", "probability"]], out, "served")


def lasting(weeks: pd.Series) -> pd.Series:
    """The weeks that rang like the one before: one week may be luck, and a new model for nothing is a noisier one."""
    return weeks[(weeks - 1).isin(set(weeks))]


def decide(rung: pd.Series, alarms: pd.DataFrame, out: Path) -> None:
    """Only outcomes say that the model is wrong: a broken contract is mended at its source, other people are right."""
    week = None if rung.empty else int(rung.min())
    subjects = sorted(set(alarms.loc[alarms["week"] == week, "subject"]))
    reason = f"disputes are not what was said: {', '.join(subjects)}" if subjects else "outcomes are as they were said"
    (out / "decision.json").write_text(json.dumps({"retrain": week is not None, "week": week, "reason": reason}))


def _learnt_again(model: Model, features: pd.DataFrame, raised: pd.Series, maturity: pd.Timedelta) -> Model:
    """The served model, moved as far as the youngest sales that are old enough can move it."""
    end = features["event_ts"].max().ceil("D")
    old = features["event_ts"].between(end - maturity - WATCHED - WEEK, end - maturity, inclusive="left").to_numpy()
    return relearn(model, features[old], raised[old].notna().to_numpy(dtype="float64"))


if __name__ == "__main__":
    main()
