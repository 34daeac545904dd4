"""What is asked of feature: a row per question, right values, and nothing that was not known on its evening."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit import (
    Difference,
    Produced,
    Truth,
    check,
    compare_ids,
    differing_columns,
    expect,
    listed,
    same_cells,
    shares,
    table,
)
from worlds.promotions import find_telling_evening

REQUIRED = {
    **dict.fromkeys(("store", "sku", "split"), "string"),
    **dict.fromkeys(("date", "as_of"), "date"),
    **dict.fromkeys(("horizon", "is_eve"), "int"),
    "sold": "float?",
    "stockout": "bool?",
    "promo_known": "float",
    **dict.fromkeys(("temp_forecast", "rain_chance", "level_56", "same_weekday_4", "stockout_share_28"), "float?"),
}
DEFINED = (
    *("promo_known", "temp_forecast", "rain_chance", "is_eve"),
    *("level_56", "same_weekday_4", "stockout_share_28"),
)
ABOUT_A_ROW = ("store", "sku", "date", "as_of", "horizon", "split", "sold", "stockout")
SALES = {"store": "string", "sku": "string", "date": "date", "sold": "float?", "was_open": "bool", "stockout": "bool?"}
PLAN = {
    **dict.fromkeys(("promotion", "store", "sku"), "string"),
    **dict.fromkeys(("published_on", "starts_on", "ends_on"), "date"),
    "version": "int",
    "discount": "float",
    "cancelled": "bool",
}
SAID = {"issued_on": "date", "date": "date", "temp_c": "float", "rain_chance": "float"}
EVENTS = {"store": "string", "kind": "string", "date": "date"}

DIFFERING = 0.001
HISTORY, LEADS, STEP = 56, 14, 7
# As in probes.py, which makes the cuts.
BACK, FORTNIGHT = timedelta(days=35), timedelta(days=14)
PLANS_BACK = (35, 28, 42, 21, 49, 56)
ORIGINS_COMPARED = (0, 6, 14)

Floats = npt.NDArray[np.float64]


def read_features(run: Produced) -> pd.DataFrame:
    features = table(run, "features.parquet", columns=REQUIRED, others=True)
    return features.assign(row=name_rows(features))


def name_rows(frame: pd.DataFrame) -> pd.Series:
    """store/sku/as_of/horizon: the name of a question."""
    return frame.store + "/" + frame.sku + "/" + frame.as_of.astype("str") + "/" + frame.horizon.astype("str")


def as_of(truth: Truth) -> date:
    return date.fromisoformat(truth.facts["as_of"])


# --- the learner's own clean tables, as arrays ---


class Shelves:
    """sold and stockout (shelves, days, NaN: unknown), is_open to 14 days after as-of; shelves in the order of
    `keys`."""

    def __init__(self, clean: Produced, today: date) -> None:
        sales = table(clean, "sales_daily.parquet", columns=SALES)
        events = table(clean, "events.parquet", columns=EVENTS)
        self.first = pd.Timestamp(sales.date.min())
        self.today = (pd.Timestamp(today) - self.first).days
        self.days = pd.date_range(self.first, periods=self.today + 1 + LEADS, freq="D")
        self.keys = pd.MultiIndex.from_frame(sales[["store", "sku"]].drop_duplicates().sort_values(["store", "sku"]))
        shelf = self.keys.get_indexer(pd.MultiIndex.from_frame(sales[["store", "sku"]]))
        day = (pd.to_datetime(sales.date) - self.first).dt.days.to_numpy()
        self.sold, self.stockout = (np.full((len(self.keys), len(self.days)), np.nan) for _ in range(2))
        self.sold[shelf, day] = sales.sold
        self.stockout[shelf, day] = sales.stockout.astype("object").map({True: 1.0, False: 0.0}).astype("float64")
        shut = events[events.kind.isin(["holiday", "closure"])]
        closed = set(zip(shut.store, shut.date, strict=True))
        self.holidays = set(events.date[events.kind == "holiday"])
        self.is_open = np.array([[(store, d) not in closed for d in self.days.date] for store, _ in self.keys])
        self.plan = table(clean, "promotions.parquet", columns=PLAN)
        said = table(clean, "weather_said.parquet", columns=SAID)
        rows = zip(said.issued_on, said.date, said.temp_c, said.rain_chance, strict=True)
        self.said: dict[tuple[date, date], tuple[float, float]] = {(i, day): (t, rain) for i, day, t, rain in rows}

    def origins(self) -> range:
        return range(self.today, HISTORY - 2, -STEP)


@cache
def _shelves(folder: Path, today: date) -> Shelves:
    return Shelves(Produced(folder), today)


def shelves_of(produced: Produced, truth: Truth) -> Shelves:
    return _shelves(produced.upstream["clean"].folder, as_of(truth))


@cache
def _questions(shelves: Shelves) -> pd.DataFrame:
    """Every question that should have a row: store, sku, date, as_of, horizon, and what is known of its sales."""
    asked = [
        (origin, horizon)
        for origin in shelves.origins()
        for horizon in range(1, 1 + (LEADS if origin == shelves.today else min(LEADS, shelves.today - origin)))
    ]
    origins, horizons = np.array(asked).T
    turn, shelf = np.nonzero(shelves.is_open[:, origins + horizons].T)
    origin, horizon = origins[turn], horizons[turn]
    day = origin + horizon
    dates = shelves.days.date
    questions = (
        shelves.keys[shelf]
        .to_frame(index=False)
        .assign(
            date=dates[day],
            as_of=dates[origin],
            horizon=horizon,
            sold=shelves.sold[shelf, day],
            stockout=shelves.stockout[shelf, day],
        )
    )
    return questions.assign(row=name_rows(questions)).set_index("row")


# --- checks -----------------------------------------------------------------------------------------------------------


@check(skills=["engineer-features"], level=1, gate=True)
def table_is_in_form(produced: Produced, truth: Truth) -> None:
    """features.parquet is there, with the columns and types that the brief promises."""
    unknown = sorted(set(read_features(produced).split) - {"train", "score"})
    expect(not unknown, f"split holds {listed(unknown)}; its values are train and score.")


@check(skills=["engineer-features", "validate"], level=2, points=2, gate=True)
def one_row_per_question(produced: Produced, truth: Truth) -> None:
    """There is one row for every seventh day back from as-of, each shelf, and each open day of the 14 ahead."""
    found, wanted = read_features(produced), _questions(shelves_of(produced, truth))
    ids = compare_ids(found.row, wanted.index)
    expect(
        ids.same,
        f"Your clean tables lead to {len(wanted):,} questions, your table has {len(found):,} rows: "
        f"{len(ids.missing):,} "
        f"questions have none, {ids.repeated:,} rows repeat one and {len(ids.extra):,} answer what nobody asks. Two "
        "promotions of one article that overlap double a row, and an empty shelf that is left out teaches the model a "
        "world without shortages. Count the rows of each day of forecast before and after every join.",
        expected=f"{len(wanted):,} rows",
        found=f"{len(found):,} rows",
    )


@check(skills=["prevent-leakage", "evaluate"], level=2, points=2)
def targets_are_what_is_known(produced: Produced, truth: Truth) -> None:
    """Split is score for the last day of forecast, whose sales are empty; elsewhere sold and stockout are your own."""
    found = read_features(produced).set_index("row")
    wanted = _questions(shelves_of(produced, truth)).reindex(found.index)
    score = (wanted.as_of == as_of(truth)).to_numpy()
    stockout = found.stockout.astype("object").map({True: 1.0, False: 0.0}).astype("float64")
    wrong = {
        "split": int(((found.split == "score").to_numpy() != score).sum()),
        "sold": int((~same_cells(found.sold, wanted.sold)).sum()),
        "stockout": int((~same_cells(stockout, wanted.stockout)).sum()),
    }
    wrong = {name: number for name, number in wrong.items() if number}
    expect(
        not wrong,
        f"{listed(wrong)} is not what your clean tables know. A lost day that is filled with a nought is learnt as a "
        "day "
        "on which nobody came, and a nought in the fortnight to come is a claim. Empty stays empty, in both columns.",
        details=[{"column": name, "rows": number} for name, number in wrong.items()],
    )


@check(skills=["engineer-features"], level=3, points=3)
def promised_columns_are_right(produced: Produced, truth: Truth) -> None:
    """The seven promised columns have the values that their definitions give on your own clean tables."""
    shelves = shelves_of(produced, truth)
    found = read_features(produced).drop_duplicates("row").set_index("row")
    apart = pd.DataFrame([_measure_apart(found, _define(shelves, origin)) for origin in _compared(shelves)])
    differ = {str(name): float(share) for name, share in apart.max().items() if share > DIFFERING}
    expect(
        not differ,
        f"These columns are not what the brief defines (share of the rows of one day): {shares(differ, 1)}. The "
        "service will be asked for the same numbers, one shelf at a time, and Aylin's planner reads them on the "
        "order sheet. If a check of what was known on that evening fails as well, begin there. If not, take one row "
        "and work it out with pencil and paper: which days count, which are closed or unknown, which plan was in "
        "force on that evening?",
        details=[{"column": name, "rows that differ": f"{share:.2%}"} for name, share in differ.items()],
    )


def _measure_apart(found: pd.DataFrame, wanted: pd.DataFrame) -> dict[str, float]:
    """Of each defined column the share of cells that are others than they ought to be."""
    found = found.reindex(wanted.index)
    return {name: float((~same_cells(found[name], wanted[name], rtol=1e-6, atol=1e-6)).mean()) for name in DEFINED}


@check(skills=["prevent-leakage"], level=4, points=3)
def future_sales_do_not_matter(produced: Produced, truth: Truth) -> None:
    """Without any sale after the day of a forecast, the rows of that day come out the same, to the last digit."""
    _expect_unmoved(
        produced,
        "past_sales",
        as_of(truth) - BACK,
        "every sale after",
        "Eight days ahead, yesterday's sales have not happened yet. For each of these columns ask which day's till "
        "is the "
        "latest that can change it, and lay that beside as_of: a lag that is shorter than the horizon, an average over "
        "the whole file and a scale that is fitted on all rows are the usual ones.",
    )


@check(skills=["prevent-leakage"], level=4, points=3)
def weather_is_as_it_was_forecast(produced: Produced, truth: Truth) -> None:
    """Without weather that was observed or forecast after the day of a forecast, the rows of that day are the same."""
    _expect_unmoved(
        produced,
        "past_weather",
        as_of(truth) - BACK,
        "all weather that was observed, and every forecast that was issued, after",
        "In the back-test the sun shines exactly as it then did, and in June nobody will tell you. For each of these "
        "columns: from which table does it come, and what was the newest thing in it on the evening of as_of?",
    )


@check(skills=["prevent-leakage"], level=4, points=3)
def promotions_are_as_they_were_planned(produced: Produced, truth: Truth) -> None:
    """Without versions of the plan that were published after the day of a forecast, its rows are the same."""
    evenings = [as_of(truth) - timedelta(days=days) for days in PLANS_BACK]
    _expect_unmoved(
        produced,
        "past_plan",
        find_telling_evening(shelves_of(produced, truth).plan, evenings, FORTNIGHT),
        "every version of the plan that was published after",
        "One promotion in four is still changed in its last week. A model that has always known the final plan "
        "trusts the "
        "plan of today far too much. For each of these columns: which version did it read, and when was that "
        "published?",
    )


def _expect_unmoved(produced: Produced, probe: str, day: date, removed: str, advice: str) -> None:
    found = _compare_with(produced, probe, day)
    expect(not found.absent, f"Built without what came later, the table lacks the columns {listed(found.absent)}.")
    expect(
        found.same and found.rows > 0,
        f"We took {removed} {day} out of your clean tables and ran your code again. Of {found.rows:,} "
        f"rows for forecasts up to then these columns changed (share of rows): {shares(found.columns, 2) or 'none'}; "
        f"{found.missing:,} rows were missing. {advice}",
        details=[{"column": name, "rows that moved": f"{share:.2%}"} for name, share in found.columns.items()],
    )


def _compare_with(produced: Produced, probe: str, day: date) -> Difference:
    """Rows of the days of forecast up to `day` in both runs, on all columns that a model could learn from."""
    now, then = read_features(produced), read_features(produced.probes[probe])
    now = now[(now.as_of == day) | ((now.as_of < day) & (now.date <= day))]
    columns = [name for name in now.columns if name not in (*ABOUT_A_ROW, "row")]
    return differing_columns(now, then, "row", columns=columns)


# --- the promised columns, recomputed from the learner's own clean tables ---


def _compared(shelves: Shelves) -> list[int]:
    """Some days of forecast, and the newest on which a plan was published: on that evening it is known."""
    origins = list(shelves.origins())
    published = {(day - shelves.first.date()).days for day in shelves.plan.published_on}
    chosen = [origins[number] for number in ORIGINS_COMPARED if number < len(origins)]
    return [*chosen, *[origin for origin in origins if origin in published and origin not in chosen][:1]]


def _define(shelves: Shelves, origin: int) -> pd.DataFrame:
    """DEFINED for each question of one day of forecast, as the brief says; index row."""
    today = shelves.days[origin].date()
    window = slice(origin - HISTORY + 1, origin + 1)
    known = shelves.is_open[:, window] & ~np.isnan(shelves.sold[:, window])
    sold = np.where(known, shelves.sold[:, window], 0.0)
    counted_days = shelves.is_open[:, window] & ~np.isnan(shelves.stockout[:, window])
    emptied = (shelves.stockout[:, window] == 1) & counted_days
    last = LEADS if origin == shelves.today else min(LEADS, shelves.today - origin)
    parts = []
    for horizon in range(1, last + 1):
        day = shelves.days[origin + horizon].date()
        same = [HISTORY - 1 + horizon - 7 * back for back in range(1, 20)]
        same = [place for place in same if 0 <= place < HISTORY][:4]
        temp, chance = shelves.said.get((today, day), (np.nan, np.nan))
        row = shelves.keys.to_frame(index=False).assign(
            as_of=today,
            horizon=horizon,
            promo_known=_deepest(shelves, today, day),
            temp_forecast=temp,
            rain_chance=chance,
            is_eve=int(day + timedelta(days=1) in shelves.holidays and day not in shelves.holidays),
            level_56=_mean(sold, known),
            same_weekday_4=_mean(sold[:, same], known[:, same]),
            stockout_share_28=_mean(emptied[:, -28:].astype("float64"), counted_days[:, -28:]),
        )
        parts.append(row[shelves.is_open[:, origin + horizon]])
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(row=name_rows(rows)).set_index("row")


def _mean(values: Floats, counts: npt.NDArray[np.bool_]) -> Floats:
    number = counts.sum(axis=1)
    total = np.where(counts, values, 0.0).sum(axis=1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _deepest(shelves: Shelves, today: date, day: date) -> Floats:
    """(shelves,): the deepest discount for `day` in the plan as published up to `today`."""
    known = shelves.plan[shelves.plan.published_on <= today]
    latest = known.sort_values("version").drop_duplicates(["promotion", "store", "sku"], keep="last")
    active = latest[~latest.cancelled & (latest.starts_on <= day) & (latest.ends_on >= day)]
    depth = active.groupby(["store", "sku"]).discount.max()
    return depth.reindex(shelves.keys).fillna(0.0).to_numpy()
