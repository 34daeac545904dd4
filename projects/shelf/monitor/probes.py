"""Other weeks that a monitor may live through, made from truth: quiet ones, broken counts, another assortment."""

from pathlib import Path

import pandas as pd

from grading.kit import Produced, Truth, lay_out_features

COMMON = ("promotions", "weather_said", "weather_seen")
UNKNOWN = ("mean", "hit")


def quiet(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The same weeks without any change: promotions, two holidays, a supplier who fails."""
    return _write_stream("quiet", truth, prepared)


def contract(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """For two weeks one shop's tills count boxes; later, for two weeks, another shop's shelves are not counted."""
    return _write_stream("contract", truth, prepared)


def assortment(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """From some week on most shops no longer carry one category; what people want of the rest is what it was."""
    return _write_stream("assortment", truth, prepared)


def retrained(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """All days of the stream as the learner's own features describe them, without what was sold."""
    known_by = {"store": "string", "sku": "string", "date": "date"}
    lay_out_features(produced, prepared, columns=known_by, without=("sold", "stockout"))
    return {}


def _write_stream(name: str, truth: Truth, prepared: Path) -> dict[str, str]:
    """Its days as clean would have made them, and what all streams have in common."""
    sales: pd.DataFrame = truth.table(f"stream_{name}")
    sales = sales.drop(columns=[column for column in UNKNOWN if column in sales])
    sales.to_parquet(prepared / "sales_daily.parquet", index=False)
    for common in COMMON:
        truth.table(f"stream_{common}").to_parquet(prepared / f"{common}.parquet", index=False)
    return {}
