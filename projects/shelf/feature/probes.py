"""The inputs of feature's further runs: the learner's own clean tables, each time without one part of what came
later."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table
from worlds.promotions import find_telling_evening

TABLES = ("sales_daily", "promotions", "weather_said", "weather_seen", "events", "articles", "stores")
PLAN = dict.fromkeys(("published_on", "starts_on", "ends_on"), "date")
BACK = timedelta(days=35)
PLANS_BACK = (35, 28, 42, 21, 49, 56)
FORTNIGHT = timedelta(days=14)


def past_sales(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """No sales after the day."""
    return _without(produced, prepared, as_of(truth) - BACK, {"sales_daily": "date"})


def past_weather(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """No weather that was observed after the day, and no forecast that was issued later."""
    return _without(produced, prepared, as_of(truth) - BACK, {"weather_seen": "date", "weather_said": "issued_on"})


def past_plan(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """No version of the plan that was published after a day whose fortnight was planned anew later."""
    plan = table(produced.upstream["clean"], "promotions.parquet", columns=PLAN)
    evenings = [as_of(truth) - timedelta(days=days) for days in PLANS_BACK]
    day = find_telling_evening(plan, evenings, FORTNIGHT)
    return _without(produced, prepared, day, {"promotions": "published_on"})


def as_of(truth: Truth) -> date:
    return date.fromisoformat(truth.facts["as_of"])


def _without(produced: Produced, prepared: Path, day: date, cuts: dict[str, str]) -> dict[str, str]:
    folder = produced.upstream["clean"].folder
    for name in TABLES:
        file = f"{name}.parquet"
        if name not in cuts:
            shutil.copyfile(folder / file, prepared / file)
            continue
        table(produced.upstream["clean"], file, columns={cuts[name]: "date"})
        rows = pq.read_table(folder / file)
        pq.write_table(rows.filter(pc.less_equal(rows.column(cuts[name]), day)), prepared / file)
    return {}
