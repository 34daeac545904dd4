"""What is asked of ingest: that it adds up, and that everything can be found again as it came."""

import pandas as pd

from grading.kit import Produced, Truth, among, check, compare_ids, counted, document, expect, lines, listed, table

TEXTS = ("source_file", "flight_id", "service", "date", "carrier", "flight", "origin", "dest", "message_id")
FLIGHTS = {
    **dict.fromkeys(TEXTS, "string"),
    "line_no": "int",
    "schema": "int",
    "revision": "int",
    "tailnum": "string?",
    "sched_dep_time": "string",
    "sched_arr_time": "string",
    **dict.fromkeys(("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"), "string?"),
    "distance": "string",
}
READINGS = ("temp", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
WEATHER = {
    **dict.fromkeys(("obs_id", "station", "observed_at", "unit"), "string"),
    **dict.fromkeys(READINGS, "float?"),
}
PLANES = {"tailnum": "string", "year": "int", "manufacturer": "string", "model": "string", "seats": "int"}
AIRLINES = {"carrier": "string", "name": "string"}
AIRPORTS = {"faa": "string", "name": "string", "lat": "float", "lon": "float", "tzone": "string?"}
REJECT = {"file": "string", "line": "int", "reason": "string", "raw": "string"}
MANIFEST = {"files": "list", "observations": "int"}


def read_flights(produced: Produced) -> pd.DataFrame:
    return table(produced, "flights.parquet", columns=FLIGHTS)


def read_rejects(produced: Produced) -> pd.DataFrame:
    rows = lines(produced, "rejects.jsonl", fields=REJECT)
    return pd.DataFrame([{name: row[name] for name in REJECT} for row in rows], columns=list(REJECT))


@check(skills=["acquire-data", "validate", "reproduce"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All seven files are there, with the columns and types that the brief promises."""
    read_flights(produced)
    table(produced, "weather.parquet", columns=WEATHER)
    table(produced, "planes.parquet", columns=PLANES)
    table(produced, "airlines.parquet", columns=AIRLINES)
    table(produced, "airports.parquet", columns=AIRPORTS)
    read_rejects(produced)
    document(produced, "manifest.json", fields=MANIFEST)


@check(skills=["acquire-data", "validate"], level=2, points=2)
def every_line_is_accounted_for(produced: Produced, truth: Truth) -> None:
    """In every file each line is loaded or rejected with a reason, once: the sums add up."""
    loaded = read_flights(produced)[["source_file", "line_no"]].set_axis(["file", "line"], axis=1)
    rejects = read_rejects(produced)
    both = pd.concat([loaded, rejects[["file", "line"]]], ignore_index=True)
    rows = []
    for name, wanted in truth.json("meta")["lines"].items():
        seen = both.line[both.file == name]
        if len(seen) != wanted or seen[seen.between(1, wanted)].nunique() != wanted:
            counts = (int((loaded.file == name).sum()), int((rejects.file == name).sum()))
            rows.append({"file": name, "lines": wanted, "loaded": counts[0], "rejected": counts[1]})
    unknown = sorted(set(both.file) - set(truth.json("meta")["lines"]))
    expect(not unknown, f"source_file names files that are not among the sources: {listed(unknown)}.")
    expect(
        not rows,
        f"In {counted(len(rows), 'file')} the lines do not add up: some are in neither table, or twice, or under a "
        "number that is not theirs. What a loader skips in silence, nobody at the airport will ever miss, until a "
        "passenger does. The header is no line; number the rest from 1, and see which numbers you lack.",
        details=rows,
    )
    mute = int((rejects.reason.str.strip() == "").sum() + (rejects.raw.str.strip() == "").sum())
    expect(
        mute == 0, f"{counted(mute, 'reject')} without a reason or without its text; whoever is on call has only those."
    )


@check(skills=["acquire-data", "validate"], level=3)
def only_broken_lines_are_rejected(produced: Produced, truth: Truth) -> None:
    """What is rejected is exactly what is no message: an error page, a line that breaks off."""
    counts = read_rejects(produced).file.value_counts().to_dict()
    wanted = {name: number for name, number in truth.json("meta")["rejects"].items() if number}
    rows = [
        {"file": name, "lines that are no message": wanted.get(name, 0), "rejected": counts.get(name, 0)}
        for name in sorted({*wanted, *counts})
        if wanted.get(name, 0) != counts.get(name, 0)
    ]
    expect(
        not rows,
        f"{counted(sum(counts.values()), 'line is', 'lines are')} rejected where {sum(wanted.values())} should be. "
        "Too few, and half a message passes for a flight that never landed; too many, and real flights are thrown "
        "away. Look at lines with fewer fields than their header, and at the very last line of each file.",
        details=rows,
    )


@check(skills=["acquire-data"], level=4, points=2)
def both_schemas_are_read(produced: Produced, truth: Truth) -> None:
    """Every flight of the archive is in the table, before and after the files changed their layout."""
    flights = read_flights(produced)
    lost = compare_ids(flights.flight_id, truth.table("flights", ["flight_id"]).flight_id).missing
    months = flights.source_file.value_counts().sort_index()
    expect(
        not len(lost),
        f"{counted(len(lost), 'flight')} of the archive cannot be found in flights.parquet. Rosa would learn from half "
        "a year that half a year is missing. Print the first line of every file, one under the other: which month "
        "looks different?",
        details=[{"file": name, "rows": int(rows)} for name, rows in months.items()],
    )


@check(skills=["acquire-data", "validate"], level=3, points=2)
def fields_stand_in_their_columns(produced: Produced, truth: Truth) -> None:
    """A column holds the same field in both schemas, and each value exactly as it was sent."""
    revisions = read_flights(produced)
    flights = revisions.drop_duplicates("flight_id", keep="last").set_index("flight_id")
    true = truth.table("flights", ["flight_id", "carrier", "dest", "distance_mi"]).set_index("flight_id")
    there = flights[among(flights.index, true.index)]
    true = true.reindex(there.index)
    first, second = there.schema == 1, there.schema == 2
    log = truth.table("defects", ["kind", "column", "record_id", "corrupted"])
    sent_in_all = 1 + among(there.index, log.record_id[log.kind == "departure_message"])
    came = revisions.groupby("flight_id").revision.agg(["size", "min", "max"]).reindex(there.index)
    # A message that was not read is another check's business.
    misnumbered = (
        (came["min"] < 1) | (came["max"] > sent_in_all) | ((came["size"] >= sent_in_all) & (came["max"] < sent_in_all))
    )
    sent = log[(log.kind == "tail_variant") & among(log.record_id, there.index)]
    clocks = pd.concat([there.sched_dep_time, there.sched_arr_time, there.dep_time.dropna(), there.arr_time.dropna()])
    new = among(clocks.index, there.index[second])
    wrong = {
        "carrier": int((there.carrier != true.carrier).sum()),
        "dest": int((there.dest != true.dest).sum()),
        "distance": int((there.distance != true.distance_mi.astype("str")).sum()),
        "revision": int(misnumbered.sum()),
        "times, schema 1 (hours and minutes in one number)": int((~clocks[~new].str.fullmatch(r"\d{1,4}")).sum()),
        "times, schema 2 (with a colon)": int((~clocks[new].str.fullmatch(r"\d\d:\d\d")).sum()),
        "date, schema 1": int((~there.date[first].str.fullmatch(r"\d{4}-\d\d-\d\d")).sum()),
        "date, schema 2": int((~there.date[second].str.fullmatch(r"\d\d\.\d\d\.\d{4}")).sum()),
        "tailnum (spelt as sent)": int(
            (there.tailnum.reindex(sent.record_id).to_numpy() != sent.corrupted.to_numpy()).sum()
        ),
    }
    rows = [{"field": name, "cells that differ": number} for name, number in wrong.items() if number]
    expect(
        not rows,
        f"{counted(len(rows), 'field')} in flights.parquet do not hold what the files hold. A column that means one "
        "thing until spring and another thing after is a defect of our own making; and whoever tidies at the door "
        "cannot show later how it came. Take one line of each schema and follow it into the table.",
        details=rows,
    )


@check(skills=["acquire-data"], level=3, points=2)
def observations_are_complete(produced: Produced, truth: Truth) -> None:
    """Every observation of the weather service is there, once, although pages overlap and the service stumbles."""
    found = table(produced, "weather.parquet", columns=WEATHER).obs_id
    ids = compare_ids(found, truth.table("weather", ["obs_id"]).obs_id)
    expect(
        ids.same,
        f"Of the weather {counted(len(ids.missing), 'observation')} are missing, {ids.repeated:,} are there twice and "
        f"{len(ids.extra):,} come from elsewhere. An hour without weather is a thunderstorm that Rosa did not see "
        "coming. Write down cursor, status and number of items of every answer: what did you do with those that were "
        "not 200, and how does one page end and the next begin?",
        expected=f"{len(found) - ids.repeated - len(ids.extra) + len(ids.missing):,} observations",
        found=f"{len(found):,} rows",
    )


@check(skills=["acquire-data", "validate"], level=2)
def reference_tables_are_whole(produced: Produced, truth: Truth) -> None:
    """Planes, airlines and airports have every row of their source, repeated and misspelt ones too."""
    log = truth.table("defects", ["kind", "record_id", "corrupted"])
    spelt = log[log.kind == "airport_variant"].set_index("record_id").corrupted
    planes = truth.table("planes", ["tailnum"]).tailnum
    listed_airports = truth.table("airports", ["faa"]).faa[: -len(truth.json("meta")["unlisted_airports"])]
    sources = {
        "planes": (
            table(produced, "planes.parquet", columns=PLANES).tailnum,
            [*planes, *log.record_id[log.kind == "repeated_plane"]],
        ),
        "airports": (
            table(produced, "airports.parquet", columns=AIRPORTS).faa,
            [*listed_airports.map(spelt).fillna(listed_airports)],
        ),
        "airlines": (table(produced, "airlines.parquet", columns=AIRLINES).carrier, truth.json("meta")["airlines"]),
    }
    rows = []
    for name, (found, wanted) in sources.items():
        ids = compare_ids(found, wanted)
        if len(ids.missing) or len(ids.extra) or len(found) != len(wanted):
            rows.append(
                {"table": name, "rows in the source": len(wanted), "rows here": len(found), "unknown": len(ids.extra)}
            )
    expect(
        not rows,
        f"{listed(row['table'] for row in rows)} have not the rows of their source. A plane that is listed twice is "
        "a finding for the next milestone, not for this one, and an airport with a space behind its code is still an "
        "airport. Count rows at the source, then here.",
        details=rows,
    )


@check(skills=["reproduce", "validate"], level=2)
def manifest_agrees_with_the_tables(produced: Produced, truth: Truth) -> None:
    """manifest.json says of every file what is really there: lines, loaded, rejected, sha256, and the observations."""
    manifest = document(produced, "manifest.json", fields=MANIFEST)
    said = {str(entry.get("name")): entry for entry in manifest["files"] if isinstance(entry, dict)}
    loaded = read_flights(produced).source_file.value_counts()
    rejected = read_rejects(produced).file.value_counts()
    rows = []
    for name, count in truth.json("meta")["lines"].items():
        wanted = {"lines": count, "loaded": int(loaded.get(name, 0)), "rejected": int(rejected.get(name, 0))}
        wanted |= {"sha256": truth.json("meta")["sha256"][name]}
        entry = said.get(name, {})
        rows += [
            {"file": name, "field": field, "manifest": str(entry.get(field, "nothing"))[:12], "really": str(value)[:12]}
            for field, value in wanted.items()
            if entry.get(field) != value
        ]
    observations = len(table(produced, "weather.parquet", columns=WEATHER))
    if manifest["observations"] != observations:
        told = str(manifest["observations"])
        rows.append({"file": "weather", "field": "observations", "manifest": told, "really": str(observations)})
    expect(
        not rows,
        f"In {counted(len(rows), 'place')} the manifest says something else than the tables or the files. It is what "
        "next month's load is compared with, so it has to be counted and not assumed: lines without the header, the "
        "digest of the file as it was delivered, still packed.",
        details=rows,
    )
