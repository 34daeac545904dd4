"""What is asked of clean: the right pieces on the right days, and a plain "unknown" where nobody can know."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from grading.kit import Produced, Truth, among, check, compare_ids, counted, expect, listed, same_cells, table
from grading.kit.plots import Plot, bars

SALES = {
    "store": "string",
    "sku": "string",
    "date": "date",
    "sold": "float?",
    "was_open": "bool",
    "stockout": "bool?",
}
PROMOTIONS = {
    **dict.fromkeys(("promotion", "store", "sku"), "string"),
    **dict.fromkeys(("published_on", "starts_on", "ends_on"), "date"),
    "version": "int",
    "discount": "float",
    "cancelled": "bool",
}
SAID = {"issued_on": "date", "date": "date", "temp_c": "float", "rain_chance": "float"}
SEEN = {"date": "date", "temp_c": "float?", "wet": "bool"}
EVENTS = {"store": "string", "kind": "string", "date": "date"}
ARTICLES = {"sku": "string", "category": "string", "price": "float"}
STORES = {"store": "string", "name": "string", "kind": "string"}
KEY = ["store", "sku", "date"]

UNTOUCHED = 0.002
REPAIRED = 0.98
DEGREE = 0.06
CLOCKS = {"utc_clock", "after_midnight"}
IN_WORDS = {
    "utc_clock": "till lines in UTC, evenings",
    "after_midnight": "sales after midnight",
    "sold_in_packs": "sales in packs",
    "pieces_as_packs": "packs counted in pieces",
    "code_variant": "codes in another spelling",
    "voided_line": "lines taken back at once",
    "returned_line": "pieces brought back",
    "training_line": "training receipts",
    "repeated_upload": "days uploaded twice",
    "missing_upload": "days never uploaded",
    "negative_stock": "counts below nought",
    "recount": "counts that were corrected",
    "missing_snapshot": "nights without a count",
}


def read_sales(produced: Produced) -> pd.DataFrame:
    return table(produced, "sales_daily.parquet", columns=SALES)


@cache
def _compared(produced: Path, truth: Path) -> pd.DataFrame:
    """True days with what was found: index store:sku:date; columns sold, was_open, stockout (right or not)."""
    found = read_sales(Produced(produced)).drop_duplicates(KEY)
    wanted = Truth(truth).table("sales_daily")
    both = wanted.merge(found, on=KEY, how="left", suffixes=("", "_found"))
    index = both.store + ":" + both.sku + ":" + both.date.astype("str")
    was_open = (both.was_open == both.was_open_found).fillna(False).to_numpy(dtype=bool)
    # What follows from a day that is wrongly open or closed is not charged twice.
    right = {
        "sold": same_cells(both.sold_found, both.sold, atol=1e-6) | ~was_open,
        "was_open": was_open,
        "stockout": _same_bools(both.stockout_found, both.stockout) | ~was_open,
    }
    return pd.DataFrame(right, index=index)


def _same_bools(found: pd.Series, wanted: pd.Series) -> np.ndarray:
    first, second = (s.astype("object").where(s.notna(), None).map({True: 1, False: 0}) for s in (found, wanted))
    return same_cells(first.astype("float64"), second.astype("float64"))


def still_wrong(produced: Produced, truth: Truth, column: str, *kinds: str) -> list[dict[str, object]]:
    """The kinds of damage among these of which more than a few days are wrong, on days that no other kind has hit."""
    right = _compared(produced.folder, truth.folder)
    log = truth.table("defects", ["kind", "table", "record_id", "column"])
    log = log[(log.table == "sales_daily") & (log.column == column) & among(log.record_id, right.index)]
    hits = log.drop_duplicates(["kind", "record_id"])
    if not CLOCKS & set(kinds):
        hits = hits[~among(hits.record_id, _landings(truth))]
    alone = hits[~hits.record_id.duplicated(keep=False)]
    rows = []
    for kind in kinds:
        cells = alone.record_id[alone.kind == kind]
        cells = cells if len(cells) >= 5 else hits.record_id[hits.kind == kind]
        good = right.loc[cells, column].mean() if len(cells) else 1.0
        if good < REPAIRED:
            rows.append({"kind of damage": IN_WORDS[kind], "days wrong": f"{1 - good:.0%}", "share": 1 - float(good)})
    return rows


def _landings(truth: Truth) -> pd.Series:
    """Days on which sales land that nobody brought back to theirs: the damage of another check."""
    log = truth.table("defects", ["kind", "record_id"])
    moved = log.record_id[log.kind.isin(CLOCKS)].drop_duplicates()
    return moved.str[:-10] + (pd.to_datetime(moved.str[-10:]) + pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d")


def _plot(rows: list[dict[str, object]]) -> Plot | None:
    shares = {str(row["kind of damage"]): float(str(row["share"])) for row in rows}
    title = "Days still wrong, by kind of damage"
    return bars(shares, title=title, by="kind of damage", value="days wrong", share=True) if shares else None


def _told(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: value for name, value in row.items() if name != "share"} for row in rows]


@check(skills=["clean", "validate"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All seven tables are there, with the columns and types that the brief promises."""
    read_sales(produced)
    table(produced, "promotions.parquet", columns=PROMOTIONS)
    table(produced, "weather_said.parquet", columns=SAID)
    table(produced, "weather_seen.parquet", columns=SEEN)
    table(produced, "events.parquet", columns=EVENTS)
    table(produced, "articles.parquet", columns=ARTICLES, key="sku")
    table(produced, "stores.parquet", columns=STORES, key="store")


@check(skills=["clean"], level=2, points=2, gate=True)
def every_shelf_has_every_day(produced: Produced, truth: Truth) -> None:
    """There is exactly one row for each store, article and day, quiet days and closed days among them."""
    found = read_sales(produced)
    name = found.store + ":" + found.sku + ":" + found.date.astype("str")
    ids = compare_ids(name, list(_compared(produced.folder, truth.folder).index))
    expect(
        ids.same,
        f"{counted(len(ids.missing), 'row')} are missing, {len(ids.extra):,} are of shelves or days that do not "
        "exist and "
        f"{ids.repeated:,} come again. A day without a row is neither a quiet day nor an unknown one, so every average "
        "leaves it out. How many stores, articles and days are there, and what is their product?",
        expected=f"{len(found) + len(ids.missing) - len(ids.extra) - ids.repeated:,} rows",
        found=f"{len(found):,} rows",
    )


@check(skills=["clean"], level=3, points=3)
def pieces_are_right(produced: Produced, truth: Truth) -> None:
    """Sold is in pieces that customers took home: packs opened, what was no sale left out, nothing counted twice."""
    kinds = ("sold_in_packs", "pieces_as_packs", "code_variant", "voided_line", "returned_line")
    rows = still_wrong(produced, truth, "sold", *kinds, "training_line", "repeated_upload")
    expect(
        not rows,
        f"The number of pieces is still wrong for {counted(len(rows), 'kind')} of damage (below). Aylin orders pieces: "
        "four croissants too few on each day that had a pack, or a whole Saturday twice, is what her shelves will look "
        "like. Take a day of one kind and add its till lines up by hand; the data dictionary says what each kind of "
        "line means, and what was paid tells what was counted.",
        details=_told(rows),
        plot=_plot(rows),
    )


@check(skills=["clean"], level=3, points=2)
def sales_fall_on_their_trading_day(produced: Produced, truth: Truth) -> None:
    """A sale counts for the trading day in which it happened, on the clock of its shop."""
    rows = still_wrong(produced, truth, "sold", "utc_clock", "after_midnight")
    expect(
        not rows,
        "Sales stand on the wrong day (below). A Friday evening that is booked on Saturday makes both days look "
        "ordinary, "
        "and the shelf is empty on the one and full on the other. When does a trading day begin, which of the moments "
        "carry a mark of their zone, and what does winter change about that?",
        details=_told(rows),
        plot=_plot(rows),
    )


@check(skills=["clean", "validate"], level=3, points=3)
def unknown_is_not_nought(produced: Produced, truth: Truth) -> None:
    """Sold is empty where a shop was open and its day was never uploaded, and a nought where nobody bought."""
    rows = still_wrong(produced, truth, "sold", "missing_upload")
    found, wanted = read_sales(produced), truth.table("sales_daily")
    empty = int(found.sold.isna().sum())
    most = int(wanted.sold.isna().sum())
    expect(
        not rows and empty <= most * 1.02,
        f"{counted(empty, 'day')} of a shelf are called unknown where {most:,} are. A nought that stands for a lost "
        "file "
        "teaches the model that nobody wants bread on that weekday; an unknown that stands for a slow article hides "
        "that "
        "nobody wants *it*. On which days has a store no line at all, and does the diary say that it was closed?",
        details=_told(rows),
    )


@check(skills=["clean"], level=2)
def open_days_are_open(produced: Produced, truth: Truth) -> None:
    """was_open is false on holidays and on closures of that shop, and on no other day."""
    right = _compared(produced.folder, truth.folder).was_open
    wrong = int((~right).sum())
    expect(
        wrong == 0,
        f"was_open is wrong on {counted(wrong, 'row')}. A closed day that counts as open is a day of no demand, and "
        "the "
        "average of that weekday sinks with each of them. In a calendar file, which day does DTEND name: the last "
        "one, or "
        "the one after it?",
    )


@check(skills=["clean"], level=3, points=2)
def empty_shelves_are_marked(produced: Produced, truth: Truth) -> None:
    """stockout is true where the last count of an open day found nothing, and empty where nobody counted."""
    rows = still_wrong(produced, truth, "stockout", "negative_stock", "recount", "missing_snapshot")
    expect(
        not rows,
        "Empty shelves are not marked as the counts say (below). On such a day the till tells how much there *was*, "
        "not "
        "how much was wanted; unmarked, Aylin's shortages turn into a proof that nobody buys. Which of two counts of a "
        "night holds, what can a count below nought mean, and what do you know of a night without one?",
        details=_told(rows),
        plot=_plot(rows),
    )


@check(skills=["clean", "prevent-leakage"], level=3, points=2)
def the_plan_is_right(produced: Produced, truth: Truth) -> None:
    """Each version of each promotion is one row per store, with its own dates, today's article code, and a fraction."""
    columns = ["promotion", "version", "store"]
    found = table(produced, "promotions.parquet", columns=PROMOTIONS)
    wanted = truth.table("promotions")
    names = [frame[columns].astype("str").agg("/".join, axis=1) for frame in (found, wanted)]
    ids = compare_ids(names[0], list(names[1]))
    both = wanted.merge(found.drop_duplicates(columns), on=columns, suffixes=("", "_found"))
    compared = ("sku", "published_on", "starts_on", "ends_on", "discount", "cancelled")
    wrong = {name: int((~same_cells(both[f"{name}_found"], both[name], atol=1e-9)).sum()) for name in compared}
    wrong = {name: number for name, number in wrong.items() if number}
    expect(
        ids.same and not wrong,
        f"Of {len(wanted):,} rows of the plan {len(ids.missing):,} are missing, {len(ids.extra) + ids.repeated:,} "
        "are too "
        f"many, and {listed(wrong) or 'no column'} {'is' if len(wrong) < 2 else 'are'} wrong somewhere. A discount "
        "that is "
        "a hundred times too deep, or a plan that only remembers its last version, tells the model of promotions that "
        "nobody announced. Look at the values of `discount` by planner, and at one promotion with two versions.",
        details=[{"column": name, "wrong rows": number} for name, number in wrong.items()],
    )


@check(skills=["clean"], level=2, points=2)
def weather_is_right(produced: Produced, truth: Truth) -> None:
    """Temperatures are in degrees Celsius, the last word of each day of issue, and empty where the sensor was dead."""
    rows = []
    for name, key in (("weather_said", ["issued_on", "date"]), ("weather_seen", ["date"])):
        schema = SAID if name == "weather_said" else SEEN
        found, wanted = table(produced, f"{name}.parquet", columns=schema), truth.table(name)
        both = wanted.merge(found.drop_duplicates(key), on=key, how="left", suffixes=("", "_found"))
        off = int((~same_cells(both.temp_c_found, both.temp_c, atol=DEGREE)).sum())
        rows.append({"table": name, "rows too many": len(found) - len(wanted), "temperatures wrong": off})
    rows = [row for row in rows if row["rows too many"] or row["temperatures wrong"]]
    expect(
        not rows,
        "The weather is not as it was told (below). Sixty degrees in March is a unit and minus a hundred a broken "
        "sensor; "
        "either makes the effect of a warm day disappear in the noise. Plot the temperature over the days, and look at "
        "what the service says beside each number; compare two issues of one day.",
        details=rows,
    )


@check(skills=["clean"], level=2)
def the_diary_is_right(produced: Produced, truth: Truth) -> None:
    """Each event that took place is a row for each of its days and stores; what was called off or moved is gone."""
    found, wanted = table(produced, "events.parquet", columns=EVENTS), truth.table("events")
    names = [frame[["store", "kind", "date"]].astype("str").agg("/".join, axis=1) for frame in (found, wanted)]
    ids = compare_ids(names[0], list(names[1]))
    expect(
        ids.same,
        f"{counted(len(ids.missing), 'day')} of events are missing, {len(ids.extra):,} are too many and "
        f"{ids.repeated:,} "
        "come twice. A festival on the wrong Saturday leaves two shops with strawberries that nobody came for. For "
        "each "
        "uid the highest SEQUENCE is the last word, and it may be that the event is off.",
    )


@check(skills=["clean"], level=2)
def stores_and_articles_are_tidy(produced: Produced, truth: Truth) -> None:
    """Each article has one of the three categories, and each store its readable name."""
    rows = []
    for name, key, column, schema in (("articles", "sku", "category", ARTICLES), ("stores", "store", "name", STORES)):
        found = table(produced, f"{name}.parquet", columns=schema, key=key).set_index(key)
        wanted = truth.table(name).set_index(key)
        same = same_cells(found.reindex(wanted.index)[column], wanted[column])
        rows.append({"table": name, "missing or foreign": len(found.index.symmetric_difference(wanted.index))})
        rows[-1][f"wrong {column}"] = int((~same).sum())
    rows = [row for row in rows if any(value for name, value in row.items() if name != "table")]
    expect(
        not rows,
        "Stores or articles are not tidy yet (below). Three articles in a category of their own learn nothing from the "
        "others, and a name with an Ã in it was read once too often. List the distinct categories; look at the names.",
        details=rows,
    )


@check(skills=["clean", "validate"], level=3, points=2)
def nothing_else_was_touched(produced: Produced, truth: Truth) -> None:
    """Days on which nothing was wrong have the number of pieces that the tills say."""
    right = _compared(produced.folder, truth.folder)
    log = truth.table("defects", ["table", "record_id"])
    hit = log.record_id[log.table == "sales_daily"]
    calm = ~among(right.index, hit) & ~among(right.index, _landings(truth))
    damage = {name: float((~right[name][calm]).mean()) for name in ("sold", "stockout")}
    damage = {name: share for name, share in damage.items() if share > UNTOUCHED}
    expect(
        not damage,
        f"On days with nothing wrong {listed(f'{name} ({share:.1%} of the days)' for name, share in damage.items())} "
        "differs from what the sources say. A repair that also hits healthy days is damage of your own, and nobody has "
        "a log of it. Compare source and result on a day without packs, voids or second counts.",
    )
