"""What is asked of ingest: that it adds up, and that everything can be found again as it came."""

from collections.abc import Mapping

import pandas as pd

from grading.kit import Produced, Truth, check, compare_ids, counted, document, expect, lines, listed, table

TEXT = "string"
LINES = {
    "source_file": TEXT,
    "line_no": "int",
    "store": TEXT,
    "receipt": TEXT,
    "line": "int",
    "till": "int",
    "moment": TEXT,
    "kind": TEXT,
    "article": TEXT,
    "unit": TEXT,
    "qty": "int",
    "amount_raw": TEXT,
}
PROMOTIONS = {
    **dict.fromkeys(("promotion", "published_on", "starts_on", "ends_on", "article", "stores"), TEXT),
    "planner": TEXT,
    "status": TEXT,
    "version": "int",
    "discount": "float",
}
FORECASTS = {"issued_at": TEXT, "date": TEXT, "temp": "float", "unit": TEXT, "rain_chance": "float"}
OBSERVATIONS = {"date": TEXT, "temp": "float", "unit": TEXT, "rain_mm": "float"}
EVENTS = {
    **dict.fromkeys(("uid", "status", "starts", "ends", "category", "location", "summary"), TEXT),
    "sequence": "int",
}
STOCK = {"date": TEXT, "store": TEXT, "article": TEXT, "on_hand": "int", "counted_at": TEXT}
ARTICLES = {"sku": TEXT, "category": TEXT, "price": "float"}
PACKS = {"sku": TEXT, "pieces": "int", "valid_from": TEXT}
RENAMED = dict.fromkeys(("old_code", "sku", "since"), TEXT)
STORES = dict.fromkeys(("store", "name", "kind"), TEXT)
REJECT = {"file": TEXT, "line": "int", "reason": TEXT, "raw": TEXT}
MANIFEST = {"files": "list", "forecasts": "int", "observations": "int"}
TABLES: dict[str, Mapping[str, str]] = {
    "lines": LINES,
    "promotions": PROMOTIONS,
    "forecasts": FORECASTS,
    "observations": OBSERVATIONS,
    "events": EVENTS,
    "stock": STOCK,
    "articles": ARTICLES,
    "packs": PACKS,
    "renamed": RENAMED,
    "stores": STORES,
}


def read(produced: Produced, name: str) -> pd.DataFrame:
    return table(produced, f"{name}.parquet", columns=TABLES[name])


def read_rejects(produced: Produced) -> pd.DataFrame:
    rows = lines(produced, "rejects.jsonl", fields=REJECT)
    return pd.DataFrame([{name: row[name] for name in REJECT} for row in rows], columns=list(REJECT))


@check(skills=["acquire-data", "validate"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All ten tables, the rejects and the manifest are there, with the columns and types that the brief promises."""
    for name in TABLES:
        read(produced, name)
    read_rejects(produced)
    document(produced, "manifest.json", fields=MANIFEST)


@check(skills=["acquire-data", "validate"], level=2, points=2)
def every_line_is_accounted_for(produced: Produced, truth: Truth) -> None:
    """In every till file each line after the header is loaded or rejected, once: the sums add up."""
    loaded = read(produced, "lines")[["source_file", "line_no"]].set_axis(["file", "line"], axis=1)
    rejected = read_rejects(produced)[["file", "line"]]
    both = pd.concat([loaded, rejected], ignore_index=True)
    rows = []
    for name, wanted in truth.json("meta")["lines"].items():
        seen = both.line[both.file == name]
        if len(seen) != wanted or seen[seen.between(2, wanted + 1)].nunique() != wanted:
            counts = (int((loaded.file == name).sum()), int((rejected.file == name).sum()))
            rows.append({"file": name, "lines": wanted, "loaded": counts[0], "rejected": counts[1]})
    unknown = sorted(set(both.file) - set(truth.json("meta")["lines"]))
    expect(not unknown, f"source_file names files that are not among the sources: {listed(unknown)}.")
    expect(
        not rows,
        f"In {counted(len(rows), 'file')} the lines do not add up: some are neither loaded nor rejected, or stand "
        "there "
        "twice, or carry a number that is not theirs (the header is line 1). A sale that silently drops out here is a "
        "crate that Aylin does not order. Take one of these files and look for the numbers that nobody has.",
        details=rows,
    )


@check(skills=["acquire-data", "validate"], level=2)
def rejects_say_which_line_and_why(produced: Produced, truth: Truth) -> None:
    """Every line that is no till line is rejected with its file, number, reason and text; no good line is."""
    rejects = read_rejects(produced)
    wanted = {name: number for name, number in truth.json("meta")["rejects"].items() if number}
    counts = rejects.file.value_counts().to_dict()
    rows = [
        {"file": name, "lines that are none": wanted.get(name, 0), "rejected": counts.get(name, 0)}
        for name in sorted({*wanted, *counts})
        if wanted.get(name, 0) != counts.get(name, 0)
    ]
    expect(
        not rows,
        f"{counted(len(rejects), 'line is', 'lines are')} rejected where {sum(wanted.values())} should be. An error "
        "page "
        "that is loaded becomes a sale of nothing; a good line that is refused becomes a gap that looks like a quiet "
        "afternoon. Read those lines with your own eyes, and the last line of each file.",
        details=rows,
    )
    mute = int(((rejects.reason.str.strip() == "") | (rejects.raw.str.strip() == "")).sum())
    expect(mute == 0, "Some rejects have no reason or no text: whoever is called at night has only those to go by.")


@check(skills=["acquire-data", "validate"], level=2)
def raw_text_is_kept(produced: Produced, truth: Truth) -> None:
    """Moments, codes and amounts stand there exactly as the tills wrote them."""
    rows = read(produced, "lines")
    meta, stores = truth.json("meta"), truth.table("stores").store
    secret = meta["mechanism"]
    comma, utc = (rows.store == sorted(stores)[secret[name]] for name in ("comma_store", "utc_store"))
    typed = truth.table("defects").query("kind == 'code_variant' and table == 'sales_daily'").corrupted
    changed = {
        "amount_raw (decimal sign)": comma.any() and not rows.amount_raw[comma].str.contains(",", regex=False).all(),
        "moment (the mark of its zone)": utc.any() and not rows.moment[utc].str.endswith("Z").any(),
        "article (capitals, spaces)": not set(typed) <= set(rows.article),
    }
    wrong = [name for name, is_wrong in changed.items() if is_wrong]
    expect(
        not wrong,
        f"Values were changed on the way in: {listed(wrong)}. When a shop manager doubts a number in June, nobody will "
        "be able to tell what the till said in March. Loading is one job and repairing another; compare one file with "
        "its rows, character by character.",
    )


@check(skills=["acquire-data"], level=3, points=2)
def weather_is_complete(produced: Produced, truth: Truth) -> None:
    """Every forecast and every observation that the weather service holds is there."""
    said, seen = read(produced, "forecasts"), read(produced, "observations")
    wanted = truth.table("weather_said", ["issued_on", "date"]).astype("str")
    twice = truth.table("defects").query("kind == 'reissued_forecast'").record_id
    early = wanted[wanted.issued_on.isin(twice)]
    pairs = [*(wanted.issued_on + "T17 " + wanted.date), *(early.issued_on + "T05 " + early.date)]
    of_said = compare_ids(said.issued_at.str[:13] + " " + said.date, pairs)
    of_seen = compare_ids(seen.date, truth.table("weather_seen", ["date"]).date.astype("str"))
    missing, foreign = (sum(len(getattr(ids, name)) for ids in (of_said, of_seen)) for name in ("missing", "extra"))
    expect(
        not missing and not foreign,
        f"{counted(missing, 'item')} of the weather service {'is' if missing == 1 else 'are'} missing and "
        f"{foreign:,} are "
        "not from it. A day without its forecast is a day on which your model will be told nothing of the rain. Write "
        "down cursor, status and number of items of every answer, and see what you made of those that were not 200.",
    )


@check(skills=["acquire-data"], level=2)
def no_weather_comes_twice(produced: Produced, truth: Truth) -> None:
    """Each forecast and each observation is one row, although pages overlap."""
    said, seen = read(produced, "forecasts"), read(produced, "observations")
    twice = int(said.duplicated(["issued_at", "date"]).sum() + seen.date.duplicated().sum())
    expect(
        twice == 0,
        f"{counted(twice, 'item')} of the weather service {'stands' if twice == 1 else 'stand'} there more than "
        "once, so "
        "every join with the sales would count those days double. Lay the end of one page beside the start of the "
        "next.",
    )


@check(skills=["acquire-data"], level=2)
def the_diary_is_whole(produced: Produced, truth: Truth) -> None:
    """Every event of the calendar is there with all its versions, cancelled ones too, and its whole text."""
    events = read(produced, "events")
    log = truth.table("defects")
    moved, cancelled = (int((log.kind == kind).sum()) for kind in ("moved_event", "cancelled_event"))
    versions = events.duplicated("uid").sum()
    off = int((events.status == "CANCELLED").sum())
    expect(
        versions == moved + cancelled and off == cancelled,
        f"The calendar holds {moved + cancelled} events that were changed later, {cancelled} of them called off; your "
        f"table holds {int(versions)} second versions and {off} cancellations. Whoever keeps one version too few will "
        "order for a street festival that is not there. Count BEGIN:VEVENT in the file and rows in your table.",
    )
    expect(
        set(events.summary) <= set(truth.json("meta")["summaries"]),
        "Some texts of the calendar break off in the middle. A calendar file folds its long lines, and what belongs "
        "to a "
        "line stands partly on the next. Look at an event of yours beside its lines in the file.",
    )


@check(skills=["acquire-data"], level=2)
def the_plan_keeps_its_versions(produced: Produced, truth: Truth) -> None:
    """Every version of every promotion is there, superseded and cancelled ones too."""
    plan = read(produced, "promotions")
    wanted = truth.table("promotions")[["promotion", "version"]].drop_duplicates()
    ids = compare_ids(
        plan.promotion + "/" + plan.version.astype("str"), wanted.promotion + "/" + wanted.version.astype("str")
    )
    expect(
        ids.same,
        f"{counted(len(ids.missing), 'version')} of the promotion plan are missing, {len(ids.extra):,} come from "
        "nowhere "
        f"and {ids.repeated:,} stand there twice. What a model may know on a day is the plan of *that* day; with the "
        "last version alone nobody can say what it was. Count the list in promotions.json.",
    )


@check(skills=["acquire-data"], level=2)
def names_keep_their_letters(produced: Produced, truth: Truth) -> None:
    """Store names are read in the encoding in which they were written."""
    stores = read(produced, "stores").drop_duplicates("store").set_index("store").name
    true = truth.table("stores").set_index("store").name
    sent = truth.table("defects").query("kind == 'double_encoding'").set_index("record_id").corrupted
    wanted = true.copy()
    wanted.update(sent)
    wrong = int((stores.reindex(wanted.index) != wanted).sum())
    expect(
        wrong == 0,
        f"{counted(wrong, 'store name')} differ from what the file says. Orders go out under these names, and a driver "
        "cannot look for a replacement character. The data dictionary names the program that wrote this file; a name "
        "that was already damaged when it came is for the next milestone.",
    )


@check(skills=["acquire-data", "validate"], level=2)
def reference_tables_are_whole(produced: Produced, truth: Truth) -> None:
    """Articles, packs, old codes, stores and stock counts have every row of their source."""
    meta = truth.json("meta")["rows"]
    rows = [
        {"table": name, "rows of the source": wanted, "your rows": len(read(produced, name))}
        for name, wanted in sorted(meta.items())
        if len(read(produced, name)) != wanted
    ]
    expect(
        not rows,
        f"{listed(row['table'] for row in rows)} {'has' if len(rows) == 1 else 'have'} not the rows of the source. "
        "Outdated pack sizes and first counts look like rubbish, and are what last winter's sales have to be read "
        "with. "
        "Count in the source and in your table.",
        details=rows,
    )


@check(skills=["reproduce", "validate"], level=3)
def manifest_agrees_with_the_tables(produced: Produced, truth: Truth) -> None:
    """manifest.json says of every till file what is really there, and how many forecasts and observations."""
    manifest = document(produced, "manifest.json", fields=MANIFEST)
    said = {str(entry.get("name")): entry for entry in manifest["files"] if isinstance(entry, dict)}
    loaded = read(produced, "lines").source_file.value_counts()
    rejected = read_rejects(produced).file.value_counts()
    rows = []
    for name, number in truth.json("meta")["lines"].items():
        wanted = {"lines": number, "loaded": int(loaded.get(name, 0)), "rejected": int(rejected.get(name, 0))}
        rows += [
            {"place": name, "field": field, "manifest": str(said.get(name, {}).get(field, "nothing")), "really": value}
            for field, value in wanted.items()
            if said.get(name, {}).get(field) != value
        ]
        if len(str(said.get(name, {}).get("sha256"))) != 64:
            rows.append({"place": name, "field": "sha256", "manifest": "", "really": "64 hexadecimal digits"})
    for name in ("forecasts", "observations"):
        if manifest[name] != len(read(produced, name)):
            rows.append(
                {"place": name, "field": "rows", "manifest": manifest[name], "really": len(read(produced, name))}
            )
    expect(
        not rows,
        f"The manifest says something else than the tables in {counted(len(rows), 'place')}. It is the receipt with "
        "which "
        "tomorrow's delivery is compared; a receipt that is assumed instead of counted proves nothing. Where does each "
        "of these numbers come from in your code?",
        details=rows,
    )
