"""Other weeks that a monitor may live through, made from truth: quiet ones, a broken unit, other people."""

from pathlib import Path

import pandas as pd

from grading.kit import Produced, Truth, lay_out_features

SALE = ("txn_id", "event_ts", "customer_id", "merchant_id", "amount_eur", "currency", "channel", "device_age_days")


def quiet(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """The same weeks without any change."""
    return _write_stream("quiet", truth, prepared)


def unit(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """From some week on one currency arrives a hundred times too large."""
    return _write_stream("unit", truth, prepared)


def population(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """From some week on many devices are new; what makes a sale risky is what it was."""
    return _write_stream("population", truth, prepared)


def retrained(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """All sales of the stream as the learner's own features describe them, without an answer."""
    lay_out_features(produced, prepared, columns={"txn_id": "string"})
    return {}


def _write_stream(name: str, truth: Truth, prepared: Path) -> dict[str, str]:
    """Its sales as clean would have made them, and the disputes that were raised before it ended."""
    sales = truth.table(f"stream_{name}")
    sales[[*SALE, "settlement"]].to_parquet(prepared / "transactions.parquet", index=False)
    raised = pd.concat([truth.table("labels_to_come"), sales[["txn_id", "disputed_at"]]], ignore_index=True)
    raised = raised[raised.disputed_at < sales.event_ts.max().ceil("D")]
    raised.sort_values(["disputed_at", "txn_id"]).to_parquet(prepared / "labels.parquet", index=False)
    return {}
