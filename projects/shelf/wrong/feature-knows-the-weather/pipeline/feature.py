"""Milestone 3: for each shelf, day of forecast and day ahead, what was known on the day of the forecast.

python -m pipeline.feature --in build/clean --out build/feature --as-of 2024-05-12
"""

import argparse
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.plan import Version, in_force
from pipeline.signals import HISTORY, HORIZON, Past, calendar_signals, day_signals, shelf_signals
from pipeline.tables import read_table, write_table

STEP = 7
USUAL_DAYS = 28


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the features that were known on each day of forecast.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that clean wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--as-of", dest="as_of", type=date.fromisoformat, required=True, help="the last day known")
    options = parser.parse_args()
    names = ("sales_daily", "promotions", "weather_said", "weather_seen", "events", "articles", "stores")
    clean = {name: read_table(options.source, name) for name in names}
    shelves = Shelves(clean, options.as_of)
    write_table(build_features(shelves, evenings(shelves.today)), options.out, "features")


class Shelves:
    """Clean tables as arrays: shelves (store by article) by days, up to 14 days after as-of."""

    def __init__(self, clean: dict[str, pd.DataFrame], as_of: date) -> None:
        sales = clean["sales_daily"]
        self.first = pd.Timestamp(sales["date"].min())
        self.today = (pd.Timestamp(as_of) - self.first).days
        self.days = pd.date_range(self.first, periods=self.today + 1 + HORIZON, freq="D")
        self.keys = sales[["store", "sku"]].drop_duplicates().sort_values(["store", "sku"], ignore_index=True)
        self.place = {key: number for number, key in enumerate(self.keys.itertuples(index=False, name=None))}
        self.sold = self._spread(sales, "sold")
        self.stockout = self._spread(sales, "stockout")
        self.events = clean["events"]
        self.is_open = ~self._on("holiday") & ~self._on("closure")
        self.festival = self._on("festival")
        self.holidays = set(self.events.loc[self.events["kind"] == "holiday", "date"])
        self.plan = [Version(*row) for row in clean["promotions"][list(Version._fields)].itertuples(index=False)]
        self.said = _last_by_issue(clean["weather_said"])
        seen = clean["weather_seen"].assign(date=pd.to_datetime(clean["weather_seen"]["date"]))
        self.seen = seen.set_index("date")["temp_c"].reindex(self.days[: self.today + 1]).to_numpy()
        self.category = self.keys["sku"].map(clean["articles"].set_index("sku")["category"])
        self.kind = self.keys["store"].map(clean["stores"].set_index("store")["kind"])

    def _spread(self, sales: pd.DataFrame, column: str) -> np.ndarray:
        """(shelves, days) of numbers, NaN where nothing is known; what lies after as-of is not looked at."""
        day = (pd.to_datetime(sales["date"]) - self.first).dt.days.to_numpy()
        shelf = [self.place[key] for key in sales[["store", "sku"]].itertuples(index=False, name=None)]
        found = np.full((len(self.keys), len(self.days)), np.nan)
        known = day <= self.today
        values = sales[column].astype("Float64").to_numpy("float64", na_value=np.nan)
        found[np.array(shelf)[known], day[known]] = values[known]
        return found

    def _on(self, kind: str) -> np.ndarray:
        """(shelves, days): where there is an event of this kind."""
        chosen = self.events[self.events["kind"] == kind]
        pairs = set(zip(chosen["store"], chosen["date"], strict=True))
        dates = self.days.date
        by_store = {name: [(name, day) in pairs for day in dates] for name in self.keys["store"].unique()}
        return np.array([by_store[name] for name in self.keys["store"]])

    def past(self, origin: int) -> Past:
        """What was known of the last 56 days, and of the plan, on the day of this number."""
        days = slice(origin - HISTORY + 1, origin + 1)
        return Past(self.sold[:, days], self.stockout[:, days], self.is_open[:, days], self._discounts(origin))

    def _discounts(self, origin: int) -> np.ndarray:
        start = self.days[origin - HISTORY + 1].date()
        found = np.zeros((len(self.keys), HISTORY + HORIZON))
        for version in in_force(self.plan, self.days[origin].date()):
            first, last = (version.starts_on - start).days, (version.ends_on - start).days
            row = found[self.place[version.store, version.sku]]
            row[max(first, 0) : max(last + 1, 0)] = np.maximum(row[max(first, 0) : max(last + 1, 0)], version.discount)
        return found


def _last_by_issue(said: pd.DataFrame) -> dict[tuple[date, date], tuple[float, float]]:
    rows = said[["issued_on", "date", "temp_c", "rain_chance"]].itertuples(index=False, name=None)
    return {(issued, day): (temp, chance) for issued, day, temp, chance in rows}


Rows = dict[str, np.ndarray]


def evenings(today: int) -> range:
    """Every seventh day back from as-of, as long as there are 56 days before it."""
    return range(today, HISTORY - 2, -STEP)


def build_features(shelves: Shelves, origins: Iterable[int]) -> pd.DataFrame:
    """What was known on the evening of each of these days, with 14 days ahead."""
    parts = [part for origin in origins for part in _of_origin(shelves, origin)]
    rows = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    stockout = rows["stockout"].astype("boolean").mask(rows["stockout"].isna())
    return rows.assign(stockout=stockout)


def _of_origin(shelves: Shelves, origin: int) -> list[Rows]:
    past = shelves.past(origin)
    usual = np.nanmean(shelves.seen[origin - USUAL_DAYS + 1 : origin + 1])
    codes = {name: shelves.keys[name].to_numpy(dtype=object) for name in ("store", "sku")}
    codes |= {"category": shelves.category.to_numpy(dtype=object), "kind": shelves.kind.to_numpy(dtype=object)}
    same = {**codes, **shelf_signals(past), "temp_usual": usual}
    last = HORIZON if origin == shelves.today else min(HORIZON, shelves.today - origin)
    return [_of_day(shelves, past, same, origin, horizon) for horizon in range(1, last + 1)]


def _of_day(shelves: Shelves, past: Past, same: dict[str, object], origin: int, horizon: int) -> Rows:
    day, as_of = shelves.days[origin + horizon].date(), shelves.days[origin].date()
    temp, chance = shelves.said.get((as_of, day), (np.nan, np.nan))
    if origin + horizon <= shelves.today and not np.isnan(shelves.seen[origin + horizon]):
        temp = shelves.seen[origin + horizon]
    row = {
        **same,
        "date": day,
        "horizon": horizon,
        "as_of": as_of,
        "split": "score" if origin == shelves.today else "train",
        "sold": shelves.sold[:, origin + horizon],
        "stockout": shelves.stockout[:, origin + horizon],
        "temp_forecast": temp,
        "rain_chance": chance,
        "is_festival": shelves.festival[:, origin + horizon].astype("int64"),
        **calendar_signals(day, shelves.holidays),
        **day_signals(past, horizon),
    }
    is_open = shelves.is_open[:, origin + horizon]
    return {name: np.broadcast_to(np.asarray(values), is_open.shape)[is_open] for name, values in row.items()}


if __name__ == "__main__":
    main()
