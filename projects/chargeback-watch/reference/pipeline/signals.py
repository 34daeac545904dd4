"""What a sale tells about itself: the one place where features are computed, for the batch and for the service alike.

All functions take and give numpy arrays with one entry per sale, and use nothing that happened after the sale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

HOUR = 3600
DAY = 86_400
MONTH = 30 * DAY
NIGHT_ENDS = 6
EVENING = (18, 22)
SATURDAY = 5
# A device is no longer new after about this many days.
NEW_DEVICE_DAYS = 30.0
# Stands in for the amount that nobody knows; `amount_unknown` tells the model not to believe it.
TYPICAL_LOG_AMOUNT = 4.0
# What we believe of a merchant before we know it: this many imaginary sales with this share of disputes.
PRIOR_SALES = 30.0
PRIOR_RATE = 0.05
NEW_MERCHANT_RISK = float(np.log(PRIOR_RATE))

# Seconds of one customer live in a block of this size, so that one sorted key serves all customers.
_BLOCK = 1 << 33


@dataclass(frozen=True)
class Sales:
    """What is known about each sale when it happens; `seconds` count from 1970 in UTC."""

    seconds: np.ndarray
    amount_eur: np.ndarray
    device_age_days: np.ndarray
    merchant_country: Sequence[str]
    merchant_zone: Sequence[str]
    customer_country: Sequence[str]
    signup_seconds: np.ndarray
    fee_bps: np.ndarray


def own_signals(sales: Sales) -> dict[str, np.ndarray]:
    """What each sale says by itself."""
    hour, weekday = local_clock(sales.seconds, sales.merchant_zone)
    tenure = (sales.seconds - sales.signup_seconds) / DAY
    night = (hour < NIGHT_ENDS).astype("int64")
    abroad = np.array(
        [here != home for here, home in zip(sales.merchant_country, sales.customer_country, strict=True)],
        dtype="int64",
    )
    amount_unknown, device_unknown = np.isnan(sales.amount_eur), np.isnan(sales.device_age_days)
    newness = NEW_DEVICE_DAYS / (NEW_DEVICE_DAYS + sales.device_age_days)
    return {
        "local_hour": hour,
        "is_night": night,
        "is_evening": ((hour >= EVENING[0]) & (hour <= EVENING[1])).astype("int64"),
        "is_weekend": (weekday >= SATURDAY).astype("int64"),
        "is_cross_border": abroad,
        "is_night_abroad": night * abroad,
        "log_amount": np.where(amount_unknown, TYPICAL_LOG_AMOUNT, np.log(np.maximum(sales.amount_eur, 0.01))),
        "amount_unknown": amount_unknown.astype("int64"),
        "device_newness": np.where(device_unknown, 0.0, newness),
        "device_unknown": device_unknown.astype("int64"),
        "fee_bps": sales.fee_bps,
        "days_since_signup": tenure,
        "log_tenure": np.log1p(np.maximum(tenure, 0.0)),
    }


def past_signals(customer: np.ndarray, merchant: np.ndarray, seconds: np.ndarray) -> dict[str, np.ndarray]:
    """Each sale against the earlier sales of its customer; customers and merchants are numbered from 0.

    "Earlier" is strict: sales in the same second do not see each other, in whatever order they stand.
    """
    last_hour = count_before(customer, seconds, HOUR)
    pair = merchant + customer * (int(merchant.max(initial=0)) + 1)
    return {
        "n_txn_1h": last_hour,
        "log_n_txn_1h": np.log1p(last_hour),
        "log_n_txn_30d": np.log1p(count_before(customer, seconds, MONTH)),
        "is_new_merchant": (count_before(pair, seconds) == 0).astype("int64"),
    }


def count_before(group: np.ndarray, seconds: np.ndarray, window: int = _BLOCK) -> np.ndarray:
    """For each row, how many rows of its group lie in [seconds - window, seconds)."""
    before = counter(group, seconds)
    return before(group, seconds) - before(group, np.maximum(seconds - window, 0))


def counter(group: np.ndarray, seconds: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """A function of (group, moment) that tells how many of these events of the group lie before the moment."""
    ordered = np.sort(group.astype("int64") * _BLOCK + seconds)

    def before(of_group: np.ndarray, moment: np.ndarray) -> np.ndarray:
        start = of_group.astype("int64") * _BLOCK
        return np.searchsorted(ordered, start + moment) - np.searchsorted(ordered, start)

    return before


def merchant_risk(disputes: np.ndarray, sales: np.ndarray) -> np.ndarray:
    """The logarithm of a merchant's share of disputes, drawn towards the prior while there are few sales."""
    return np.log((disputes + PRIOR_SALES * PRIOR_RATE) / (sales + PRIOR_SALES))


def local_clock(seconds: np.ndarray, zone: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The hour and the day of the week (0 is Monday) on the wall clock of each time zone."""
    zones = {name: ZoneInfo(name) for name in set(zone)}
    local = [datetime.fromtimestamp(moment, zones[name]) for moment, name in zip(seconds.tolist(), zone, strict=True)]
    hours = np.array([moment.hour for moment in local], dtype="int64")
    return hours, np.array([moment.weekday() for moment in local], dtype="int64")
