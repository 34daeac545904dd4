"""Milestone 2: one row per store, article and day that says what was sold, and what nobody can know.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.sales import KEY, count_pieces, tidy_code, trading_day
from pipeline.tables import read_table, write_table

CATEGORIES = ("fruit", "baked", "ready")
SHUT = ("holiday", "closure")


def main() -> None:
    parser = argparse.ArgumentParser(description="Turn what was delivered into what happened.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that ingest wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    clean(options.source, options.out)


def clean(source: Path, out: Path) -> None:
    names = ("lines", "stock", "promotions", "forecasts", "observations", "events", "articles", "packs", "renamed",
             "stores")  # fmt: skip
    raw = {name: read_table(source, name) for name in names}
    articles, stores = clean_articles(raw["articles"]), clean_stores(raw["stores"])
    events = clean_events(raw["events"], list(stores["store"]))
    prices = articles.set_index("sku")["price"]
    pieces = count_pieces(raw["lines"], raw["packs"], raw["renamed"], prices)
    uploads = uploaded_days(raw["lines"])
    shelves = clean_stock(raw["stock"], raw["renamed"])
    sales = every_day(stores, articles, shelves, events, uploads, pieces)
    write_table(_with_dates(sales, "date"), out, "sales_daily")
    plan = clean_promotions(raw["promotions"], raw["renamed"], list(stores["store"]))
    write_table(_with_dates(plan, "published_on", "starts_on", "ends_on"), out, "promotions")
    write_table(_with_dates(clean_forecasts(raw["forecasts"]), "issued_on", "date"), out, "weather_said")
    write_table(_with_dates(clean_observations(raw["observations"]), "date"), out, "weather_seen")
    write_table(_with_dates(events, "date"), out, "events")
    write_table(articles, out, "articles")
    write_table(stores, out, "stores")


def _with_dates(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame.assign(**{column: pd.to_datetime(frame[column]).dt.date for column in columns})


def clean_articles(articles: pd.DataFrame) -> pd.DataFrame:
    tidy = articles["category"].str.strip().str.lower()
    return articles.assign(category=[get_close_matches(word, CATEGORIES, 1, 0.5)[0] for word in tidy])


def clean_stores(stores: pd.DataFrame) -> pd.DataFrame:
    return stores.assign(name=[mend_text(name) for name in stores["name"]])


def mend_text(text: str) -> str:
    """Undo a UTF-8 text that was read as Windows-1252; a text that does not survive that was none."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def clean_events(events: pd.DataFrame, stores: list[str]) -> pd.DataFrame:
    """store, kind, date: the last word on each event, a row for each of its days; DTEND is the day after."""
    latest = events.sort_values("sequence").drop_duplicates("uid", keep="last")
    latest = latest[latest["status"] != "CANCELLED"]
    first, after = (pd.to_datetime(latest[name], format="%Y%m%d") for name in ("starts", "ends"))
    days = [pd.date_range(a, b, inclusive="left") for a, b in zip(first, after, strict=True)]
    places = [stores if place == "all" else [place] for place in latest["location"]]
    rows = pd.DataFrame({"store": places, "kind": latest["category"].str.lower(), "date": days})
    return rows.explode("store").explode("date", ignore_index=True).drop_duplicates().astype({"date": "datetime64[s]"})


def uploaded_days(lines: pd.DataFrame) -> pd.DataFrame:
    """store, date: the days of which there is any line at all."""
    days = lines.assign(date=trading_day(lines["moment"]))
    return days[["store", "date"]].drop_duplicates()


def clean_stock(stock: pd.DataFrame, renamed: pd.DataFrame) -> pd.DataFrame:
    """store, sku, date, left: the last count of each night; below nought is an empty shelf."""
    last = stock.assign(sku=tidy_code(stock["article"], renamed), date=pd.to_datetime(stock["date"]))
    last = last.sort_values("counted_at", kind="stable").drop_duplicates(KEY, keep="last")
    return last.assign(left=last["on_hand"].clip(lower=0))[[*KEY, "left"]]


def every_day(
    stores: pd.DataFrame,
    articles: pd.DataFrame,
    shelves: pd.DataFrame,
    events: pd.DataFrame,
    uploads: pd.DataFrame,
    pieces: pd.DataFrame,
) -> pd.DataFrame:
    """A row for every store, article and day: no line on a day that was uploaded is a nought, else it is unknown."""
    days = pd.date_range(shelves["date"].min(), shelves["date"].max(), freq="D")
    grid = pd.MultiIndex.from_product([stores["store"], articles["sku"], days], names=KEY).to_frame(index=False)
    shut = events.loc[events["kind"].isin(SHUT), ["store", "date"]].drop_duplicates().assign(shut=True)
    grid = grid.merge(shut, on=["store", "date"], how="left")
    grid = grid.merge(uploads.assign(uploaded=True), on=["store", "date"], how="left")
    grid = grid.merge(pieces, on=KEY, how="left").merge(shelves, on=KEY, how="left")
    is_open = grid["shut"].isna()
    known = grid["uploaded"].notna() | ~is_open
    sold = grid["sold"].fillna(0).astype("float64").where(known).where(is_open, 0.0)
    empty = pd.array(np.where(is_open, grid["left"] == 0, False), dtype="boolean")
    empty[(grid["left"].isna()).to_numpy()] = pd.NA
    return grid[KEY].assign(sold=sold, was_open=is_open, stockout=empty)


def clean_promotions(promotions: pd.DataFrame, renamed: pd.DataFrame, stores: list[str]) -> pd.DataFrame:
    """One row per version and store; discounts above one were percents."""
    discount = promotions["discount"].where(promotions["discount"] < 1, promotions["discount"] / 100)
    places = [stores if text == "all" else text.split(",") for text in promotions["stores"]]
    plan = promotions.assign(
        sku=tidy_code(promotions["article"], renamed),
        discount=discount,
        store=places,
        cancelled=promotions["status"] == "CANCELLED",
    )
    columns = ["promotion", "version", "published_on", "store", "sku", "starts_on", "ends_on", "discount", "cancelled"]
    return plan.explode("store", ignore_index=True)[columns]


def clean_forecasts(forecasts: pd.DataFrame) -> pd.DataFrame:
    """The last word of each day of issue, in degrees Celsius."""
    said = forecasts.assign(issued_on=forecasts["issued_at"].str[:10])
    said = said.sort_values("issued_at", kind="stable").drop_duplicates(["issued_on", "date"], keep="last")
    return said.assign(temp_c=in_celsius(said))[["issued_on", "date", "temp_c", "rain_chance"]]


def clean_observations(seen: pd.DataFrame) -> pd.DataFrame:
    """Temperatures in degrees Celsius, none where the sensor was dead; `wet` is whether it rained at all."""
    dead = seen["temp"] == dead_reading(seen["temp"])
    return seen.assign(temp_c=in_celsius(seen).mask(dead), wet=seen["rain_mm"] > 0)[["date", "temp_c", "wet"]]


def in_celsius(frame: pd.DataFrame) -> pd.Series:
    return frame["temp"].where(frame["unit"] == "C", ((frame["temp"] - 32) / 1.8).round(1))


def dead_reading(temps: pd.Series) -> float | None:
    """The one reading that comes again and again and is far from all others."""
    common = temps.value_counts()
    far = [value for value in common.index if abs(temps[temps != value] - value).min() > 5 and common[value] > 1]
    return float(far[0]) if far else None


if __name__ == "__main__":
    main()
