"""What is known of each sale at its moment: brings tables to `signals`, splits sales by the age of their outcome."""

from datetime import datetime

import numpy as np
import pandas as pd

from pipeline.dictionary import Dictionary
from pipeline.signals import DAY, Sales, counter, merchant_risk, own_signals, past_signals


def build_features(
    transactions: pd.DataFrame,
    merchants: pd.DataFrame,
    customers: pd.DataFrame,
    contracts: pd.DataFrame,
    labels: pd.DataFrame,
    dictionary: Dictionary,
    as_of: datetime,
) -> pd.DataFrame:
    """Features, split and outcome of every sale. A sale before `as_of` has the same features whatever follows it."""
    merchant_of, customer_of = merchants.set_index("merchant_id"), customers.set_index("customer_id")
    transactions = transactions.sort_values(["event_ts", "txn_id"], ignore_index=True)
    seconds = _seconds(transactions["event_ts"])
    today, maturity = int(as_of.timestamp()), dictionary.maturity_days * DAY
    country = transactions["merchant_id"].map(merchant_of["country"])
    customer = pd.factorize(transactions["customer_id"])[0]
    merchant = merchant_of.index.get_indexer(transactions["merchant_id"])
    sales = Sales(
        seconds=seconds,
        amount_eur=transactions["amount_eur"].to_numpy(dtype="float64"),
        device_age_days=transactions["device_age_days"].to_numpy(dtype="float64"),
        merchant_country=country.tolist(),
        merchant_zone=country.map(dictionary.zones).tolist(),
        customer_country=transactions["customer_id"].map(customer_of["country"]).tolist(),
        signup_seconds=_seconds(transactions["customer_id"].map(customer_of["signup_date"])),
        fee_bps=_fee_in_force(transactions, contracts),
    )
    known = labels[labels["disputed_at"] < as_of]
    signals = own_signals(sales) | past_signals(customer, merchant, seconds)
    signals["merchant_risk"] = _risk_as_known(transactions, merchant, seconds, known, today, maturity)
    disputed = transactions["txn_id"].isin(known["txn_id"]).to_numpy()
    split, outcome = _split_and_outcome(seconds, disputed, today, maturity)
    return pd.DataFrame(
        {
            "txn_id": transactions["txn_id"],
            "event_ts": transactions["event_ts"],
            "split": split,
            "y": outcome,
            "merchant_id": transactions["merchant_id"],
            "category": transactions["merchant_id"].map(merchant_of["category"]),
            "channel": transactions["channel"],
            **signals,
        }
    )


def _seconds(moments: pd.Series) -> np.ndarray:
    return moments.dt.as_unit("s").astype("int64").to_numpy()


def _fee_in_force(transactions: pd.DataFrame, contracts: pd.DataFrame) -> np.ndarray:
    """The fee of the contract that held at the moment of each sale; transactions are in order of time."""
    starts = contracts.sort_values("valid_from").rename(columns={"valid_from": "event_ts"})
    starts = starts.assign(event_ts=starts["event_ts"].astype(transactions["event_ts"].dtype))
    columns = ["event_ts", "merchant_id"]
    held = pd.merge_asof(transactions[columns], starts[[*columns, "fee_bps"]], on="event_ts", by="merchant_id")
    return held["fee_bps"].to_numpy()


def _risk_as_known(
    transactions: pd.DataFrame,
    merchant: np.ndarray,
    seconds: np.ndarray,
    known: pd.DataFrame,
    today: int,
    maturity: int,
) -> np.ndarray:
    """Disputes over sales of the merchant, among its sales that were mature at the moment of each sale.

    Young sales count on neither side: their disputes come before their silence means anything, so counting them would
    make every merchant look worse at the start. Nothing is known after today.
    """
    bought = transactions[["txn_id"]].assign(merchant=merchant, mature=seconds + maturity)
    disputed = known.merge(bought, on="txn_id")
    counts_from = np.maximum(_seconds(disputed["disputed_at"]), disputed["mature"].to_numpy())
    moment = np.minimum(seconds, today)
    disputes = counter(disputed["merchant"].to_numpy(), counts_from)(merchant, moment)
    sales = counter(merchant, bought["mature"].to_numpy())(merchant, moment)
    return merchant_risk(disputes, sales)


def _split_and_outcome(
    seconds: np.ndarray, disputed: np.ndarray, today: int, maturity: int
) -> tuple[np.ndarray, np.ndarray]:
    """A young sale without a dispute is not a good sale yet: its outcome is unknown (-1)."""
    mature = seconds <= today - maturity
    past = seconds < today
    split = np.where(mature, "train", np.where(past, "immature", "score"))
    outcome = np.where(past & disputed, 1, np.where(mature, 0, -1))
    return split, outcome
