"""The inputs of feature's second run: the learner's own clean tables, cut at a moment in the past."""

import shutil
from pathlib import Path

import pandas as pd

from grading.kit import Produced, Truth, burst_cut, table

SALES = {
    "txn_id": "string",
    "event_ts": "timestamp",
    "customer_id": "string",
    "merchant_id": "string",
    "amount_eur": "float?",
    "currency": "string",
    "channel": "string",
    "device_age_days": "float?",
    "settlement": "string",
}
LABELS = {"txn_id": "string", "disputed_at": "timestamp"}
WHOLE = ("merchants.parquet", "customers.parquet", "contracts.parquet", "change_log.parquet", "dictionary.json")
BACK = pd.Timedelta(days=45)


def past(produced: Produced, truth: Truth, prepared: Path) -> dict[str, str]:
    """Sales and labels before the last burst that lies 45 days before as-of; the moment itself is `past`."""
    clean = produced.upstream["clean"]
    sales = table(clean, "transactions.parquet", columns=SALES)
    labels = table(clean, "labels.parquet", columns=LABELS)
    now = pd.Timestamp(truth.json("meta")["snapshot"])
    cut = burst_cut(sales, group="customer_id", time="event_ts", before=now - BACK)
    sales[sales.event_ts < cut].to_parquet(prepared / "transactions.parquet", index=False)
    labels[labels.disputed_at < cut].to_parquet(prepared / "labels.parquet", index=False)
    for name in WHOLE:
        if (clean.folder / name).exists():
            shutil.copyfile(clean.folder / name, prepared / name)
    return {"past": cut.strftime("%Y-%m-%dT%H:%M:%SZ")}
