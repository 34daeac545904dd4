"""What is asked of clean: every reading at its pump and its hour, in its unit, and nothing made up."""

from functools import cache
from pathlib import Path

import pandas as pd

from grading.kit import (
    Produced,
    Truth,
    agree,
    among,
    check,
    collateral,
    compare_ids,
    counted,
    expect,
    repair_by_kind,
    same_cells,
    shares,
    table,
)

CHANNELS = ("vib", "temp_c", "pressure_bar", "load")
READINGS = {"pump_id": "string", "ts": "timestamp", **dict.fromkeys(CHANNELS, "float?"), "quality": "int"}
STOPS = {"pump_id": "string", "started_at": "timestamp", "ended_at": "timestamp?", "kind": "string"}
ALARMS = {"alarm_id": "string", "pump_id": "string", "code": "string", "raised_at": "timestamp"}
PUMPS = {"pump_id": "string", "site": "string", "make": "string", "commissioned": "timestamp"}

REPAIRED = 0.97
UNTOUCHED = 0.001
MISPLACED = 0.005
LOST = 0.002
LOGGED = 0.95
NEAR = pd.Timedelta(hours=8)
EXACT = pd.Timedelta(minutes=2)
TOLERANCE = {"vib": 2e-3, "temp_c": 0.02, "pressure_bar": 5e-3, "load": 2e-3}
BITS = {"psi": 1, "fahrenheit": 1, "stuck_at": 2, "no_sensor": 4}
IN_WORDS = {
    "psi": "pressures in psi",
    "fahrenheit": "temperatures in Fahrenheit",
    "stuck_at": "readings of a sensor that was stuck",
    "no_sensor": "temperatures without a probe",
    "missing": "values that were lost on the way",
}


def read_readings(produced: Produced) -> pd.DataFrame:
    return table(produced, "readings.parquet", columns=READINGS)


def read_stops(produced: Produced) -> pd.DataFrame:
    stops = table(produced, "stops.parquet", columns=STOPS)
    return stops.sort_values(["started_at", "pump_id"], ignore_index=True)


def named(readings: pd.DataFrame) -> pd.DataFrame:
    """By pump and hour, as the defect log names a reading."""
    ids = readings.pump_id + "@" + readings.ts.dt.strftime("%Y-%m-%dT%H")
    return readings.set_index(ids.astype("str"))


@cache
def _found(folder: Path) -> pd.DataFrame:
    found = named(read_readings(Produced(folder)))
    return found[~found.index.duplicated()]


@cache
def _true(folder: Path) -> pd.DataFrame:
    return named(Truth(folder).table("readings"))


@cache
def compare_places(produced: Path, truth: Path) -> pd.DataFrame:
    """Readings recognised by what they say (vibration and load to the last digit), wherever they were put.

    Columns: pump_id, ts as found; pump_id_true, ts_true; the two are empty where a true reading is not there at all.
    """
    keys = ["vib_key", "load_key"]
    tables = []
    for frame in (_true(truth), _found(produced)):
        known = frame.dropna(subset=["vib", "load"])
        known = known.assign(vib_key=(known.vib * 1000).round(), load_key=(known.load * 1000).round())
        tables.append(known.drop_duplicates(keys, keep=False)[["pump_id", "ts", *keys]])
    return tables[0].merge(tables[1], on=keys, how="left", suffixes=("_true", ""))


@cache
def recognise(produced: Path, truth: Path) -> pd.DataFrame:
    """Found readings that are at their place, beside what they should be (suffix _true): same load and a
    sensor that agrees, and not somebody else's.

    Readings of another hour or pump are asked about elsewhere.
    """
    both = _true(truth).join(_found(produced), how="inner", lsuffix="_true")
    places = compare_places(produced, truth).dropna(subset=["ts"])
    strayed = named(places[(places.ts != places.ts_true) | (places.pump_id != places.pump_id_true)]).index
    agree_on = {name: same_cells(both[name], both[f"{name}_true"], atol=TOLERANCE[name]) for name in CHANNELS}
    told = {name: agree_on[name] & both[name].notna().to_numpy() for name in CHANNELS}
    sensor = told["vib"] | told["temp_c"] | told["pressure_bar"]
    same = sensor & (told["load"] | both["load_true"].isna().to_numpy())
    return both[same & ~among(both.index, strayed)]


@cache
def compare_cells(produced: Path, truth: Path) -> pd.DataFrame:
    """Which cells of the readings that are at their place are right: bool, index pump@hour."""
    both = recognise(produced, truth)
    right = {name: same_cells(both[name], both[f"{name}_true"], atol=TOLERANCE[name]) for name in CHANNELS}
    return pd.DataFrame(right, index=both.index)


@cache
def list_defects(truth: Path) -> pd.DataFrame:
    log = Truth(truth).table("defects", ["kind", "table", "record_id", "column"])
    return log[(log.table == "readings") & log.kind.isin(IN_WORDS)]


def unrepaired(produced: Produced, truth: Truth, *kinds: str) -> list[dict[str, object]]:
    scores = repair_by_kind(compare_cells(produced.folder, truth.folder), list_defects(truth.folder))
    scores = scores[scores.index.isin(kinds) & (scores.recall < REPAIRED)]
    return [
        {"what": IN_WORDS[str(kind)], "still wrong": f"{row.wrong:,.0f} of {row.cells:,.0f}"}
        for kind, row in scores.iterrows()
    ]


@check(skills=["clean", "validate"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All four tables are there, with the columns and types that the brief promises."""
    read_readings(produced)
    kinds = set(read_stops(produced).kind) - {"failure", "planned"}
    expect(not kinds, "stops.parquet: kind is either failure or planned; there are other values in it.")
    table(produced, "alarms.parquet", columns=ALARMS)
    table(produced, "pumps.parquet", columns=PUMPS, key="pump_id")


@check(skills=["clean"], level=2, points=2)
def each_pump_hour_is_one_row(produced: Produced, truth: Truth) -> None:
    """A pump has at most one reading for each hour."""
    found = read_readings(produced)
    twice = int(found.duplicated(["pump_id", "ts"]).sum())
    off = int((found.ts != found.ts.dt.floor("h")).sum())
    expect(
        off == 0, f"{counted(off, 'reading')} do not stand at a whole hour, and devices measure at whole hours only."
    )
    expect(
        twice == 0,
        f"{counted(twice, 'reading')} share their pump and hour with another one. A packet that was sent twice weighs "
        "twice in every average; two different readings in one hour mean that one of them belongs elsewhere. If the "
        "check of the times fails as well, begin there: a clock that is off by hours lays one reading upon another. "
        "If not, take one such pair: are the packets the same to the last digit, or do they come from two devices?",
        expected=f"{len(found) - twice:,} rows",
        found=f"{len(found):,} rows",
    )


@check(skills=["clean"], level=2, points=2)
def no_reading_is_lost(produced: Produced, truth: Truth) -> None:
    """Every reading of a running pump is still there: what is broken is mended or left empty, and not dropped."""
    places = compare_places(produced.folder, truth.folder)
    lost = int(places.ts.isna().sum())
    few = len(read_readings(produced)) < (1 - LOST) * len(truth.table("readings", ["pump_id"])) - lost
    expect(
        lost <= LOST * len(places) and not few,
        f"Of {len(places):,} readings that can be recognised by their values, {lost:,} are gone"
        f"{'; rows with a broken or empty cell are missing as well' if few else ''}. Sensors break more often on pumps "
        "that shake, so a table without its broken rows shows Ivo healthier pumps than he has. Which step lets rows "
        "fall: a drop of rows with an empty cell, a join without a partner, an hour that was taken twice?",
        expected=f"{len(places):,}",
        found=f"{len(places) - lost:,}",
    )


@check(skills=["clean"], level=3, points=3)
def times_are_right(produced: Produced, truth: Truth) -> None:
    """Every ts is the hour at which the device measured, whatever its clock said."""
    places = compare_places(produced.folder, truth.folder).dropna(subset=["ts"])
    off = ((places.ts - places.ts_true).dt.total_seconds() / 3600).abs()
    wrong = off > 0.02
    usual = off[wrong].median() if wrong.any() else 0.0
    expect(
        wrong.mean() <= MISPLACED,
        f"{wrong.mean():.1%} of the readings stand at another hour than that at which they were measured, half of them "
        f"by more than {usual:,.1f} hours. A bearing that ran hot before the failure then seems to do so after it, and "
        "Ivo's crew comes too late. Draw, for one device, the difference between both columns of clock_sync over time: "
        "what does it do from day to day, and on the day on which it jumps?",
        found=f"{wrong.mean():.1%} misplaced",
    )


@check(skills=["clean"], level=3, points=2)
def readings_belong_to_their_pump(produced: Produced, truth: Truth) -> None:
    """A reading belongs to the pump that its device was mounted on at that moment."""
    places = compare_places(produced.folder, truth.folder).dropna(subset=["ts"])
    wrong = places.pump_id != places.pump_id_true
    pumps = places.pump_id_true[wrong].nunique()
    expect(
        wrong.mean() <= MISPLACED,
        f"{wrong.mean():.1%} of the readings are booked on another pump than the one that was measured; "
        f"{counted(pumps, 'pump')} lost theirs to a neighbour. Somebody would open a healthy pump while the sick one "
        "runs on next to it. Look in the registry for devices with more than one entry, and at the dates beside them.",
    )


@check(skills=["clean"], level=2, points=2)
def standing_pumps_are_left_out(produced: Produced, truth: Truth) -> None:
    """There is no reading from a pump while it stood still."""
    found = read_readings(produced)
    standing = int(((found.load == 0) & (found.vib < 0.3)).sum())
    expect(
        standing <= 0.0005 * len(found),
        f"{counted(standing, 'reading')} come from a pump that stood: no load, no vibration. In an average they make a "
        "failing pump look quiet and cool, of all pumps. Lay the readings beside the stops that you found.",
        found=f"{standing:,}",
    )


@check(skills=["clean"], level=3, points=3)
def units_are_right(produced: Produced, truth: Truth) -> None:
    """Temperatures are in degrees Celsius and pressures in bar, whatever firmware or gauge they came from."""
    rows = unrepaired(produced, truth, "psi", "fahrenheit")
    expect(
        not rows,
        f"{counted(len(rows), 'kind')} of readings {'is' if len(rows) == 1 else 'are'} still in the wrong unit "
        "(table). A model learns from them that a firmware is a fever. Draw the median of each channel per device and "
        "week, and hold it against what the data dictionary says a running pump has.",
        details=rows,
    )


@check(skills=["clean"], level=3, points=2)
def the_unknown_stays_empty(produced: Produced, truth: Truth) -> None:
    """What nobody can know is empty: codes for a missing probe, sensors that were stuck, values lost on the way."""
    rows = unrepaired(produced, truth, "stuck_at", "no_sensor", "missing")
    expect(
        not rows,
        f"Values stand where nobody can know any, in {counted(len(rows), 'kind')} of damage (table). A number that was "
        "filled in looks like a measurement to everyone after you; a sensor that repeats itself looks wonderfully "
        "steady. Count how often each temperature occurs, and how long the longest run of equal readings of "
        "each device is.",
        details=rows,
    )


@check(skills=["clean"], level=3, points=2)
def nothing_else_was_touched(produced: Produced, truth: Truth) -> None:
    """Readings that were sound are as they were sent."""
    damage = collateral(compare_cells(produced.folder, truth.folder), list_defects(truth.folder))
    damage = {name: share for name, share in damage.items() if share > UNTOUCHED}
    expect(
        not damage,
        f"Sound readings were changed (share of those that were sound): {shares(damage, 1)}. The largest vibrations "
        "are what Ivo pays for; clipping, smoothing or filling them takes away the very thing that announces a "
        "failure. Which of your rules reaches further than it should?",
        details=[{"column": name, "changed": f"{share:.2%}"} for name, share in damage.items()],
    )


@check(skills=["clean", "validate"], level=3, points=2)
def quality_says_what_was_done(produced: Produced, truth: Truth) -> None:
    """quality carries the bit 1 where a unit was converted, 2 where a sensor was stuck, 4 where there was no probe."""
    found = recognise(produced.folder, truth.folder)
    there = found.index
    log = list_defects(truth.folder)
    log = log[among(log.record_id, there) & log.kind.isin(BITS)]
    facts = pd.DataFrame({"record_id": log.record_id, "bit": log.kind.map(BITS)})
    told = found.loc[there].quality.astype("int64")
    parts = [pd.DataFrame({"record_id": told.index[(told & bit) > 0], "bit": bit}) for bit in (1, 2, 4)]
    claims = pd.concat(parts, ignore_index=True)
    rows = []
    for bit, what in ((1, "unit converted"), (2, "sensor stuck"), (4, "no probe")):
        both = agree(claims[claims.bit == bit], facts[facts.bit == bit], ["record_id", "bit"])
        if min(both.precision, both.recall) < LOGGED:
            rows.append({"bit": bit, "meaning": what, "found": f"{both.recall:.0%}", "true": f"{both.precision:.0%}"})
    expect(
        not rows,
        f"quality does not tell what was done, for {counted(len(rows), 'bit')} (table: how many of the readings "
        "concerned carry it, how many of those that carry it are concerned). An engineer who doubts a curve looks "
        "there first. Set the bit in the same step that changes the value.",
        details=rows,
    )


def match_stops(produced: Produced, truth: Truth) -> pd.DataFrame:
    """Each true stop with the nearest found one of the same pump; started_at is empty where there is none near."""
    wanted = truth.table("stops").sort_values("started_at").rename(columns={"started_at": "began", "ended_at": "over"})
    wanted["began"] = wanted.began.astype("datetime64[us, UTC]")
    found = read_stops(produced).rename(columns={"kind": "kind_found"})
    return pd.merge_asof(
        wanted, found, left_on="began", right_on="started_at", by="pump_id", direction="nearest", tolerance=NEAR
    )


@check(skills=["clean"], level=3, points=2)
def stops_are_the_real_ones(produced: Produced, truth: Truth) -> None:
    """Each stop that took place is one row and rightly called failure or planned; what never took place is none."""
    found, matched = read_stops(produced), match_stops(produced, truth)
    missing = int(matched.started_at.isna().sum())
    called = int((matched.kind_found.notna() & (matched.kind_found != matched.kind)).sum())
    extra = len(found) - (len(matched) - missing)
    faults = {"are missing": missing, "are too many": max(0, extra), "are called by the wrong kind": called}
    rows = [{"stops that": what, "number": number} for what, number in faults.items() if number]
    expect(
        missing + called + abs(extra) <= 1,
        f"Of {len(matched)} stops, {missing} are missing and {called} carry the wrong kind; {max(0, extra)} rows are "
        "no stop of their own. A service that is taken for a failure teaches the model that healthy pumps fail on "
        "Tuesdays. Look at `status`, at pairs with the same pump and opening, and at the causes that no rule of yours "
        "has a home for.",
        details=rows,
    )


@check(skills=["clean"], level=3, points=3)
def stops_begin_and_end_when_they_did(produced: Produced, truth: Truth) -> None:
    """started_at and ended_at are the minutes, in UTC, at which the pump really stopped and ran again."""
    matched = match_stops(produced, truth).dropna(subset=["started_at"])
    late = (matched.started_at - matched.began).abs() > EXACT
    ends = ((matched.ended_at - matched.over).abs() > EXACT) | (matched.ended_at.isna() != matched.over.isna())
    failed = matched.kind == "failure"
    rows = [
        {"what": "beginnings of failures", "off": int((late & failed).sum()), "of": int(failed.sum())},
        {"what": "beginnings of planned stops", "off": int((late & ~failed).sum()), "of": int((~failed).sum())},
        {"what": "ends", "off": int(ends.sum()), "of": len(matched)},
    ]
    expect(
        late.mean() <= 0.02 and ends.mean() <= 0.02,
        f"{int(late.sum())} beginnings and {int(ends.sum())} ends of {len(matched)} stops are off by more than two "
        "minutes. If a failure begins when somebody writes it up, the hours in which the pump already stood count as "
        "hours before the failure, and an alarm that rang in them will look like prophecy. Whose clock is an order "
        "written by, and who knows better than the order when a pump failed?",
        details=rows,
    )


@check(skills=["clean", "validate"], level=2)
def pumps_and_alarms_are_handed_on(produced: Produced, truth: Truth) -> None:
    """pumps and alarms hold what the registry and the API hold, with dates as instants in UTC."""
    pumps = table(produced, "pumps.parquet", columns=PUMPS).sort_values("pump_id", ignore_index=True)
    wanted = truth.table("pumps").sort_values("pump_id", ignore_index=True)
    alarms = table(produced, "alarms.parquet", columns=ALARMS)
    ids = compare_ids(alarms.alarm_id, truth.table("alarms", ["alarm_id"]).alarm_id)
    rung = truth.table("alarms").set_index("alarm_id").raised_at
    off = int((alarms.set_index("alarm_id").raised_at - rung).abs().gt(EXACT).sum())
    same = len(pumps) == len(wanted) and all(
        bool(same_cells(pumps[name], wanted[name]).all()) for name in ("pump_id", "site", "make", "commissioned")
    )
    expect(same, "pumps.parquet is not what the registry says about the pumps: compare makes, sites and dates.")
    expect(
        ids.same and off == 0,
        f"Of the alarms, {len(ids.missing):,} are missing, {ids.repeated + len(ids.extra):,} are too many and {off:,} "
        "stand at another time. The next milestone asks what rang before a moment; nothing of it may go or move here.",
    )
