"""Makes one world of Pump Room: pumps that wear unseen, what their sensors say, and what devices make of that.

It knows what the utility looks like; how streams, chains, clocks, defects and files work is the business of `worlds`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worlds.clocks import UTC_TEXT, write_moments, write_utc
from worlds.defects.cells import MissingValue, Sentinel
from worlds.defects.lines import Files, GarbageLine, TruncatedLine
from worlds.defects.log import DefectLog
from worlds.defects.rows import ForeignRow, LateDelivery, Redelivery
from worlds.defects.sensors import MovedDevice, OtherUnit, StuckAt, WrongClock
from worlds.defects.structures import Gap
from worlds.defects.texts import Misspelling, NaiveLocalTime
from worlds.domain import read_domain
from worlds.later import Tables, as_cleaned, busiest_make, in_other_unit, later, with_newcomers
from worlds.machines import CHANNELS, HOUR, SENSORS, Fleet, list_rows, live_through, ring
from worlds.mess import Mess
from worlds.oracle import expected_log_loss
from worlds.seeds import Seed
from worlds.sensors import DAY, Clocks
from worlds.sources import write_csv, write_gzip_lines, write_json, write_parquet, write_sqlite
from worlds.world import draw_world

HORIZON = 72
EVERY = 6
# What wear does to the sensors of one make in service, as a factor: two turn, and one no longer tells anything.
TURNED = (-1.0, -1.0, 0.0)
# What a station's devices may send from some week on, under the same name.
UNITS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "temp_c": lambda celsius: (celsius * 1.8 + 32).round(2),
    "pressure_bar": lambda bar: (bar * 14.5038).round(2),
}
HEADER = "device_id,ts_device,vib_mm_s,temp,pressure,load,status"


@dataclass(frozen=True)
class Spoilt(Mess):
    """A utility being spoilt, with what is broken in it for this learner; all of it can be found in their data."""

    fahrenheit_site: str
    psi_site: str

    @property
    def calendar(self) -> Any:
        return self.world.calendar


def generate(seed: Seed, domain: Mapping[str, Any], raw: Path, truth: Path) -> dict[str, str]:
    """Write the sources into `raw`, what is true into `truth`; return the facts that commands may name."""
    raw.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    world = draw_world(read_domain(domain["world"]), seed)
    sites = seed.mechanism_stream("secrets/sites").permutation(world.tables["site"]["keys"])
    mess = Spoilt(world, domain["mess"], DefectLog(), str(sites[0]), str(sites[1]))
    fleet = live_through(mess, HORIZON)
    mounted = mount(mess, fleet)
    clocks = draw_clocks(mess, fleet)
    clock_rows = write_clocks(mess, clocks, mounted, raw)
    write_registry(mess, fleet, mounted, raw)
    readings, lines = spoil_readings(mess, fleet, mounted, clocks, raw)
    alarms = ring(mess, fleet)
    write_alarms(alarms, raw)
    stops = spoil_orders(mess, fleet, raw)
    rows = list_rows(mess, fleet, EVERY, HORIZON)
    pumps = _as_exported(mess, fleet)
    streams, stream_rows, changes = make_streams(mess, fleet)
    write_stream(raw / "stream", {**streams["quiet"], "pumps": pumps, **streams["cause"]})
    (raw / "data_dictionary.md").write_text(domain["dictionary"], encoding="utf-8")
    tables = {"readings": readings, "stops": stops, "alarms": alarms, "rows": rows, "pumps": pumps}
    tables |= {"stream_rows": stream_rows, "defects": mess.log.frame()}
    for stream in ("quiet", "unit", "population"):
        tables |= {f"stream_{stream}_{name}": frame for name, frame in streams[stream].items()}
    for name, frame in tables.items():
        write_parquet(truth / f"{name}.parquet", frame)
    write_json(truth / "meta.json", describe(mess, rows, lines, clock_rows) | {"changes": changes})
    return {"as_of": write_utc([mess.calendar.snapshot_seconds])[0]}


# --- telemetry as the devices sent it --------------------------------------------------------------------------------


def mount(mess: Spoilt, fleet: Fleet) -> pd.DataFrame:
    """Which device sat on which pump, from when to when; some pairs of one site change places."""
    rng, start = mess.rng("mount"), mess.calendar.start_seconds
    pumps = fleet.pumps[["pump_id", "site"]]
    names = [f"d_{number:04d}" for number in rng.permutation(9000)[: len(pumps)] + 1000]
    mounted = pd.DataFrame({"pump": range(len(pumps)), "device": range(len(pumps)), "device_id": names})
    mounted = mounted.assign(pump_id=pumps["pump_id"], site=pumps["site"], since=start - 400 * DAY, until=1 << 40)
    swapped = []
    for _, pair in mounted.groupby("site"):
        for one, other in rng.permutation(pair.index)[: 2 * mess.declared["swaps_per_site"]].reshape(-1, 2):
            when = start + int(rng.integers(15, mess.calendar.days - 10)) * DAY + int(rng.integers(8, 17)) * HOUR + 1800
            after = mounted.loc[[one, other]].assign(since=when)
            for name in ("device", "device_id"):
                after[name] = mounted.loc[[other, one], name].to_numpy()
            mounted.loc[[one, other], "until"] = when
            swapped.append(after)
            MovedDevice("mountings", "pump_id").plant(
                mounted.loc[[one, other], "device_id"].tolist(),
                mounted.loc[[one, other], "pump_id"].tolist(),
                mounted.loc[[other, one], "pump_id"].tolist(),
                mess.log,
            )
    return pd.concat([mounted, *swapped], ignore_index=True)


def spoil_readings(
    mess: Spoilt, fleet: Fleet, mounted: pd.DataFrame, clocks: Clocks, raw: Path
) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    """Write the telemetry; return the readings as they should be, and lines per file."""
    packets = _packets(mess, fleet, mounted)
    packets = Gap("readings", "ts_device", "gap").plant(packets, _stretches(mess, packets, "gaps") >= 0, mess.log)
    packets = _spoil_cells(mess, packets)
    unknown = {name: packets[name].isna() | packets[f"{name}_lost"] for name in CHANNELS}
    clean = packets[["pump_id", "ts", "standing"]].assign(
        **{n: packets[f"{n}_true"].mask(unknown[n]) for n in CHANNELS}
    )
    clean = clean[~clean["standing"]].drop(columns=["standing"]).reset_index(drop=True)
    jitter = mess.rng("jitter").integers(0, 30, len(packets))
    shown = clocks.show(packets["device"].to_numpy(), packets["seconds"].to_numpy() + jitter)
    WrongClock("clocks", "ts_device").plant(
        list(mounted["device_id"][: len(fleet.pumps)]), clocks.gain_per_day, mess.log
    )
    packets = packets.assign(ts_device=shown)
    return clean, _write_telemetry(mess, _spoil_rows(mess, packets), raw)


def _packets(mess: Spoilt, fleet: Fleet, mounted: pd.DataFrame) -> pd.DataFrame:
    """One row per pump and hour that this export holds, with the device that sat there; still true."""
    pumps, hours = fleet.lives.level.shape
    pump, hour = (part.ravel() for part in np.meshgrid(np.arange(pumps), np.arange(hours), indexing="ij"))
    kept = hour <= fleet.last_hour[pump]
    pump, hour = pump[kept], hour[kept]
    seconds = mess.calendar.start_seconds + hour * HOUR
    device = _device_on(mounted, pump, seconds)
    names = mounted.drop_duplicates("device").set_index("device")
    ts = pd.to_datetime(seconds, unit="s", utc=True).as_unit("s")
    pump_id = fleet.pumps["pump_id"].to_numpy()[pump]
    site = fleet.pumps["site"].to_numpy()[pump]
    frame = pd.DataFrame({"pump": pump, "pump_id": pump_id, "site": site, "device": device, "hour": hour, "ts": ts})
    values = {name: fleet.sensors[name][pump, hour] for name in CHANNELS}
    return frame.assign(
        **values,
        **{f"{name}_true": cells for name, cells in values.items()},
        **{f"{name}_lost": False for name in CHANNELS},
        record_id=pump_id + "@" + ts.strftime("%Y-%m-%dT%H").to_numpy(dtype=object),
        device_id=names["device_id"].reindex(device).to_numpy(),
        seconds=seconds,
        ts_device=seconds,
        standing=fleet.lives.level[pump, hour] < 0,
        file="telemetry_" + site + "_" + ts.strftime("%Y-%m").to_numpy(dtype=object) + ".csv.gz",
        place=seconds + mess.rng("place").normal(0, 5400, len(pump)),
    )


def _device_on(mounted: pd.DataFrame, pump: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    first = mounted.drop_duplicates("pump").set_index("pump")["device"]
    device = first.reindex(pump).to_numpy(copy=True)
    for row in mounted[mounted["since"] > mounted["since"].min()].itertuples():
        device[(pump == row.pump) & (seconds >= row.since)] = row.device
    return np.asarray(device)


def _stretches(mess: Spoilt, packets: pd.DataFrame, name: str) -> np.ndarray:
    """Numbers of random stretches of one pump's running hours under one device; -1 elsewhere."""
    number, low, high = mess.declared[name]
    rng, run = mess.rng(f"stretches/{name}"), np.full(len(packets), -1)
    alike = packets[["pump", "device", "standing"]].to_numpy(dtype="int64")
    for stretch, first in enumerate(rng.integers(0, len(packets) - high, number)):
        last = first + int(rng.integers(low, high))
        if (
            (alike[first : last + 1] == alike[first]).all()
            and not alike[first, 2]
            and (run[first : last + 1] < 0).all()
        ):
            run[first:last] = stretch
    return run


def _spoil_cells(mess: Spoilt, packets: pd.DataFrame) -> pd.DataFrame:
    log, running = mess.log, ~packets["standing"].to_numpy()
    psi = (packets["site"] == mess.psi_site).to_numpy()
    unit = OtherUnit("readings", "pressure_bar", "psi", convert=lambda bar: bar * 14.5038)
    packets = unit.plant(packets, psi, log)
    low, high = mess.declared["rollout_days"]
    rollout = mess.rng("rollout").integers(low, high, int(packets["device"].max()) + 1) * 24
    rolled_out = packets["hour"].to_numpy() >= rollout[packets["device"].to_numpy()]
    hot = (packets["site"] == mess.fahrenheit_site).to_numpy() & rolled_out
    unit = OtherUnit("readings", "temp_c", "fahrenheit", convert=lambda celsius: celsius * 1.8 + 32)
    packets = unit.plant(packets, hot, log)
    for name in ("vib", "temp_c", "pressure_bar"):
        run = _stretches(mess, packets, f"stuck_{name}")
        split = pd.Series(hot).groupby(run).transform("nunique").to_numpy() > 1
        run[split & (run >= 0) & (name == "temp_c")] = -1
        packets = StuckAt("readings", name).plant(packets, run, log).assign(**{f"{name}_lost": run >= 0})
    probe = (_stretches(mess, packets, "no_probe") >= 0) & ~packets["temp_c_lost"].to_numpy()
    packets = Sentinel("readings", "temp_c", "no_sensor", code=-40.0).plant(packets, probe, log)
    packets = packets.assign(temp_c_lost=packets["temp_c_lost"] | probe)
    for name in CHANNELS:
        lost = mess.some(f"missing_{name}", running & ~packets[f"{name}_lost"].to_numpy())
        packets = MissingValue("readings", name, "missing").plant(packets, lost, log)
    return packets


def draw_clocks(mess: Spoilt, fleet: Fleet) -> Clocks:
    rng, n, start = mess.rng("clocks"), len(fleet.pumps), mess.calendar.start_seconds
    low, high = mess.declared["clock_gain_s"]
    gain = rng.uniform(low, high, n) * rng.choice([-1, 1], n)
    restarts = start + rng.integers(5 * DAY, (mess.calendar.days - 5) * DAY, n)
    never = rng.random(n) >= mess.share("restarted")
    return Clocks(start, rng.uniform(-5400, 5400, n), gain, np.where(never, 1 << 40, restarts))


def _spoil_rows(mess: Spoilt, packets: pd.DataFrame) -> pd.DataFrame:
    log = mess.log
    standing = packets["standing"].to_numpy()
    packets = ForeignRow("readings", kind="standing_pump").plant(packets[~standing], packets[standing], log)
    parts = []
    for site, part in packets.groupby("site"):
        some = mess.some("late_delivery", np.ones(len(packets), dtype=bool))[part.index]
        part = LateDelivery("readings").plant(part, some, mess.rng(f"late_delivery/{site}"), log)
        parts.append(part)
    packets = pd.concat(parts, ignore_index=True)
    again = mess.some("redelivery", np.ones(len(packets), dtype=bool))
    return Redelivery("readings").plant(packets, again, mess.rng("redelivery/when"), log)


def _write_telemetry(mess: Spoilt, packets: pd.DataFrame, raw: Path) -> dict[str, dict[str, int]]:
    packets = packets.sort_values(["file", "place", "record_id"], kind="stable")
    cells = zip(*(packets[name].tolist() for name in ("device_id", "ts_device", *CHANNELS)), strict=True)
    lines = np.array(
        [f"{a},{b},{c:g},{d:g},{e:g},{f:g},ok".replace("nan", "") for a, b, c, d, e, f in cells], dtype=object
    )
    files: Files = {str(name): [HEADER, *lines[rows]] for name, rows in packets.groupby("file").indices.items()}
    rng, names = mess.rng("lines"), sorted(files)
    garbage = GarbageLine("files", "*")
    files = garbage.plant(files, names[int(rng.integers(len(names)))], rng, mess.log)
    broken = names[int(rng.integers(2)) * len(names) // 3]
    files = TruncatedLine("files", "*", delimiter=",").plant(files, broken, rng, mess.log)
    for name, content in files.items():
        write_gzip_lines(raw / name, content, broken=name == broken)
    rejects = {
        name: sum(line == garbage.text for line in content) + (name == broken) for name, content in files.items()
    }
    return {"lines": {name: len(content) for name, content in files.items()}, "rejects": rejects}


def write_clocks(mess: Spoilt, clocks: Clocks, mounted: pd.DataFrame, raw: Path) -> int:
    """Write how each clock compares with ours; return the number of comparisons."""
    synced = clocks.compare(DAY, mess.calendar.start_seconds + mess.calendar.all_days * DAY)
    names = mounted.drop_duplicates("device").set_index("device")["device_id"]
    synced = synced.assign(device_id=names.reindex(synced["device"]).to_numpy()).sort_values(["ts_server", "device_id"])
    write_csv(raw / "clock_sync.csv", synced[["device_id", "ts_device", "ts_server"]])
    return len(synced)


def write_registry(mess: Spoilt, fleet: Fleet, mounted: pd.DataFrame, raw: Path) -> None:
    devices = []
    for name, places in mounted.sort_values(["device_id", "since"]).groupby("device_id"):
        until = [None if row.until == 1 << 40 else write_utc([row.until])[0] for row in places.itertuples()]
        since = write_utc(places["since"])
        spells = zip(places["pump_id"], since, until, strict=True)
        devices.append({"device_id": name, "mounted": [{"pump_id": pump, "from": a, "to": b} for pump, a, b in spells]})
    pumps = _as_exported(mess, fleet).assign(commissioned=lambda frame: frame["commissioned"].dt.strftime("%Y-%m-%d"))
    write_json(raw / "registry.json", {"devices": devices, "pumps": pumps.to_dict("records")})


def _as_exported(mess: Mess, fleet: Fleet) -> pd.DataFrame:
    born = mess.world.calendar.start_seconds - (fleet.pumps["age_years"] * 365.25).round().astype("int64") * DAY
    commissioned = pd.to_datetime(born, unit="s", utc=True).dt.as_unit("s")
    return fleet.pumps[["pump_id", "site", "make"]].assign(commissioned=commissioned)


# --- alarms and work orders -------------------------------------------------------------------------------------------


def write_alarms(alarms: pd.DataFrame, raw: Path) -> None:
    told = alarms.assign(raised_at=alarms["raised_at"].dt.strftime(UTC_TEXT))
    write_json(raw / "api" / "alarms.json", told.to_dict("records"))


def spoil_orders(mess: Spoilt, fleet: Fleet, raw: Path) -> pd.DataFrame:
    """Write work_orders.db; return the stops as they should be, as far as they were known on the day of the export."""
    snapshot, rng = mess.calendar.snapshot_seconds, mess.rng("orders")
    known = fleet.stops[fleet.stops["started"] < snapshot - 600].reset_index(drop=True)
    known = known.assign(record_id=known["pump_id"] + "@" + pd.Series(write_utc(known["started"])))
    failed = (known["kind"] == "failure").to_numpy()
    delay = np.where(failed, rng.integers(10, 6 * 60, len(known)) * 60, 0)
    opened = np.minimum(known["started"] + delay, np.minimum(known["ended"], snapshot) - 120)
    orders = known.assign(opened=np.maximum(opened, known["started"]) // 60 * 60, closed=known["ended"], status="done")
    orders.loc[orders["closed"] >= snapshot, "status"] = "open"
    orders = pd.concat([orders, _cancelled(mess, fleet)], ignore_index=True)
    orders = Redelivery("orders", "*", "repeated_order", place="opened", mean_delay=0.0).plant(
        orders, mess.some("repeated_order", (orders["status"] == "done").to_numpy()), rng, mess.log
    )
    _write_orders(mess, orders.sort_values(["opened", "pump_id"], kind="stable", ignore_index=True), raw)
    ended = pd.to_datetime(known["ended"].where(known["ended"] < snapshot), unit="s", utc=True)
    return pd.DataFrame(
        {
            "pump_id": known["pump_id"],
            "started_at": pd.to_datetime(known["started"], unit="s", utc=True).dt.as_unit("s"),
            "ended_at": ended.dt.as_unit("s"),
            "kind": known["kind"],
        }
    )


def _cancelled(mess: Spoilt, fleet: Fleet) -> pd.DataFrame:
    """Orders that were written and never carried out."""
    number, rng = mess.declared["cancelled_orders"], mess.rng("cancelled")
    opened = mess.calendar.start_seconds + rng.integers(DAY, mess.calendar.days * DAY - DAY, number) // 60 * 60
    pump_id = rng.choice(fleet.pumps["pump_id"].to_numpy(), number)
    ids = [f"cancelled-{position}" for position in range(number)]
    kind = rng.choice(["failure", "planned"], number)
    frame = pd.DataFrame({"record_id": ids, "pump_id": pump_id, "kind": kind, "opened": opened, "status": "cancelled"})
    mess.log.add(ForeignRow("orders", kind="cancelled_order"), ids)
    return frame.assign(closed=opened + 4 * HOUR)


def _write_orders(mess: Spoilt, orders: pd.DataFrame, raw: Path) -> None:
    rng, zone, n = mess.rng("order_texts"), mess.declared["zone"], len(orders)
    causes = mess.declared["causes"]
    cause = [str(rng.choice(causes[kind])) for kind in orders["kind"]]
    orders = orders.assign(cause=cause, zone=zone, clock="utc")
    typed = Misspelling("orders", "cause", "cause_misspelt")
    orders = typed.plant(orders, mess.some("misspelt_cause", np.ones(n, dtype=bool)), rng, mess.log)
    local = NaiveLocalTime("orders", "opened", clean_column="started_at")
    orders = local.plant(orders, np.ones(n, dtype=bool), mess.log)
    clock = orders["clock"].to_numpy()
    zones = orders["zone"].to_numpy()
    closed = write_moments(orders["closed"].to_numpy(dtype="int64"), zones, clock)
    flag = orders["kind"].map({"planned": "1", "failure": "0"}).astype(object)
    written = pd.DataFrame(
        {
            "order_id": np.arange(n) + 40_001,
            "pump_id": orders["pump_id"],
            "opened_at": write_moments(orders["opened"].to_numpy(dtype="int64"), zones, clock),
            "closed_at": pd.Series(closed, dtype=object).where(orders["status"] != "open", None),
            "planned": flag.where(~mess.some("flag_missing", np.ones(n, dtype=bool)), None),
            "cause": orders["cause"],
            "status": orders["status"],
        }
    )
    write_sqlite(raw / "work_orders.db", {"work_orders": written})


# --- the weeks after the model went live ------------------------------------------------------------------------------


def make_streams(mess: Spoilt, fleet: Fleet) -> tuple[dict[str, Tables], pd.DataFrame, dict[str, dict[str, Any]]]:
    """Tables by stream (of others than `quiet` those that differ), the rows of `cause`, what changes in which week."""
    weeks = {name: mess.within(f"{name}_week") for name in ("unit", "population", "cause")}
    service = later(mess, "service", fleet.pumps, mess.calendar.all_days, 7 * mess.declared["stream_weeks"])
    start = pd.Timestamp(service.world.calendar.start)
    calm = live_through(service, HORIZON)
    alarms = ring(service, calm)
    quiet = as_cleaned(service, calm, alarms)
    worn, rows, cause = _turned(mess, service, calm, weeks["cause"])
    column, site = (_one_of(mess, f"stream_{name}", sorted(names)) for name, names in _may_break(fleet).items())
    hit = quiet["readings"]["pump_id"].isin(fleet.pumps.loc[fleet.pumps["site"] == site, "pump_id"])
    hit &= quiet["readings"]["ts"] >= start + pd.Timedelta(weeks=weeks["unit"])
    streams = {
        "quiet": quiet,
        "unit": {"readings": in_other_unit(quiet["readings"], column, hit, UNITS[column])},
        "population": _replaced(mess, fleet, quiet, weeks["population"]),
        "cause": {"readings": as_cleaned(service, worn, alarms)["readings"]},
    }
    subjects = {"unit": f"{column} at {site}", "population": "pumps", "cause": cause}
    return streams, rows, {name: {"week": week, "subject": subjects[name]} for name, week in weeks.items()}


def _may_break(fleet: Fleet) -> dict[str, set[str]]:
    return {"unit": set(UNITS), "site": set(fleet.pumps["site"])}


def _turned(mess: Spoilt, service: Mess, calm: Fleet, week: int) -> tuple[Fleet, pd.DataFrame, str]:
    """The same lives, but from a week on wear shows otherwise at one make; its rows; which channel fell silent."""
    channels, since = mess.rng("turned").permutation(list(SENSORS)), 7 * 24 * week
    own = (calm.pumps["make"] == busiest_make(calm, since)).to_numpy()
    hit = own[:, None] & (np.arange(calm.lives.level.shape[1]) >= since)
    factors = {str(name): np.where(hit, factor, 1.0) for name, factor in zip(channels, TURNED, strict=True)}
    worn = live_through(service, HORIZON, factors)
    rows = list_rows(service, worn, EVERY, HORIZON)
    changed = rows["ts"] >= pd.Timestamp(service.world.calendar.start) + pd.Timedelta(weeks=week)
    rows = rows.assign(hit=changed & rows["pump_id"].isin(calm.pumps.loc[own, "pump_id"]))
    return worn, rows, f"{channels[-1]} of {calm.pumps.loc[own, 'make'].iloc[0]}"


def _one_of(mess: Spoilt, name: str, values: list[str]) -> str:
    return values[int(mess.rng(name).integers(len(values)))]


def _replaced(mess: Spoilt, fleet: Fleet, quiet: Tables, week: int) -> Tables:
    """From a week on a third of the pumps at each station is new; what makes a pump wear is what it was."""
    fresh = mess.world.entities["newcomer"]
    start, days = mess.calendar.all_days + 7 * week, 7 * (mess.declared["stream_weeks"] - week)
    arrived = later(mess, "newcomers", fresh, start, days)
    lives = live_through(arrived, HORIZON)
    rng, own = mess.rng("leaving"), fleet.pumps
    sites = fresh["site"].value_counts(sort=False)
    by_site = {site: own.loc[own["site"] == site, "pump_id"].to_numpy() for site in sites.index}
    leaving = [str(pump) for site, n in sites.items() for pump in rng.choice(by_site[site], n, replace=False)]
    since = pd.Timestamp(arrived.world.calendar.start)
    mixed = with_newcomers(quiet, leaving, as_cleaned(arrived, lives, ring(arrived, lives)), since)
    return {**mixed, "pumps": pd.concat([_as_exported(mess, fleet), _as_exported(arrived, lives)], ignore_index=True)}


def write_stream(folder: Path, tables: Tables) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_parquet(folder / f"{name}.parquet", table)


# --- what graders may know --------------------------------------------------------------------------------------------


def describe(mess: Spoilt, rows: pd.DataFrame, counts: dict[str, dict[str, int]], clock_rows: int) -> dict[str, object]:
    """Lines and rejects per file, the snapshot, what was drawn, and the two ends of the skill scale."""
    past, hidden = rows[~rows["hidden"]], rows[rows["hidden"]]
    naive, p = float(past["p_true"].mean()), hidden["p_true"].to_numpy()
    return {
        **counts,
        "snapshot": write_utc([mess.calendar.snapshot_seconds])[0],
        "clock_rows": clock_rows,
        "mechanism": {
            "fahrenheit_site": mess.fahrenheit_site,
            "psi_site": mess.psi_site,
            "params": mess.world.params,
        },
        "naive_rate": naive,
        "naive_loss": expected_log_loss(p, np.full(len(p), naive)),
        "oracle_loss": expected_log_loss(p, hidden["oracle_p"].to_numpy()),
    }


def move_hidden_label(truth: Path, rng: np.random.Generator) -> None:
    """In this copy of the truth, let two rows to be scored change what came of them."""
    rows = pd.read_parquet(truth / "rows.parquet")
    pair = [int(rng.choice(np.flatnonzero(rows["hidden"] & (rows["y"] == outcome)))) for outcome in (0, 1)]
    rows.loc[pair, "y"] = [1, 0]
    write_parquet(truth / "rows.parquet", rows)
