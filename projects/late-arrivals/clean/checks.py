"""What is asked of clean. The data are real, so two things are kept apart.

What we planted is known cell by cell: it is graded by precision and recall. What was there before is not known better
by us than by anybody: it is graded by contract (types, units, keys), by reconciliation, and by leaving it alone.
"""

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
    explain_loss,
    listed,
    recall_by,
    repair_by_kind,
    same_cells,
    shares,
    table,
)

FLIGHTS = {
    "flight_id": "string",
    "carrier": "string",
    "flight": "int",
    "tailnum": "string?",
    "dest": "string",
    "sched_dep_ts": "timestamp",
    "sched_arr_ts": "timestamp",
    "dep_delay_min": "float?",
    "arr_delay_min": "float?",
    "air_time_min": "float?",
    "distance_mi": "int",
}
READINGS = ("temp_f", "wind_mph", "precip_in", "pressure_hpa", "visib_mi")
WEATHER = {"obs_id": "string", "observed_at": "timestamp", **dict.fromkeys(READINGS, "float?")}
PLANES = {"tailnum": "string", "built": "float?", "seats": "int"}
AIRPORTS = {"faa": "string", "name": "string", "tzone": "string?"}
CHANGE_LOG = dict.fromkeys(("table", "record_id", "column", "issue", "action"), "string")

REPAIRED = 0.98
UNTOUCHED = 0.001
LOGGED = 0.9
LOGGED_TABLES = ("flights", "weather", "planes", "airports")
LOGGED_ACTIONS = ("repair", "null", "dedupe", "drop")
FASTEST_WIND, FARTHEST_SIGHT = 200, 10.01
IN_WORDS = {
    "delay_in_seconds": "delays that came in seconds",
    "tail_variant": "tail numbers in another spelling",
    "departure_message": "flights of which a departure message came first",
    "redelivery": "messages delivered twice",
    "late_delivery": "messages in the next month's file",
    "positioning_flight": "flights without passengers",
    "unknown_visibility": "visibilities that are a code for unknown",
    "impossible_wind": "a wind that was never measured",
    "unknown_year": "years that are a code for unknown",
    "repeated_plane": "planes listed twice",
    "airport_variant": "airport codes in another spelling",
}


def read_flights(produced: Produced) -> pd.DataFrame:
    return table(produced, "flights.parquet", columns=FLIGHTS)


def right_cells(produced: Produced, truth: Truth) -> pd.DataFrame:
    """Which cells of the flights that are there are as in the truth: bool, index flight_id."""
    return _compare(produced.folder, truth.folder, "flights", "flight_id")


@cache
def _compare(produced: Path, truth: Path, name: str, key: str) -> pd.DataFrame:
    columns = {"flights": FLIGHTS, "weather": WEATHER, "planes": PLANES, "airports": AIRPORTS}[name]
    found = table(Produced(produced), f"{name}.parquet", columns=columns).drop_duplicates(key).set_index(key)
    wanted = Truth(truth).table(name, list(columns)).set_index(key)
    ids = wanted.index.intersection(found.index)
    found, wanted = found.loc[ids], wanted.loc[ids]
    cells = {c: same_cells(found[c], wanted[c], rtol=2e-3, atol=0.01) for c in columns if c != key}
    return pd.DataFrame(cells, index=ids)


@cache
def _list_defects(truth: Path) -> pd.DataFrame:
    return Truth(truth).table("defects", ["kind", "table", "record_id", "column", "action"])


def unrepaired(produced: Produced, truth: Truth, name: str, key: str, *kinds: str) -> list[dict[str, object]]:
    """The planted kinds among these of which more than a few cells are still wrong, as rows for the learner."""
    log = _list_defects(truth.folder)
    right = _compare(produced.folder, truth.folder, name, key)
    scores = repair_by_kind(right, log[(log.table == name) & log.kind.isin(kinds)])
    scores = scores[scores.recall < REPAIRED]
    return [
        {"planted": IN_WORDS[str(kind)], "still wrong": f"{row.wrong:,.0f} of {row.cells:,.0f}"}
        for kind, row in scores.iterrows()
    ]


@check(skills=["clean", "validate"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All five tables are there, with the columns and types that the brief promises."""
    read_flights(produced)
    table(produced, "weather.parquet", columns=WEATHER)
    table(produced, "planes.parquet", columns=PLANES)
    table(produced, "airports.parquet", columns=AIRPORTS)
    table(produced, "change_log.parquet", columns=CHANGE_LOG, may_be_empty=True)


@check(skills=["clean"], level=2, points=2)
def each_flight_is_one_row(produced: Produced, truth: Truth) -> None:
    """Each flight with passengers is one row, and every row is such a flight (planted: known exactly)."""
    found = read_flights(produced).flight_id
    ids = compare_ids(found, truth.table("flights", ["flight_id"]).flight_id)
    log = _list_defects(truth.folder)
    kinds = log[log.kind.isin(["positioning_flight", "redelivery", "departure_message"])]
    odd = pd.Index([*ids.extra, *found[found.duplicated()]])
    rows = [
        {"what": IN_WORDS[str(kind)], "rows": int(among(odd, there).sum())}
        for kind, there in kinds.groupby("kind").record_id
    ]
    expect(
        not ids.repeated and not len(ids.extra),
        f"{counted(ids.repeated, 'row')} repeat a flight, and {counted(len(ids.extra), 'row')} are none that carries "
        "passengers. Each of them counts once more on the departures board, so the airport looks busier and later than "
        "it was. Group the messages by flight_id: what differs within a group? And what do the services stand for?",
        details=[row for row in rows if row["rows"]],
    )


@check(skills=["clean"], level=2, points=2)
def no_flight_is_lost(produced: Produced, truth: Truth) -> None:
    """Every flight is still there: cancelled ones, those without a tail number, those whose plane nobody lists."""
    true = truth.table("flights", ["flight_id", "tailnum", "dep_delay_min", "arr_delay_min", "dest", "hidden"])
    lost = compare_ids(read_flights(produced).flight_id, true.flight_id).missing
    unlisted = truth.json("meta")["unlisted_airports"]
    real = {
        "never left": true.dep_delay_min.isna(),
        "no tail number": true.tailnum.isna(),
        "a tail number without a plane": ~true.tailnum.isin(truth.table("planes", ["tailnum"]).tailnum),
        "a destination that airports.csv lacks": true.dest.isin(unlisted),
        "no arrival known": true.arr_delay_min.isna(),
    }
    traits = [pd.DataFrame({"kind": name, "record_id": true.flight_id[rows]}) for name, rows in real.items()]
    why = explain_loss(lost, pd.concat([_list_defects(truth.folder)[["kind", "record_id"]], *traits]), len(true))
    named = shares({IN_WORDS.get(kind, kind): share for kind, share in why.items()}) or "nothing in particular"
    expect(
        len(lost) <= UNTOUCHED * len(true),
        f"{len(lost):,} of {len(true):,} flights are gone. What the lost ones have in common: {named}. A gap in real "
        "data is seldom random: on a day when everything is cancelled, the flights without a departure are the "
        "news. Count rows before and after each join and each filter.",
        expected=f"{len(true):,} flights",
        found=f"{len(true) - len(lost):,} flights",
    )


@check(skills=["clean"], level=3, points=3)
def delays_are_minutes(produced: Produced, truth: Truth) -> None:
    """Delays are in minutes at both ends, whatever the carrier's system sent (planted: known exactly)."""
    rows = unrepaired(produced, truth, "flights", "flight_id", "delay_in_seconds")
    expect(
        not rows,
        "Delays of one carrier are still sixty times too large for some weeks. A flight that was eight minutes late "
        "is then eight hours late, and what you predict is wrong before you have begun. Every message tells each "
        "delay twice, once as a number and once as a difference of two clock times: where do the two disagree?",
        details=rows,
    )


@check(skills=["clean"], level=3, points=3)
def clocks_are_right(produced: Produced, truth: Truth) -> None:
    """Departures are on New York's clock and arrivals on the destination's; both are stored as instants in UTC."""
    right = right_cells(produced, truth)
    dest = truth.table("flights", ["flight_id", "dest"]).set_index("flight_id").dest.reindex(right.index)
    zone = dest.map(truth.table("airports").set_index("faa").tzone)
    rows = []
    for column in ("sched_dep_ts", "sched_arr_ts"):
        wrong = ~right[column]
        if wrong.sum() > UNTOUCHED * len(right):
            off = zone[wrong].value_counts()
            where = listed(f"{name} {number:,}" for name, number in off.items())
            rows.append(
                {"column": column, "wrong": f"{int(wrong.sum()):,} of {len(right):,}", "destinations in": where}
            )
    expect(
        not rows,
        "Scheduled times are not the instants that they should be (table below). Half of what goes wrong between two "
        "airports is an hour that somebody forgot. Work one flight out by hand: 517 is no number of minutes, New York "
        "changes its clocks twice a year, Phoenix and San Juan never do, and some flights land tomorrow.",
        details=rows,
    )


@check(skills=["clean"], level=3)
def the_final_message_wins(produced: Produced, truth: Truth) -> None:
    """Where a departure message came first, the row is that of the final one, with its arrival (planted)."""
    right = right_cells(produced, truth)
    log = _list_defects(truth.folder)
    both = right[among(right.index, log.record_id[log.kind == "departure_message"])]
    known = truth.table("flights", ["flight_id", "arr_delay_min"]).set_index("flight_id").arr_delay_min.notna()
    landed = both[known.reindex(both.index)]
    seconds = among(landed.index, log.record_id[log.kind == "delay_in_seconds"])
    wrong = int((~landed[~seconds].arr_delay_min).sum())
    expect(
        wrong <= (1 - REPAIRED) * max(1, len(landed)),
        f"{wrong:,} of {len(landed):,} flights that sent two messages lack their arrival, or have another one. The "
        "first message is sent when the wheels leave the ground, and knows nothing of the landing; taken for the "
        "last word, it makes a late flight one that nobody heard of again. What does the revision count?",
    )


@check(skills=["clean"], level=2)
def marks_join(produced: Produced, truth: Truth) -> None:
    """Tail numbers and airport codes are spelt in one way (planted), and every destination has its airport and zone."""
    rows = unrepaired(produced, truth, "flights", "flight_id", "tail_variant")
    found = table(produced, "airports.parquet", columns=AIRPORTS)
    true = truth.table("airports").set_index("faa")
    used = pd.Index(truth.table("flights", ["dest"]).dest.unique())
    zones = found.drop_duplicates("faa").set_index("faa").tzone.reindex(used)
    counts = {
        "airports that are there twice": int(found.faa.duplicated().sum()),
        "airports of the list that are missing": len(true.index.difference(pd.Index(found.faa))),
        "destinations without their zone": int((zones.isna() | (zones != true.tzone.reindex(used))).sum()),
    }
    rows += [{"planted": what, "still wrong": f"{number:,}"} for what, number in counts.items() if number]
    expect(
        not rows,
        "Codes that should meet do not (table below). A plane under three spellings is three planes without a past, "
        "and a destination without a zone has no arrival time. Some airports are really not in the list: read in "
        "the dictionary which, and look at the codes that find no partner.",
        details=rows,
    )


@check(skills=["clean", "validate"], level=3, points=2)
def weather_is_in_one_system(produced: Produced, truth: Truth) -> None:
    """Weather is in miles, inches and degrees Fahrenheit throughout; what no instrument can have seen is empty."""
    found = table(produced, "weather.parquet", columns=WEATHER, key="obs_id")
    rows = unrepaired(produced, truth, "weather", "obs_id", "unknown_visibility", "impossible_wind")
    right = _compare(produced.folder, truth.folder, "weather", "obs_id")
    wrong = {column: float((~right[column]).mean()) for column in (*READINGS, "observed_at")}
    rows += [
        {"planted": f"{c}, all hours", "still wrong": f"{share:.1%}"} for c, share in wrong.items() if share > 0.02
    ]
    odd = int((found.wind_mph > FASTEST_WIND).sum() + (found.visib_mi > FARTHEST_SIGHT).sum())
    lacking = len(compare_ids(found.obs_id, truth.table("weather", ["obs_id"]).obs_id).missing)
    expect(
        not rows and not odd and not lacking,
        f"The weather is not in one system: {odd:,} readings are beyond what was ever measured there, {lacking:,} "
        "hours are gone, and the table shows what else is off. Fog at 16 is no fog if it means kilometres, and a "
        "code for unknown is a very clear day. Draw each reading over time: where does it jump, and what does "
        "`unit` say there?",
        details=rows,
    )


@check(skills=["clean"], level=2)
def planes_are_tidy(produced: Produced, truth: Truth) -> None:
    """Each plane is one row, with the year in which it was built, or none."""
    found = table(produced, "planes.parquet", columns=PLANES)
    ids = compare_ids(found.tailnum, truth.table("planes", ["tailnum"]).tailnum)
    right = _compare(produced.folder, truth.folder, "planes", "tailnum")
    wrong = {column: int((~right[column]).sum()) for column in ("built", "seats")}
    told = [f"{number:,} have another {column} than they should" for column, number in wrong.items() if number]
    told += [f"{ids.repeated:,} are there again"] if ids.repeated else []
    told += [f"{len(ids.missing):,} are missing"] if len(ids.missing) else []
    expect(
        ids.same and not any(wrong.values()),
        f"Of {len(right):,} planes {listed(told) or 'some are unknown to us'}. A plane that is listed twice doubles "
        "each of its flights in a join, and one built in the year 0 is older than Rome's republic. Which year is "
        "far too common? And is the `year` of a plane the one that flights mean by it?",
    )


@check(skills=["clean"], level=3, points=2)
def nothing_else_was_touched(produced: Produced, truth: Truth) -> None:
    """Cells that nothing was planted in are as they were, odd ones too: they are real, and nobody knows better."""
    log = _list_defects(truth.folder)
    second = log[log.kind == "departure_message"].assign(column="arr_delay_min")
    excused = pd.concat([log, second, second.assign(column="air_time_min")])
    damage = collateral(right_cells(produced, truth).drop(columns=["sched_dep_ts", "sched_arr_ts"]), excused)
    damage |= {
        f"{name}: {column}": share
        for name, key in (("planes", "tailnum"), ("airports", "faa"))
        for column, share in collateral(
            _compare(produced.folder, truth.folder, name, key).drop(columns=["tzone"], errors="ignore"), log
        ).items()
    }
    damage = {column: share for column, share in damage.items() if share > UNTOUCHED}
    expect(
        not damage,
        f"Healthy cells were changed (share of the rows that nothing was planted in): {shares(damage, 1)}. A delay "
        "of twenty hours looks like an error and was a night at the airport for two hundred people. Nobody can tell "
        "a real extreme from a false one by its size alone: which of your repairs reaches further than its evidence?",
    )


@check(skills=["clean", "validate"], level=4, points=2)
def change_log_tells_what_changed(produced: Produced, truth: Truth) -> None:
    """The change log names the records that were planted (and the one impossible wind), and few others."""
    log = _list_defects(truth.folder)
    facts = log[log.table.isin(LOGGED_TABLES) & log.action.isin(LOGGED_ACTIONS)]
    claims = table(produced, "change_log.parquet", columns=CHANGE_LOG, may_be_empty=True)
    claims = claims[claims.table.isin(LOGGED_TABLES)]
    unlisted = truth.json("meta")["unlisted_airports"]
    claims = claims[~((claims.table == "airports") & claims.record_id.isin(unlisted))]
    found = agree(claims, facts, ["table", "record_id"])
    by_kind = recall_by(claims, facts, ["table", "record_id"], "kind")
    low = by_kind[by_kind.claimed < LOGGED * by_kind.facts]
    rows = [
        {"planted": IN_WORDS[str(kind)], "in the log": f"{row.claimed:,} of {row.facts:,}"}
        for kind, row in low.iterrows()
    ]
    expect(
        found.precision >= LOGGED and not rows,
        f"Of what the change log says, {found.precision:.0%} is damage that we planted, and "
        f"{counted(len(rows), 'kind')} of damage hardly occurs in it. When an airline disputes a delay, this log is "
        "all that stands between Rosa and 'the computer said so'. One line for each record that was wrong, none for "
        "what was only converted.",
        details=rows,
    )
