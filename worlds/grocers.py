"""A chain of groceries being spoilt: what is broken in it, and how its shelves and days are named.

It knows what such chains have in common; a domain says the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from worlds.mess import Mess
from worlds.promotions import BEFORE
from worlds.seeds import Seed
from worlds.shops import Chain


@dataclass(frozen=True)
class Secrets:
    """What is broken for this learner; all of it can be found in their data."""

    utc_store: int
    utc_day: int
    comma_store: int
    pieces_store: int
    fahrenheit_day: int
    sentinel: float
    percent_planner: str
    delimiter: str


@dataclass(frozen=True)
class Spoilt(Mess):
    """A chain being spoilt, with what is broken in it."""

    chain: Chain
    secrets: Secrets
    dates: np.ndarray

    @property
    def days(self) -> int:
        return self.chain.history

    def cell(self, lines: pd.DataFrame) -> np.ndarray:
        """store:sku:date, the id of the day's sales that each line counts for."""
        store, sku = self.codes(lines["series"].to_numpy())
        return np.asarray(store + ":" + sku + ":" + self.dates[lines["day"].to_numpy()])

    def clock(self, lines: pd.DataFrame) -> np.ndarray:
        """Whose clock each line was written by."""
        utc = (lines["store_number"] == self.secrets.utc_store) & (lines["day"] >= self.secrets.utc_day)
        return np.where(utc, "utc", "local")

    def codes(self, series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        of_stores, of_articles = self.chain.stores["store"].to_numpy(), self.chain.articles["sku"].to_numpy()
        return of_stores[series // len(of_articles)], of_articles[series % len(of_articles)]


def draw_secrets(mess: Mapping[str, Any], seed: Seed) -> Secrets:
    def whole(name: str, low: int, high: int) -> int:
        return int(seed.mechanism_stream(f"secrets/{name}").integers(low, high))

    def one_of(name: str) -> Any:
        return mess[name][whole(name, 0, len(mess[name]))]

    return Secrets(
        utc_store=whole("utc_store", 0, 3),
        utc_day=whole("utc_day", 20, 60),
        comma_store=whole("comma_store", 0, 8),
        pieces_store=whole("pieces_store", 0, 8),
        fahrenheit_day=whole("fahrenheit_day", 100, 180),
        sentinel=float(one_of("sentinels")),
        percent_planner=str(one_of("planners")),
        delimiter=str(one_of("delimiters")),
    )


def some_store_days(mess: Spoilt, name: str, stores: np.ndarray | bool = True) -> np.ndarray:
    """(stores, days) of bools: that many open days of history, one store's each."""
    found = np.zeros((len(mess.chain.stores), mess.days), dtype=bool)
    is_open = mess.chain.calendar.is_open[:, : mess.days]
    place = np.flatnonzero(is_open & np.reshape(stores, (-1, 1)))
    found.ravel()[mess.rng(name).choice(place, int(mess.declared[name]), replace=False)] = True
    return found


def shelf_days(mess: Spoilt, chain: Chain, days: slice, missing: np.ndarray, uncounted: np.ndarray) -> pd.DataFrame:
    """One row per store, article and day: sold (none where the upload is missing), was_open, stockout.

    missing, uncounted: (stores, days) of bools, for these days.
    """
    n = len(chain.articles)
    parts = (chain.shelf.sold[:, days], chain.shelf.left[:, days], chain.mean[:, days])
    series, day = (array.ravel() for array in np.indices(parts[0].shape))
    left, mean = (part.ravel() for part in parts[1:])
    store, sku = mess.codes(series)
    is_open = chain.calendar.is_open[:, days][series // n, day]
    stockout = pd.array(is_open & (left == 0), dtype="boolean")
    stockout[uncounted[series // n, day]] = pd.NA
    sold = parts[0].ravel().astype("float64")
    sold[missing[series // n, day]] = np.nan
    found = {"store": store, "sku": sku, "date": chain.calendar.days.date[days][day], "sold": sold}
    return pd.DataFrame({**found, "was_open": is_open, "stockout": stockout, "mean": mean})


def published_plan(mess: Spoilt, first: int, after: int) -> pd.DataFrame:
    """The versions of the plan that were published on these days, as the plan writes them."""
    chain = mess.chain
    before = chain.calendar.days[0] - pd.Timedelta(days=BEFORE)
    dates = pd.date_range(before, periods=len(chain.calendar.days) + 2 * BEFORE).strftime("%Y-%m-%d").tolist()
    stores, skus = chain.stores["store"].tolist(), chain.articles["sku"].tolist()
    known = [version for version in chain.plan if first <= version.published < after]
    return pd.DataFrame([version.record(dates, stores, skus) for version in known])


def plan_by_store(plan: pd.DataFrame) -> pd.DataFrame:
    plan = plan.explode("stores", ignore_index=True).rename(columns={"stores": "store", "article": "sku"})
    plan["cancelled"] = plan.pop("status") == "CANCELLED"
    return as_dates(plan, "published_on", "starts_on", "ends_on")


def as_dates(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame.assign(**{column: pd.to_datetime(frame[column]).dt.date for column in columns})
