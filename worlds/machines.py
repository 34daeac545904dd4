"""Machines that wear unseen: how they live, fail and are stopped, and what their sensors show. It spoils nothing.

`declared` (of a Mess) names the sizes: wear, sensors, scales, repair_hours, first_service_day, service_days,
service_hours. The entity `pump` has duty, z_onset and a base for each sensor; params say which way each effect goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from worlds.mess import Mess
from worlds.states import Lives, Wear, foresee, live

HOUR = 3600
CHANNELS = ("vib", "temp_c", "pressure_bar", "load")
DIGITS = {"vib": 3, "temp_c": 2, "pressure_bar": 3}
# How each channel is called where wear and scales are declared.
SENSORS = {"vib": "vib", "temp": "temp_c", "pressure": "pressure_bar"}
ALIKE = np.ones((1, 1))

Turned = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Fleet:
    """All pumps over all hours, as they truly were: (pumps, hours) arrays, and each pump's last hour in this export."""

    pumps: pd.DataFrame
    lives: Lives
    sensors: dict[str, np.ndarray]
    p_true: np.ndarray
    oracle_p: np.ndarray
    stops: pd.DataFrame
    last_hour: np.ndarray


def live_through(mess: Mess, horizon: int, turned: Turned = MappingProxyType({})) -> Fleet:
    """Wear, failures and planned stops of all pumps, what their sensors show, and how likely the next failure was.

    turned: channel -> (pumps, hours), a factor on what wear does to it; where there is none, it does what params say.
    """
    pumps = mess.world.entities["pump"]
    wear = _wear(mess)
    rng = mess.rng("lives")
    low, high = mess.declared["repair_hours"]
    lives = live(wear, _plan(mess, len(pumps)), lambda pump: int(rng.integers(low, high)), rng)
    level = np.linspace(0, 1, wear.climb.shape[1])
    load = _load(mess, pumps)
    healthy = _healthy_sensors(mess, pumps, load)
    shifted = _sensors(mess, healthy, level[np.clip(lives.level, 0, None)], turned)
    p_true, oracle_p = foresee(wear, lives, _likelihood(mess, shifted, healthy, level, turned), horizon)
    stops = _stops(mess, pumps, lives)
    as_of = mess.world.calendar.days * 24
    later = stops[stops["ends"] > as_of].groupby("pump")["begins"].min()
    last = pd.Series(np.arange(len(pumps))).map(later).fillna(lives.level.shape[1]).to_numpy(dtype=int) - 1
    return Fleet(pumps, lives, _measured(mess, shifted, load, lives), p_true, oracle_p, stops, last)


def _wear(mess: Mess) -> Wear:
    """Healthy for weeks, then a decline of days: the first level is left slowly, the others fast."""
    declared, pumps = mess.declared["wear"], mess.world.entities["pump"]
    levels = int(declared["levels"])
    climb = np.full((len(pumps), levels), (levels - 1) / (declared["decline_days"] * 24))
    climb[:, 0] = np.exp(pumps["z_onset"].to_numpy()) / (declared["healthy_days"] * 24)
    climb[:, -1] = 0
    share = np.linspace(0, 1, levels)
    hazard = declared["hazard_first"] * (declared["hazard_last"] / declared["hazard_first"]) ** share
    hazard[0] = declared["hazard_healthy"]
    start = np.zeros(levels)
    start[0], start[3] = 1 - mess.world.params["poor_repair"], mess.world.params["poor_repair"]
    return Wear(climb, np.tile(hazard, (len(pumps), 1)), start)


def _plan(mess: Mess, pumps: int) -> np.ndarray:
    """(pumps, hours): how long a planned stop lasts that begins there. Plans do not ask how the pump feels."""
    hours, rng = mess.world.calendar.all_days * 24, mess.rng("plan")
    plan = np.zeros((pumps, hours), dtype=int)
    first, between, length = (mess.declared[name] for name in ("first_service_day", "service_days", "service_hours"))
    for pump in range(pumps):
        day = int(rng.integers(*first))
        while day < mess.world.calendar.all_days - 1:
            plan[pump, day * 24 + int(rng.integers(8, 13))] = int(rng.integers(*length))
            day += int(rng.integers(*between))
    return plan


def _load(mess: Mess, pumps: pd.DataFrame) -> np.ndarray:
    hour = np.arange(mess.world.calendar.all_days * 24)
    daily = 0.12 * np.sin((hour % 24 - 6) / 24 * 2 * np.pi)
    noise = mess.rng("load").normal(0, 0.12, (len(pumps), len(hour)))
    return np.round(np.clip(pumps["duty"].to_numpy()[:, None] + daily + noise, 0.05, 1.0), 3)


def _healthy_sensors(mess: Mess, pumps: pd.DataFrame, load: np.ndarray) -> dict[str, np.ndarray]:
    """Where each channel of a healthy pump stands, (pumps, hours), on a scale of its own noise."""
    params, size = mess.world.params, mess.declared["sensors"]["load"] / 0.15
    own = {name: pumps[f"{name}_base"].to_numpy()[:, None] for name in ("vib", "temp", "pressure")}
    return {name: base + size * params[f"{name}_load"] * (load - 0.6) for name, base in own.items()}


def _worn(mess: Mess, name: str, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By how much wear moves a channel, and how large its noise then is."""
    params = mess.world.params
    noise = 1 + (params["spread_wear"] if name == "vib" else 0.0) * level
    return mess.declared["sensors"]["wear"] * params[f"{name}_wear"] * level, noise


def _sensors(mess: Mess, healthy: Mapping[str, np.ndarray], level: np.ndarray, turned: Turned) -> dict[str, np.ndarray]:
    shifted = {}
    for name, stands in healthy.items():
        moved, noise = _worn(mess, name, level)
        moved = moved * turned.get(name, ALIKE)
        shifted[name] = stands + moved + noise * mess.rng(f"sensors/{name}").normal(0, 1, level.shape)
    return shifted


def _likelihood(
    mess: Mess,
    shifted: Mapping[str, np.ndarray],
    healthy: Mapping[str, np.ndarray],
    level: np.ndarray,
    turned: Turned,
) -> np.ndarray:
    """(pumps, hours, levels): how likely the three channels of an hour are at each level, up to a factor per hour."""
    log = np.zeros((*next(iter(shifted.values())).shape, len(level)))
    for name, seen in shifted.items():
        moved, noise = _worn(mess, name, level)
        moved = moved * turned.get(name, ALIKE)[:, :, None]
        log -= (((seen - healthy[name])[:, :, None] - moved) / noise) ** 2 / 2 + np.log(noise)
    return np.asarray(np.exp(log - log.max(axis=2, keepdims=True)))


def _measured(mess: Mess, shifted: dict[str, np.ndarray], load: np.ndarray, lives: Lives) -> dict[str, np.ndarray]:
    """The channels in their units; a pump that stands hardly trembles, cools down and moves nothing."""
    scales = mess.declared["scales"]
    standing, rng = lives.level < 0, mess.rng("standing")
    measured = {"load": np.where(standing, 0.0, load)}
    for name, column in SENSORS.items():
        middle, unit, low, high = scales[name]["running"]
        least, most = scales[name]["standing"]
        quiet = rng.uniform(least, most, load.shape)
        values = np.where(standing, quiet, np.clip(middle + unit * shifted[name], low, high))
        measured[column] = np.round(values, DIGITS[column])
    return measured


def _stops(mess: Mess, pumps: pd.DataFrame, lives: Lives) -> pd.DataFrame:
    """Every stretch without an hour of running: who, from which hour to which (after it), when exactly, and why."""
    standing = np.pad(lives.level < 0, ((0, 0), (1, 1)))
    pump, begins = np.nonzero(standing[:, 1:] & ~standing[:, :-1])
    _, ends = np.nonzero(standing[:, :-1] & ~standing[:, 1:])
    keep = begins > 0
    pump, begins, ends = pump[keep], begins[keep], ends[keep]
    rng, start = mess.rng("stops"), mess.world.calendar.start_seconds
    failed = lives.failed[pump, begins - 1]
    return pd.DataFrame(
        {
            "pump": pump,
            "pump_id": pumps["pump_id"].to_numpy()[pump],
            "begins": begins,
            "ends": ends,
            # A minute of the hour before the first standing one; a minute of the last standing one.
            "started": start + (begins - 1) * HOUR + rng.integers(1, 55, len(pump)) * 60,
            "ended": start + (ends - 1) * HOUR + rng.integers(1, 60, len(pump)) * 60,
            "kind": np.where(failed, "failure", "planned"),
        }
    )


# --- rows and alarms --------------------------------------------------------------------------------------------------


def list_rows(mess: Mess, fleet: Fleet, every: int, horizon: int) -> pd.DataFrame:
    """Every moment at which somebody may ask, every so many hours from the eighth day on, and what is true then."""
    calendar = mess.world.calendar
    hours = np.arange(7 * 24, calendar.all_days * 24, every)
    pump, hour = (part.ravel() for part in np.meshgrid(np.arange(len(fleet.pumps)), hours, indexing="ij"))
    asked = (fleet.lives.level[pump, hour] >= 0) & (hour <= fleet.last_hour[pump])
    pump, hour = pump[asked], hour[asked]
    ts = pd.to_datetime(calendar.start_seconds + hour * HOUR, unit="s", utc=True).as_unit("s")
    pump_id = fleet.pumps["pump_id"].to_numpy()[pump]
    return pd.DataFrame(
        {
            "row_id": pump_id + "@" + ts.strftime("%Y-%m-%dT%H").to_numpy(dtype=object),
            "pump_id": pump_id,
            "ts": ts,
            "hidden": hour >= calendar.days * 24,
            "y": _fails_within(fleet, pump, hour, horizon),
            "p_true": fleet.p_true[pump, hour],
            "oracle_p": fleet.oracle_p[pump, hour],
        }
    )


def _fails_within(fleet: Fleet, pump: np.ndarray, hour: np.ndarray, horizon: int) -> np.ndarray:
    """What came of it: whether the pump failed in the hour or within the horizon after it."""
    failures = np.pad(np.cumsum(fleet.lives.failed, axis=1), ((0, 0), (1, horizon)), mode="edge")
    failures[:, 0] = 0
    return np.asarray(failures[pump, hour + horizon] > failures[pump, hour]).astype("int64")


def ring(mess: Mess, fleet: Fleet) -> pd.DataFrame:
    """Alarms in order of time: one for each failure, drills that look the same, and noise."""
    failures = fleet.stops[fleet.stops["kind"] == "failure"]
    own = pd.DataFrame({"pump": failures["pump"], "code": "E-STOP", "seconds": failures["started"]})
    noise = [_at_random(mess, fleet, code, number) for code, number in mess.declared["alarms"].items()]
    drills = _at_random(mess, fleet, "E-STOP", mess.declared["drills"])
    near = drills["pump"].map(lambda pump: fleet.stops.loc[fleet.stops["pump"] == pump, "started"].to_numpy())
    calm = [not (np.abs(at - when) < 48 * HOUR).any() for at, when in zip(near, drills["seconds"], strict=True)]
    alarms = pd.concat([own, *noise, drills[calm]], ignore_index=True)
    alarms = alarms[alarms["seconds"] < mess.world.calendar.snapshot_seconds].sort_values(["seconds", "pump"])
    ids = [f"a_{number:06d}" for number in mess.rng("alarm_ids").permutation(900_000)[: len(alarms)] + 1]
    pump_id = fleet.pumps["pump_id"].to_numpy()[alarms["pump"]]
    raised = pd.to_datetime(alarms["seconds"].to_numpy(), unit="s", utc=True).as_unit("s")
    return pd.DataFrame({"alarm_id": ids, "pump_id": pump_id, "code": alarms["code"].to_numpy(), "raised_at": raised})


def _at_random(mess: Mess, fleet: Fleet, code: str, number: int) -> pd.DataFrame:
    rng, calendar = mess.rng(f"alarms/{code}/{number}"), mess.world.calendar
    seconds = calendar.start_seconds + rng.integers(24 * HOUR, calendar.days * 24 * HOUR, number) // 60 * 60
    return pd.DataFrame({"pump": rng.integers(0, len(fleet.pumps), number), "code": code, "seconds": seconds})
