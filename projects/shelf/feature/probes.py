"""The inputs of feature's further runs: the learner's own clean tables, each time without one part of what came
later."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from grading.kit import Produced, Truth, table

TABLES = ("sales_daily", "promotions", "weather_said", "weather_seen", "events", "articles", "stores")
BACK = timedelta(days=35)


def past_sales(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """No sales after the day."""
    return _without(produced, truth, prepared, {"sales_daily": "date"})


def past_weather(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """No weather that was observed after the day, and no forecast that was issued later."""
    return _without(produced, truth, prepared, {"weather_seen": "date", "weather_said": "issued_on"})


def past_plan(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """No version of the plan that was published after the day."""
    return _without(produced, truth, prepared, {"promotions": "published_on"})


def _without(produced: Produced, truth: Truth, prepared: Path, cuts: dict[str, str]) -> dict[str, str]:
    day = date.fromisoformat(truth.facts["as_of"]) - BACK
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
