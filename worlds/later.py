"""Machines some time later: other lives of the same fleet, as cleaned, and what weeks become when something changes.

It knows nothing of devices, clocks and orders; `declared` names the stretches (`gaps`, `stuck_*`, `no_probe`) and the
shares in which readings are lost.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from worlds.defects.log import DefectLog
from worlds.domain import Calendar
from worlds.machines import CHANNELS, HOUR, SENSORS, Fleet
from worlds.mess import Mess

STUCK, WITHOUT_PROBE = 2, 4

Tables = dict[str, pd.DataFrame]


def later(mess: Mess, name: str, pumps: pd.DataFrame, day: int, days: int) -> Mess:
    """The same business from `day` on for some days, with these pumps and draws of its own; nothing of it is logged."""
    world = mess.world
    seed = replace(world.seed, draw=int(mess.rng(f"later/{name}").integers(1 << 62)))
    calendar = Calendar(world.calendar.start + timedelta(days=day), days, 0)
    entities = {**world.entities, "pump": pumps.reset_index(drop=True)}
    return replace(mess, world=replace(world, seed=seed, calendar=calendar, entities=entities), log=DefectLog())


def as_cleaned(mess: Mess, fleet: Fleet, alarms: pd.DataFrame) -> Tables:
    """readings, stops and alarms of this fleet, as a careful person would have cleaned them on the day after."""
    end = mess.world.calendar.snapshot_seconds
    stops = fleet.stops[fleet.stops["started"] < end]
    ended = pd.to_datetime(stops["ended"].where(stops["ended"] < end), unit="s", utc=True).dt.as_unit("s")
    began = pd.to_datetime(stops["started"], unit="s", utc=True).dt.as_unit("s")
    told = stops[["pump_id"]].assign(started_at=began, ended_at=ended, kind=stops["kind"])
    return {"readings": _readings(mess, fleet), "stops": told.reset_index(drop=True), "alarms": alarms}


def _readings(mess: Mess, fleet: Fleet) -> pd.DataFrame:
    shape = fleet.lives.level.shape
    heard = (fleet.lives.level >= 0) & ~_stretches(mess, "gaps", shape)
    stuck = {name: _stretches(mess, f"stuck_{name}", shape) for name in SENSORS.values()}
    no_probe = _stretches(mess, "no_probe", shape)
    missing = {name: mess.some(f"missing_{name}", heard.ravel()).reshape(shape) for name in CHANNELS}
    lost = {name: stuck.get(name, False) | gaps for name, gaps in missing.items()}
    lost["temp_c"] = lost["temp_c"] | no_probe
    any_stuck = stuck["vib"] | stuck["temp_c"] | stuck["pressure_bar"]
    pump, hour = np.nonzero(heard)
    ts = pd.to_datetime(mess.world.calendar.start_seconds + hour * HOUR, unit="s", utc=True).as_unit("s")
    cells = {name: np.where(lost[name], np.nan, fleet.sensors[name])[heard] for name in CHANNELS}
    quality = (STUCK * any_stuck + WITHOUT_PROBE * no_probe)[heard]
    return pd.DataFrame({"pump_id": fleet.pumps["pump_id"].to_numpy()[pump], "ts": ts, **cells, "quality": quality})


def _stretches(mess: Mess, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """(pumps, hours): whether an hour lies in one of the declared number of stretches."""
    number, low, high = mess.declared[name]
    rng, within = mess.rng(f"stretches/{name}"), np.zeros(shape, dtype=bool)
    pumps, hours = (rng.integers(0, size, number) for size in shape)
    for pump, first, length in zip(pumps, hours, rng.integers(low, high, number), strict=True):
        within[pump, first : first + length] = True
    return within


def busiest_make(fleet: Fleet, since: int) -> str:
    """The make that fails most often from this hour on: of another there would be too little to learn from."""
    failures = fleet.stops[(fleet.stops["kind"] == "failure") & (fleet.stops["begins"] >= since)]
    return str(fleet.pumps["make"].iloc[failures["pump"]].mode()[0])


def in_other_unit(
    readings: pd.DataFrame, column: str, hit: "pd.Series[bool]", convert: Callable[[pd.Series], pd.Series]
) -> pd.DataFrame:
    """Some readings of a column in another unit, under the same name."""
    return readings.assign(**{column: readings[column].mask(hit, convert(readings[column]))})


def with_newcomers(quiet: Tables, leaving: list[str], newcomers: Tables, since: pd.Timestamp) -> Tables:
    """From a moment on some pumps are gone, by a planned stop that never ends, and newcomers run in their place."""
    mixed = {}
    for name, moment in (("readings", "ts"), ("stops", "started_at"), ("alarms", "raised_at")):
        gone = quiet[name]["pump_id"].isin(leaving) & (quiet[name][moment] >= since)
        mixed[name] = pd.concat([quiet[name][~gone], newcomers[name]], ignore_index=True)
    never = pd.Series(pd.NaT, index=range(len(leaving)), dtype=quiet["stops"]["ended_at"].dtype)
    last = pd.DataFrame({"pump_id": leaving, "started_at": since.as_unit("s"), "ended_at": never, "kind": "planned"})
    stops = mixed["stops"]
    ended = stops["ended_at"].mask(stops["pump_id"].isin(leaving) & (stops["ended_at"] > since), since)
    stops = pd.concat([stops.assign(ended_at=ended), last], ignore_index=True)
    return {**mixed, "stops": stops.sort_values(["pump_id", "started_at"], ignore_index=True)}
