"""Makes one world of Shelf: true demand and what shelves sold of it, spoilt as a chain's own systems would spoil it.

It knows what the business looks like; how demand, plans, weather, defects and files work is the business of `worlds`.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worlds.articles import Master, code_of_the_day, draw_master
from worlds.calendar_file import write_calendar
from worlds.defects.cells import Sentinel, WrongUnit
from worlds.defects.lines import Files, GarbageLine, TruncatedLine
from worlds.defects.log import Defect, DefectLog
from worlds.defects.stock import Recount, WrittenBelowZero
from worlds.defects.texts import DoubleEncoding, IdVariant, Misspelling
from worlds.demand import expected_deviance
from worlds.diary import SUMMARY, keep_diary
from worlds.grocers import (
    Spoilt,
    as_dates,
    draw_secrets,
    plan_by_store,
    published_plan,
    shelf_days,
    some_store_days,
)
from worlds.promotions import BEFORE
from worlds.seeds import Seed
from worlds.shops import LEADS, Chain, draw_chain, is_missed, oracle_mean, run_short, turn
from worlds.sources import write_csv, write_gzip_lines, write_json, write_parquet, write_sqlite
from worlds.streams import scale_values
from worlds.tills import PACK, TILL_HEADER, ring_up, till_moments, till_texts
from worlds.weather import forecasts, in_fahrenheit, issue_twice, observations

ZONE = "America/Vancouver"
NAIVE_DAYS = 56
TRAINING_TILL = 99
SCARCE = 0.25
STREAM_DAYS = 56
# The tills that are set up wrongly count boxes of so many pieces.
BOX = 6
SHORT_DAYS = 21
# Shops that still carry a category after the others have given it up.
CARRIED_BY = 2


def generate(seed: Seed, domain: Mapping[str, Any], raw: Path, truth: Path) -> dict[str, str]:
    """Write the sources into `raw`, what is true into `truth`; return the facts that commands may name."""
    raw.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    chain = draw_chain(domain, seed)
    dates = chain.calendar.days.strftime("%Y-%m-%d").to_numpy(dtype=object)
    mess = Spoilt(chain.world, domain["mess"], DefectLog(), chain, draw_secrets(domain["mess"], seed), dates)
    master = make_master(mess)
    # Where neither midnight nor another clock could put a sale of the day before into the gap.
    plain = ~chain.stores["late"].to_numpy(dtype=bool) & (np.arange(len(chain.stores)) != mess.secrets.utc_store)
    missing = some_store_days(mess, "missing_uploads", plain)
    uncounted = some_store_days(mess, "missing_snapshots")
    counts = spoil_tills(mess, master, missing, raw)
    counts["rows"] = {"stock": spoil_stock(mess, master, uncounted, raw)}
    plan = spoil_plan(mess, raw)
    weather = spoil_weather(mess, raw)
    events = spoil_calendar(mess, raw)
    stores, articles = spoil_master(mess, master, list(domain["names"]), raw)
    whole = {"stores": stores, "articles": articles, "packs": master.packs, "renamed": master.renamed}
    counts["rows"] |= {name: len(table) for name, table in whole.items()}
    (raw / "data_dictionary.md").write_text(str(domain["dictionary"]))
    streams, changes = make_streams(mess)
    after = write_stream(mess, streams["habit"], raw / "stream")
    tables = {"sales_daily": shelf_days(mess, chain, slice(mess.days), missing, uncounted), "future": _future(mess)}
    tables |= {f"stream_{name}": stream for name, stream in {**streams, **after}.items()}
    tables |= {"promotions": plan, "stores": stores, "articles": articles, "events": events}
    tables |= {**weather, "defects": mess.log.frame()}
    for name, table in tables.items():
        write_parquet(truth / f"{name}.parquet", table)
    write_json(truth / "meta.json", describe(mess, tables["future"], counts) | {"changes": changes})
    return {"as_of": str(dates[chain.history - 1])}


def make_master(mess: Spoilt) -> Master:
    packed, renamed = int(mess.declared["packed"]), int(mess.declared["renamed"])
    skus = mess.chain.articles["sku"].tolist()
    master = draw_master(skus, mess.dates.tolist(), mess.days, packed, renamed, mess.rng("master"))
    grown, codes = master.grown, master.renamed
    changed = Defect("packs", "pieces", "pack_size_change", "join as of")
    mess.log.add(changed, grown["sku"], grown["before"], grown["after"])
    mess.log.add(Defect("articles", "sku", "renamed_article", "map"), codes["sku"], codes["sku"], codes["old_code"])
    return master


# --- till lines -------------------------------------------------------------------------------------------------------


def spoil_tills(mess: Spoilt, master: Master, missing: np.ndarray, raw: Path) -> dict[str, dict[str, int]]:
    chain = mess.chain
    pieces = np.tile(master.pieces, (len(chain.stores), 1))
    late = np.repeat(chain.stores["late"].to_numpy(dtype=bool), len(chain.articles))
    lines = ring_up(chain.shelf.sold[:, : mess.days], pieces[:, : mess.days], late, 0, mess.rng("tills"))
    lines = _complete(mess, master, lines)
    _log_clocks(mess, lines)
    lines = _spoil_units(mess, lines)
    lines = _spoil_rows(mess, lines)
    variant = IdVariant("sales_daily", "article", "code_variant", clean_column="sold")
    lines = variant.plant(lines, mess.some("code_variant", _all(lines)), mess.rng("code_variant/how"), mess.log)
    gone = missing[lines["store_number"], lines["day"]]
    lost = Defect("sales_daily", "sold", "missing_upload", "null")
    n = len(chain.articles)
    store, day = np.nonzero(missing)
    cells = pd.DataFrame({"series": (store[:, None] * n + np.arange(n)).ravel(), "day": np.repeat(day, n)})
    mess.log.add(lost, mess.cell(cells))
    return _write_tills(mess, lines[~gone], raw)


def _all(frame: pd.DataFrame) -> np.ndarray:
    return np.ones(len(frame), dtype=bool)


def _complete(mess: Spoilt, master: Master, lines: pd.DataFrame) -> pd.DataFrame:
    """Receipts, prices and codes for what was rung up, in order of time."""
    chain, rng = mess.chain, mess.rng("receipts")
    n = len(chain.articles)
    store, article = lines["series"] // n, lines["series"] % n
    price = chain.articles["price"].to_numpy()[article] * lines["pieces"]
    lines = lines.assign(store_number=store, amount=np.round(price * rng.choice([1, 1, 1, 0.9], len(lines)), 2))
    lines = lines.sort_values(["store_number", "day", "seconds", "series"], kind="stable", ignore_index=True)
    receipt = lines.groupby("store_number").cumcount() + 100_000
    codes = code_of_the_day(mess.codes(lines["series"].to_numpy())[1], lines["day"].to_numpy(), master)
    lines = lines.assign(receipt=receipt, line=1, kind="sale", article=codes, till=rng.integers(1, 5, len(lines)))
    utc = (lines["store_number"] == mess.secrets.utc_store) & (lines["day"] >= mess.secrets.utc_day)
    return lines.assign(
        clock=np.where(utc, "utc", "local"), record_id=mess.cell(lines), order=lines.index.astype(float)
    )


def _log_clocks(mess: Spoilt, lines: pd.DataFrame) -> None:
    """Lines whose date, as it is written, is not that of their trading day."""
    midnight = mess.chain.calendar.days[lines["day"]]
    written = pd.Series(till_moments(lines, midnight, ZONE), index=lines.index).str[:10]
    moved = written.to_numpy() != midnight.strftime("%Y-%m-%d").to_numpy()
    for clock, kind in (("local", "after_midnight"), ("utc", "utc_clock")):
        rows = lines.loc[moved & (lines["clock"] == clock), "record_id"]
        mess.log.add(Defect("sales_daily", "sold", kind, "map"), rows)


def _spoil_units(mess: Spoilt, lines: pd.DataFrame) -> pd.DataFrame:
    """In one store the tills count the pieces of a pack where they should count packs, for some weeks."""
    first = int(mess.rng("pieces/first").integers(*mess.declared["pieces_first"]))
    days = lines["day"].between(first, first + mess.within("pieces_days"))
    wrong = (lines["unit"] == PACK) & (lines["store_number"] == mess.secrets.pieces_store) & days
    packs = (lines["unit"] == PACK) & ~wrong
    mess.log.add(Defect("sales_daily", "sold", "sold_in_packs", "map"), lines.loc[packs, "record_id"])
    in_pieces = Defect("sales_daily", "sold", "pieces_as_packs", "repair")
    mess.log.add(in_pieces, lines.loc[wrong, "record_id"], lines.loc[wrong, "qty"], lines.loc[wrong, "pieces"])
    return lines.assign(qty=np.where(wrong, lines["pieces"], lines["qty"]))


def _spoil_rows(mess: Spoilt, lines: pd.DataFrame) -> pd.DataFrame:
    extra = [_voided(mess, lines), _returned(mess, lines), _trained(mess, lines)]
    repeated = some_store_days(mess, "repeated_uploads")
    again = lines[repeated[lines["store_number"], lines["day"]]]
    mess.log.add(Defect("sales_daily", "sold", "repeated_upload", "dedupe"), again["record_id"])
    return pd.concat([lines, *extra, again.assign(order=again["order"] + 0.6e6)], ignore_index=True)


def _voided(mess: Spoilt, lines: pd.DataFrame) -> pd.DataFrame:
    """Rung up twice by mistake, and the second taken back at once."""
    chosen = lines[mess.some("voided", _all(lines))]
    mess.log.add(Defect("sales_daily", "sold", "voided_line", "drop"), chosen["record_id"])
    twice = chosen.assign(line=2, order=chosen["order"] + 0.1)
    return pd.concat([twice, twice.assign(kind="void", line=3, order=chosen["order"] + 0.2)])


def _returned(mess: Spoilt, lines: pd.DataFrame) -> pd.DataFrame:
    """Brought back some days later: money goes back, and the piece is thrown away."""
    rng = mess.rng("returned/when")
    chosen = lines[mess.some("returned", (lines["day"] < mess.days - 8).to_numpy())]
    store, day = chosen["store_number"].to_numpy(), chosen["day"].to_numpy() + rng.integers(1, 6, len(chosen))
    chosen = chosen.assign(kind="return", day=day, receipt=np.arange(len(chosen)) + 700_000)
    kept: pd.DataFrame = chosen[mess.chain.calendar.is_open[store, day]]
    kept = kept.assign(record_id=mess.cell(kept), order=kept["order"] + 0.3, clock=mess.clock(kept))
    mess.log.add(Defect("sales_daily", "sold", "returned_line", "drop"), kept["record_id"])
    return kept


def _trained(mess: Spoilt, lines: pd.DataFrame) -> pd.DataFrame:
    chosen = lines[mess.some("training", _all(lines))]
    chosen = chosen.assign(till=TRAINING_TILL, receipt=np.arange(len(chosen)) + 800_000, order=chosen["order"] + 0.4)
    mess.log.add(Defect("sales_daily", "sold", "training_line", "drop"), chosen["record_id"])
    return chosen


def _write_tills(mess: Spoilt, lines: pd.DataFrame, raw: Path) -> dict[str, dict[str, int]]:
    month = np.array([date[:7] for date in mess.dates], dtype=object)[lines["day"]]
    store = mess.chain.stores["store"].to_numpy()[lines["store_number"]]
    lines = lines.assign(file="tills_" + pd.Series(store + "_" + month, index=lines.index) + ".csv.gz")
    lines = lines.sort_values(["file", "order"], kind="stable")
    midnight = mess.chain.calendar.days[lines["day"]]
    texts = till_texts(lines, midnight, ZONE, (lines["store_number"] == mess.secrets.comma_store).to_numpy())
    files: Files = {str(name): [TILL_HEADER, *texts[rows]] for name, rows in lines.groupby("file").indices.items()}
    rng, names = mess.rng("lines"), sorted(files)
    garbage = GarbageLine("files", "*")
    for name in (names[int(rng.integers(len(names)))], names[int(rng.integers(len(names)))]):
        files = garbage.plant(files, name, rng, mess.log)
    whole = [name for name, following in pairwise(names) if name.split("_")[2] == following.split("_")[2]]
    broken = {whole[int(place)] for place in rng.choice(len(whole), 3, replace=False)}
    for name in sorted(broken):
        files = TruncatedLine("files", "*", delimiter=";").plant(files, name, rng, mess.log)
    for name, rows in files.items():
        write_gzip_lines(raw / name, rows, broken=name in broken)
    rejects = {name: sum(row == garbage.text for row in rows) + (name in broken) for name, rows in files.items()}
    return {"lines": {name: len(rows) - 1 for name, rows in files.items()}, "rejects": rejects}


# --- stock, plan, weather, calendar, master ---------------------------------------------------------------------------


def spoil_stock(mess: Spoilt, master: Master, uncounted: np.ndarray, raw: Path) -> int:
    chain = mess.chain
    n = len(chain.articles)
    series, day = (array.ravel() for array in np.indices((len(chain.shelf.left), mess.days)))
    counts = pd.DataFrame({"series": series, "day": day, "on_hand": chain.shelf.left[:, : mess.days].ravel()})
    store, sku = mess.codes(series)
    night = chain.calendar.is_open[series // n, day]
    counts = counts.assign(
        record_id=mess.cell(counts), store=store, article=code_of_the_day(sku, day, master), date=mess.dates[day]
    )
    counts["counted_at"] = counts["date"] + " 23:40:00"
    below = WrittenBelowZero("sales_daily", "on_hand", clean_column="stockout")
    empty = night & (counts["on_hand"] == 0).to_numpy()
    counts = below.plant(counts, mess.some("negative_stock", empty), mess.rng("negative_stock/how"), mess.log)
    lost = uncounted[series // n, day]
    mess.log.add(Defect("sales_daily", "stockout", "missing_snapshot", "null"), counts.loc[lost, "record_id"])
    recount = Recount("sales_daily", "on_hand", clean_column="stockout")
    counts = counts[~lost].reset_index(drop=True)
    counts = recount.plant(counts, mess.some("recount", _all(counts)), mess.rng("recount/how"), mess.log)
    counts = counts.sort_values(["date", "store", "counted_at", "article"], kind="stable", ignore_index=True)
    write_parquet(raw / "stock.parquet", counts[["date", "store", "article", "on_hand", "counted_at"]])
    return len(counts)


def spoil_plan(mess: Spoilt, raw: Path) -> pd.DataFrame:
    """Write promotions.json, as published up to the snapshot; return the plan, a row for each store of each version."""
    stores, rng = mess.chain.stores["store"].tolist(), mess.rng("plan")
    true = published_plan(mess, -BEFORE, mess.days)
    sent = true.assign(record_id=true["promotion"], planner=rng.choice(mess.declared["planners"], len(true)))
    percent = WrongUnit("promotions", "discount", "discount_in_percent")
    sent = percent.plant(sent, (sent["planner"] == mess.secrets.percent_planner).to_numpy(), mess.log)
    variant = IdVariant("promotions", "article", "code_variant")
    sent = variant.plant(sent, mess.some("plan_variant", _all(sent)), rng, mess.log)
    everywhere = [list(names) == stores for names in true["stores"]]
    sent["stores"] = ["all" if all_of else names for all_of, names in zip(everywhere, true["stores"], strict=True)]
    exported = {"exported_on": mess.dates[mess.days - 1], "versions": sent.drop(columns="record_id").to_dict("records")}
    write_json(raw / "promotions.json", exported)
    return plan_by_store(true)


def spoil_weather(mess: Spoilt, raw: Path) -> dict[str, pd.DataFrame]:
    """Write two lists of the API, what was forecast on each day and what it was; return both as they are."""
    n, weather, dates = mess.days, mess.chain.weather, mess.dates.tolist()
    seen, said = observations(weather, dates[:n]), forecasts(weather, dates, n)
    dead, twice = mess.some("dead_sensor", _all(seen)), mess.some("reissued", _all(seen))
    true = {"weather_seen": _as_seen(seen, dead), "weather_said": _as_said(said)}
    late = np.arange(n) >= mess.secrets.fahrenheit_day
    mess.log.add(Defect("weather_seen", "temp_c", "fahrenheit", "map"), mess.dates[:n][late])
    seen = in_fahrenheit(seen, late).assign(record_id=mess.dates[:n])
    sensor = Sentinel("weather_seen", "temp", "dead_sensor", code=mess.secrets.sentinel, clean_column="temp_c")
    seen = sensor.plant(seen, dead, mess.log)
    write_json(raw / "api" / "observations.json", seen.drop(columns="record_id").to_dict("records"))
    mess.log.add(Defect("weather_said", "*", "reissued_forecast", "dedupe"), mess.dates[:n][twice])
    both = issue_twice(in_fahrenheit(said, late[said["issued"]]), twice, 4.0, mess.rng("reissued/how"))
    columns = ["issued_at", "date", "temp", "unit", "rain_chance"]
    write_json(raw / "api" / "forecasts.json", both[columns].to_dict("records"))
    return true


def _as_seen(seen: pd.DataFrame, dead: np.ndarray) -> pd.DataFrame:
    known = seen.assign(temp_c=seen["temp"].mask(dead), wet=seen["rain_mm"] > 0)
    return as_dates(known[["date", "temp_c", "wet"]], "date")


def _as_said(said: pd.DataFrame) -> pd.DataFrame:
    named = said.rename(columns={"temp": "temp_c"})
    return as_dates(named[["issued_on", "date", "temp_c", "rain_chance"]], "issued_on", "date")


def spoil_calendar(mess: Spoilt, raw: Path) -> pd.DataFrame:
    """Write calendar.ics; return a row for each store and day on which something is."""
    stores, called_off = mess.chain.stores["store"].tolist(), int(mess.declared["cancelled_events"])
    diary = keep_diary(mess.chain.calendar, stores, mess.share("moved_event"), called_off, mess.rng("calendar"))
    mess.log.add(Defect("events", "*", "moved_event", "dedupe"), diary.moved)
    mess.log.add(Defect("events", "*", "cancelled_event", "drop"), diary.called_off)
    write_calendar(raw / "calendar.ics", diary.events, "-//Shelf//Shop diary//EN")
    return diary.days


def spoil_master(mess: Spoilt, master: Master, names: list[str], raw: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write master.db and stores.csv; return stores and articles as they are."""
    chain = mess.chain
    articles = chain.articles[["sku", "category", "price"]].assign(record_id=chain.articles["sku"])
    typed = Misspelling("articles", "category", "category_misspelt")
    sent = typed.plant(articles, mess.some("misspelling", _all(articles)), mess.rng("misspelling/how"), mess.log)
    renamed = master.renamed[["old_code", "sku", "since"]]
    database = {"articles": sent[["sku", "category", "price"]], "packs": master.packs, "renamed": renamed}
    write_sqlite(raw / "master.db", database)
    called = [names[number] for number in mess.rng("names").permutation(len(names))[: len(chain.stores)]]
    stores = chain.stores[["store", "kind"]].assign(name=called, record_id=chain.stores["store"])
    double = DoubleEncoding("stores", "name").plant(stores, mess.some("double_encoding", _all(stores)), mess.log)
    columns = ["store", "name", "kind"]
    write_csv(raw / "stores.csv", double[columns], delimiter=mess.secrets.delimiter, encoding="cp1252")
    return stores[columns], articles[["sku", "category", "price"]]


# --- the weeks after the model went live ------------------------------------------------------------------------------


def make_streams(mess: Spoilt) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, Any]]]:
    """The later days as cleaned, quiet and with something else in each; what changes in which week (0 is the first)."""
    weeks = {name: mess.within(f"{name}_week") for name in ("boxes", "counts", "assortment", "habit", "shortage")}
    shops = mess.rng("stream/shops").permutation(mess.chain.stores["store"].to_numpy())
    category = _one_of(mess, "category", sorted(set(mess.chain.articles["category"])))
    habit = _one_habit(mess, weeks["habit"])
    chain, scarce = _in_short_supply(mess, habit, weeks["shortage"])
    subjects = {"boxes": shops[0], "counts": shops[1], "assortment": category, "habit": habit, "shortage": scarce}
    days = slice(mess.days, mess.days + STREAM_DAYS)
    missing, uncounted = (
        mess.some(f"stream_{name}", chain.calendar.is_open[:, days].ravel()).reshape(-1, STREAM_DAYS)
        for name in ("missing", "uncounted")
    )
    quiet = shelf_days(mess, chain, days, missing, uncounted)
    week = np.tile(np.arange(STREAM_DAYS) // 7, len(chain.shelf.sold))
    given_up = quiet["store"].isin(shops[CARRIED_BY:]) & quiet["sku"].isin(_skus_of(chain, category))
    turned, touched = _turn_habit(mess, chain, habit, weeks["habit"])
    streams = {
        "quiet": quiet,
        "contract": _break_contract(quiet, week, weeks, subjects),
        "assortment": quiet[~(given_up & (week >= weeks["assortment"]))].reset_index(drop=True),
        "habit": shelf_days(mess, turned, days, missing, uncounted).assign(hit=np.repeat(touched, STREAM_DAYS)),
    }
    return streams, {name: {"week": week, "subject": subjects[name]} for name, week in weeks.items()}


def _skus_of(chain: Chain, category: str) -> list[str]:
    return chain.articles.loc[chain.articles["category"] == category, "sku"].tolist()


def _one_of(mess: Spoilt, name: str, values: list[str]) -> str:
    return values[int(mess.rng(f"stream/{name}_of").integers(len(values)))]


def _one_habit(mess: Spoilt, week: int) -> str:
    """One that can be heard: where hardly a discount was planned, nobody can tell that discounts pull no more."""
    order: list[str] = mess.rng("stream/habit_of").permutation(sorted(mess.declared["habits"])).tolist()
    turned = ((habit, _turn_habit(mess, mess.chain, habit, week)[0]) for habit in order)
    return next((habit for habit, after in turned if is_missed(mess.chain, after, mess.days + 7 * week)), order[0])


def _turn_habit(mess: Spoilt, chain: Chain, habit: str, week: int) -> tuple[Chain, np.ndarray]:
    """From this week on a weekend pushes the other way, or a discount pulls nobody any more."""
    before, by = mess.world.params[habit], float(mess.declared["habits"][habit])
    params = {habit: -np.sign(before) * by}
    return turn(chain, params, mess.days + 7 * week, mess.rng("stream/habit"))


def _in_short_supply(mess: Spoilt, habit: str, week: int) -> tuple[Chain, str]:
    """The chain with three weeks in which a supplier fails; promotions that turn are of other articles."""
    chain = mess.chain
    scarce = _one_of(mess, "shortage", sorted(set(chain.articles["category"]) - {habit.removeprefix("pull_")}))
    articles = (chain.articles["category"] == scarce).to_numpy()
    first, share = mess.days + 7 * week, float(mess.declared["delivered"])
    return run_short(chain, articles, first, SHORT_DAYS, share, mess.rng("stream/shortage")), scarce


def _break_contract(
    quiet: pd.DataFrame, week: np.ndarray, weeks: Mapping[str, int], subjects: Mapping[str, str]
) -> pd.DataFrame:
    """For two weeks one shop's tills count boxes; later, for two weeks, nobody counts another shop's shelves."""
    wrong = {
        name: (quiet["store"] == subjects[name]).to_numpy() & (week >= weeks[name]) & (week < weeks[name] + 2)
        for name in ("boxes", "counts")
    }
    boxes = scale_values(quiet, "sold", wrong["boxes"], 1 / BOX)
    return boxes.assign(sold=boxes["sold"].round(), stockout=quiet["stockout"].mask(wrong["counts"]))


def write_stream(mess: Spoilt, stream: pd.DataFrame, folder: Path) -> dict[str, pd.DataFrame]:
    """Write the days in service as clean would have made them; return the tables that all streams have in common."""
    folder.mkdir(parents=True, exist_ok=True)
    first, after = mess.days, mess.days + STREAM_DAYS
    weather, dates = mess.chain.weather, mess.dates.tolist()
    seen, said = observations(weather, dates[:after])[first:], forecasts(weather, dates, after)
    common = {
        "promotions": plan_by_store(published_plan(mess, first, after)),
        "weather_said": _as_said(said[said["issued"] >= first]),
        "weather_seen": _as_seen(seen, mess.some("stream_dead_sensor", _all(seen))),
    }
    for name, table in {**common, "sales_daily": stream.drop(columns=["mean", "hit"])}.items():
        write_parquet(folder / f"{name}.parquet", table)
    return common


# --- what graders may know --------------------------------------------------------------------------------------------


def _future(mess: Spoilt) -> pd.DataFrame:
    """The 14 days to be forecast, where shops are open: the true mean, the oracle's, the naive one, what was sold."""
    chain, (stores, articles, _), days = mess.chain, mess.chain.shape, mess.days
    series, lead = (array.ravel() for array in np.indices((stores * articles, LEADS)))
    day, store = days + lead, series // articles
    past = slice(days - NAIVE_DAYS, days)
    opened = chain.opened[:, :days]
    usual = chain.shelf.sold[:, past].sum(axis=1) / opened[:, past].sum(axis=1)
    short = (opened & (chain.shelf.left[:, :days] == 0)).sum(axis=1) / opened.sum(axis=1)
    found = pd.DataFrame(dict(zip(("store", "sku"), mess.codes(series), strict=True)))
    found = found.assign(date=chain.calendar.days.date[day], horizon=lead + 1, mean=chain.mean[series, day])
    found["oracle"] = oracle_mean(chain, days - 1).reshape(stores * articles, LEADS).ravel()
    found = found.assign(naive=usual[series], short=short[series] > SCARCE, sold=chain.shelf.sold[series, day])
    found["stockout"] = chain.shelf.left[series, day] == 0
    return found[chain.calendar.is_open[store, day]].reset_index(drop=True)


def describe(mess: Spoilt, future: pd.DataFrame, counts: dict[str, dict[str, int]]) -> dict[str, object]:
    """Lines and rejects per file, the snapshot, what was drawn, and the two ends of the skill scale."""
    mean = future["mean"].to_numpy()
    return {
        **counts,
        "summaries": sorted(SUMMARY.values()),
        "as_of": mess.dates[mess.days - 1],
        "dispersion": mess.chain.dispersion,
        "mechanism": {**vars(mess.secrets), "params": mess.world.params},
        "naive_loss": expected_deviance(mean, future["naive"].to_numpy()),
        "oracle_loss": expected_deviance(mean, future["oracle"].to_numpy()),
    }


def move_hidden_label(truth: Path, rng: np.random.Generator) -> None:
    """Let two shelves' sales of the days to be forecast change places."""
    future = pd.read_parquet(truth / "future.parquet")
    sold = future["sold"].to_numpy(copy=True)
    first = int(rng.integers(len(sold)))
    others = np.flatnonzero(np.abs(sold - sold[first]) == 1)
    second = int(rng.choice(others))
    sold[[first, second]] = sold[[second, first]]
    write_parquet(truth / "future.parquet", future.assign(sold=sold))
