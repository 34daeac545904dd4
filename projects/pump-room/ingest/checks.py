"""What is asked of ingest: that it adds up, and that everything can be found again as it was sent."""

import pandas as pd

from grading.kit import Produced, Truth, check, compare_ids, counted, document, expect, lines, listed, table

TELEMETRY = {
    **dict.fromkeys(("source_file", "device_id"), "string"),
    **dict.fromkeys(("line_no", "ts_device"), "int"),
    **dict.fromkeys(("vib", "temp", "pressure", "load"), "float?"),
}
CLOCKS = {"device_id": "string", "ts_device": "int", "ts_server": "int"}
MOUNTINGS = {"device_id": "string", "pump_id": "string", "valid_from": "string", "valid_to": "string?"}
PUMPS = dict.fromkeys(("pump_id", "site", "make", "commissioned"), "string")
ORDERS = {
    "order_id": "int",
    **dict.fromkeys(("pump_id", "opened_at", "cause", "status"), "string"),
    **dict.fromkeys(("closed_at", "planned"), "string?"),
}
ALARMS = dict.fromkeys(("alarm_id", "pump_id", "code", "raised_at"), "string")
REJECT = {"file": "string", "line": "int", "reason": "string", "raw": "string"}
MANIFEST = {"files": "list", "alarms": "int"}


def read_telemetry(produced: Produced) -> pd.DataFrame:
    return table(produced, "telemetry.parquet", columns=TELEMETRY)


def read_rejects(produced: Produced) -> pd.DataFrame:
    rows = lines(produced, "rejects.jsonl", fields=REJECT)
    return pd.DataFrame([{name: row[name] for name in REJECT} for row in rows], columns=list(REJECT))


@check(skills=["acquire-data", "validate"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All eight files are there, with the columns and types that the brief promises."""
    read_telemetry(produced)
    table(produced, "clock_sync.parquet", columns=CLOCKS)
    table(produced, "mountings.parquet", columns=MOUNTINGS)
    table(produced, "pumps.parquet", columns=PUMPS, key="pump_id")
    table(produced, "orders.parquet", columns=ORDERS, key="order_id")
    table(produced, "alarms.parquet", columns=ALARMS)
    read_rejects(produced)
    document(produced, "manifest.json", fields=MANIFEST)


@check(skills=["acquire-data", "validate"], level=2, points=2)
def every_line_is_accounted_for(produced: Produced, truth: Truth) -> None:
    """In every telemetry file each line below the header is loaded or rejected, once: the sums add up."""
    loaded = read_telemetry(produced)[["source_file", "line_no"]].set_axis(["file", "line"], axis=1)
    rejected = read_rejects(produced)[["file", "line"]]
    both = pd.concat([loaded, rejected], ignore_index=True)
    rows = []
    for name, last in truth.json("meta")["lines"].items():
        seen = both.line[both.file == name]
        if len(seen) != last - 1 or seen[seen.between(2, last)].nunique() != last - 1:
            counts = (int((loaded.file == name).sum()), int((rejected.file == name).sum()))
            rows.append({"file": name, "lines below the header": last - 1, "loaded": counts[0], "rejected": counts[1]})
    unknown = sorted(set(both.file) - set(truth.json("meta")["lines"]))
    expect(not unknown, f"source_file names files that are not among the sources: {listed(unknown)}.")
    expect(
        not rows,
        f"In {counted(len(rows), 'file')} the lines do not add up: some are neither loaded nor rejected, or stand "
        "there twice, or carry a number that is not theirs. A silent hole in the telemetry looks exactly like a modem "
        "that was off, and Ivo would send somebody to look at the modem. The header is line 1; compare, for one of "
        "these files, the numbers from 2 to the last with those that you wrote.",
        details=rows,
    )


@check(skills=["acquire-data", "validate"], level=2)
def rejects_say_which_line_and_why(produced: Produced, truth: Truth) -> None:
    """Every line that is no whole packet is rejected with its file, number, reason and text; no good line is."""
    rejects = read_rejects(produced)
    wanted = {name: number for name, number in truth.json("meta")["rejects"].items() if number}
    counts = rejects.file.value_counts().to_dict()
    rows = [
        {"file": name, "lines that are no packet": wanted.get(name, 0), "rejected": counts.get(name, 0)}
        for name in sorted({*wanted, *counts})
        if wanted.get(name, 0) != counts.get(name, 0)
    ]
    expect(
        not rows,
        f"{counted(len(rejects), 'line is', 'lines are')} rejected where {sum(wanted.values())} should be. Half a "
        "packet that is let in becomes a reading that no sensor ever made; a whole one that is turned away is an hour "
        "that nobody can bring back. An empty cell is no reason to reject a line. Look at the lines that you rejected, "
        "and at the last line of each file.",
        details=rows,
    )
    mute = int((rejects.reason.str.strip() == "").sum() + (rejects.raw.str.strip() == "").sum())
    expect(mute == 0, "Some rejects have no reason or no text: whoever is called at night has only those to go by.")


@check(skills=["acquire-data"], level=2, points=2)
def packets_are_kept_as_sent(produced: Produced, truth: Truth) -> None:
    """Values and clocks stand there exactly as sent: no unit converted, no code removed, no repeated packet merged."""
    found = read_telemetry(produced)
    log = truth.table("defects", ["kind", "table", "record_id"])
    codes = int((log.kind == "no_sensor").sum())
    hot = int((log.kind == "fahrenheit").sum())
    wrong = {
        "repeated packets (fewer rows than lines)": max(0, _lines(truth) - len(found)),
        "temperatures of -40.0": max(0, codes - int((found.temp == -40.0).sum())),
        "temperatures in Fahrenheit": max(0, int(0.9 * hot) - int((found.temp > 90).sum())),
        "clocks that started again": int(found.ts_device.min() > 1_000_000_000 and _restarted(produced)),
    }
    wrong = {name: number for name, number in wrong.items() if number}
    expect(
        not wrong,
        f"Values were changed on the way in: {listed(wrong)}. Once a strange number has been tidied away, nobody can "
        "tell a broken sensor from a hot bearing, and the repair cannot be checked. Ingest copies; cleaning is the "
        "next milestone.",
        details=[{"what": name, "missing": number} for name, number in wrong.items()],
    )


def _lines(truth: Truth) -> int:
    meta = truth.json("meta")
    return int(sum(number - 1 for number in meta["lines"].values()) - sum(meta["rejects"].values()))


def _restarted(produced: Produced) -> bool:
    return bool(table(produced, "clock_sync.parquet", columns=CLOCKS).ts_device.min() < 1_000_000_000)


@check(skills=["acquire-data"], level=3, points=2)
def alarms_are_complete(produced: Produced, truth: Truth) -> None:
    """Every alarm that the API holds is there, once, although pages overlap."""
    found = table(produced, "alarms.parquet", columns=ALARMS).alarm_id
    ids = compare_ids(found, truth.table("alarms", ["alarm_id"]).alarm_id)
    expect(
        ids.same,
        f"{counted(len(ids.missing), 'alarm')} of the API are missing, {ids.repeated:,} are there more than once, "
        f"{len(ids.extra):,} are not from it. Without its E-STOP a failure happened whenever somebody got round to "
        "writing it up. Note the cursor, the status and the number of items of each answer, and see what you made of "
        "those that were not 200, and of the last items of a page and the first of the next.",
        expected=counted(len(found.unique()) + len(ids.missing) - len(ids.extra), "alarm"),
        found=f"{len(found):,} rows",
    )


@check(skills=["acquire-data", "validate"], level=2, points=2)
def small_tables_are_whole(produced: Produced, truth: Truth) -> None:
    """Clock comparisons, mountings, pumps and orders have every row of their source, past and cancelled ones too."""
    mountings = table(produced, "mountings.parquet", columns=MOUNTINGS)
    log = truth.table("defects", ["kind"]).kind.value_counts()
    pumps = truth.table("pumps", ["pump_id"]).pump_id
    extra_orders = int(log.get("repeated_order", 0) + log.get("cancelled_order", 0))
    counts = {
        "clock_sync": (len(table(produced, "clock_sync.parquet", columns=CLOCKS)), truth.json("meta")["clock_rows"]),
        "mountings": (len(mountings), len(pumps) + int(log.get("moved_device", 0))),
        "pumps": (len(table(produced, "pumps.parquet", columns=PUMPS)), len(pumps)),
        "orders": (
            len(table(produced, "orders.parquet", columns=ORDERS)),
            len(truth.table("stops", ["pump_id"])) + extra_orders,
        ),
    }
    rows = [{"table": n, "rows in the source": w, "rows in yours": f} for n, (f, w) in counts.items() if f != w]
    expect(
        not rows,
        f"{listed(row['table'] for row in rows)} have not the rows of their source. A device that has moved has two "
        "entries in the registry, and with only the newest of them February's readings go to the wrong pump. Count the "
        "rows in the source and in your table.",
        details=rows,
    )


@check(skills=["reproduce", "validate"], level=2)
def manifest_agrees_with_the_tables(produced: Produced, truth: Truth) -> None:
    """manifest.json says of every file what is really there: lines, loaded, rejected, sha256, and the alarms."""
    manifest = document(produced, "manifest.json", fields=MANIFEST)
    said = {str(entry.get("name")): entry for entry in manifest["files"] if isinstance(entry, dict)}
    loaded = read_telemetry(produced).source_file.value_counts()
    rejected = read_rejects(produced).file.value_counts()
    rows = []
    for name, lines_there in truth.json("meta")["lines"].items():
        wanted = {"lines": lines_there, "loaded": int(loaded.get(name, 0)), "rejected": int(rejected.get(name, 0))}
        rows += [
            {"file": name, "field": field, "manifest": str(said.get(name, {}).get(field, "nothing")), "really": value}
            for field, value in wanted.items()
            if said.get(name, {}).get(field) != value
        ]
        digest = said.get(name, {}).get("sha256")
        if not isinstance(digest, str) or len(digest) != 64:
            rows.append({"file": name, "field": "sha256", "manifest": str(digest), "really": "64 hexadecimal digits"})
    alarms = len(table(produced, "alarms.parquet", columns=ALARMS))
    if manifest["alarms"] != alarms:
        rows.append({"file": "alarms", "field": "rows", "manifest": str(manifest["alarms"]), "really": alarms})
    expect(
        not rows,
        f"The manifest says something else than the tables in {counted(len(rows), 'place')}. Next month somebody will "
        "hold a new delivery against it and look for what is missing; a receipt that was assumed instead of counted "
        "sends them the wrong way. `lines` counts all lines of the file, the header among them.",
        details=rows,
    )
