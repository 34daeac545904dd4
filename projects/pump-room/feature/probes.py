"""The inputs of feature's other runs: the learner's own clean tables, cut in the past and in the weeks to be scored."""

import shutil
from pathlib import Path

import pandas as pd

from grading.kit import Produced, Truth, table

READINGS = {
    "pump_id": "string",
    "ts": "timestamp",
    **dict.fromkeys(("vib", "temp_c", "pressure_bar", "load"), "float?"),
    "quality": "int",
}
STOPS = {"pump_id": "string", "started_at": "timestamp", "ended_at": "timestamp?", "kind": "string"}
ALARMS = {"alarm_id": "string", "pump_id": "string", "code": "string", "raised_at": "timestamp"}
BACK, AHEAD = pd.Timedelta(days=30), pd.Timedelta(days=10)
HOUR = pd.Timedelta(hours=1)
JUST_AFTER = pd.Timedelta(seconds=30)


def cut_at(produced: Produced, truth: Truth) -> pd.Timestamp:
    """Just after a mark a month before as-of, right before some failure: whoever looks ahead an hour sees it."""
    now = pd.Timestamp(truth.json("meta")["snapshot"])
    stops = table(produced.upstream["clean"], "stops.parquet", columns=STOPS)
    failed = stops.started_at[(stops.kind == "failure") & (stops.started_at < now - BACK)]
    last = failed.max() if len(failed) else now - BACK
    return pd.Timestamp(last).floor("6h") + JUST_AFTER


def past(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """Readings, stops and alarms before the cut; a stop that was still going on has no end. The cut is `past`."""
    clean = produced.upstream["clean"]
    cut = cut_at(produced, truth)
    readings = table(clean, "readings.parquet", columns=READINGS)
    stops = table(clean, "stops.parquet", columns=STOPS)
    alarms = table(clean, "alarms.parquet", columns=ALARMS)
    stops = stops[stops.started_at < cut]
    stops = stops.assign(ended_at=stops.ended_at.where(stops.ended_at < cut))
    # A reading of an hour is complete when the hour is over.
    readings[readings.ts + HOUR <= cut].to_parquet(prepared / "readings.parquet", index=False)
    stops.to_parquet(prepared / "stops.parquet", index=False)
    alarms[alarms.raised_at < cut].to_parquet(prepared / "alarms.parquet", index=False)
    shutil.copyfile(clean.folder / "pumps.parquet", prepared / "pumps.parquet")
    return {"past": cut.strftime("%Y-%m-%dT%H:%M:%SZ")}


def ahead(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The same tables, the readings but for those after the tenth day to be scored.

    A pump's telemetry ends with its first stop after as-of: whoever asks when it ends hears of the failure.
    """
    clean = produced.upstream["clean"]
    cut = pd.Timestamp(truth.json("meta")["snapshot"]) + AHEAD
    readings = table(clean, "readings.parquet", columns=READINGS)
    readings[readings.ts + HOUR <= cut].to_parquet(prepared / "readings.parquet", index=False)
    for name in ("stops", "alarms", "pumps"):
        shutil.copyfile(clean.folder / f"{name}.parquet", prepared / f"{name}.parquet")
    return {}
