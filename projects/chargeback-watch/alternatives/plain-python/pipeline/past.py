"""What is known of each sale at its moment, in plain Python: rows are dictionaries, the past is a sorted list."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import log, log1p
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Moments = Mapping[Any, list[datetime]]

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
NIGHT_ENDS, EVENING, SATURDAY = 6, range(18, 23), 5
NEW_DEVICE_DAYS = 30.0
TYPICAL_LOG_AMOUNT = 4.0
PRIOR_SALES, PRIOR_RATE = 30.0, 0.05


def build_rows(
    tables: Mapping[str, list[Row]], zones: Mapping[str, str], maturity_days: int, today: datetime
) -> list[Row]:
    """One row per sale, in order of time; a sale before `today` has the same row whatever follows it."""
    sales = sorted(tables["transactions"], key=lambda sale: (sale["event_ts"], sale["txn_id"]))
    merchants = {row["merchant_id"]: row for row in tables["merchants"]}
    customers = {row["customer_id"]: row for row in tables["customers"]}
    maturity = timedelta(days=maturity_days)
    raised = {row["txn_id"]: row["disputed_at"] for row in tables["labels"] if row["disputed_at"] < today}
    clocks = {country: ZoneInfo(zone) for country, zone in zones.items()}
    of_customer = group(sales, lambda sale: sale["customer_id"])
    of_pair = group(sales, lambda sale: (sale["customer_id"], sale["merchant_id"]))
    fees = fees_by_merchant(tables["contracts"])
    risk = Risk(sales, raised, maturity, today)
    rows = []
    for sale in sales:
        moment, merchant = sale["event_ts"], merchants[sale["merchant_id"]]
        local = moment.astimezone(clocks[merchant["country"]])
        last_hour = count(of_customer[sale["customer_id"]], moment - HOUR, moment)
        last_month = count(of_customer[sale["customer_id"]], moment - MONTH, moment)
        together = bisect_left(of_pair[sale["customer_id"], sale["merchant_id"]], moment)
        rows.append(
            {name: sale[name] for name in ("txn_id", "event_ts")}
            | split_and_outcome(moment, sale["txn_id"] in raised, today, maturity)
            | {"merchant_id": sale["merchant_id"], "category": merchant["category"], "channel": sale["channel"]}
            | own(sale, local, merchant, customers[sale["customer_id"]])
            | {"n_txn_1h": last_hour, "log_n_txn_1h": log1p(last_hour), "log_n_txn_30d": log1p(last_month)}
            | {"is_new_merchant": int(together == 0), "merchant_risk": risk.at(sale["merchant_id"], moment)}
            | {"fee_bps": fee_at(fees[sale["merchant_id"]], moment)}
        )
    return rows


def group(sales: Iterable[Row], key: Any) -> Moments:
    """The moments of each group; sales are in order of time, and so are these."""
    moments = defaultdict(list)
    for sale in sales:
        moments[key(sale)].append(sale["event_ts"])
    return moments


def count(moments: list[datetime], start: datetime, end: datetime) -> int:
    return bisect_left(moments, end) - bisect_left(moments, start)


def own(sale: Row, local: datetime, merchant: Row, customer: Row) -> Row:
    """What a sale says by itself."""
    night, abroad = int(local.hour < NIGHT_ENDS), int(merchant["country"] != customer["country"])
    amount, age = sale["amount_eur"], sale["device_age_days"]
    tenure = (sale["event_ts"] - customer["signup_date"]) / DAY
    return {
        "local_hour": local.hour,
        "is_night": night,
        "is_evening": int(local.hour in EVENING),
        "is_weekend": int(local.weekday() >= SATURDAY),
        "is_cross_border": abroad,
        "is_night_abroad": night * abroad,
        "log_amount": TYPICAL_LOG_AMOUNT if amount is None else log(max(amount, 0.01)),
        "amount_unknown": int(amount is None),
        "device_newness": 0.0 if age is None else NEW_DEVICE_DAYS / (NEW_DEVICE_DAYS + age),
        "device_unknown": int(age is None),
        "days_since_signup": tenure,
        "log_tenure": log1p(max(tenure, 0.0)),
    }


def fees_by_merchant(contracts: Iterable[Row]) -> Mapping[str, list[tuple[datetime, int]]]:
    fees = defaultdict(list)
    for contract in sorted(contracts, key=lambda row: row["valid_from"]):
        fees[contract["merchant_id"]].append((contract["valid_from"], contract["fee_bps"]))
    return fees


def fee_at(fees: list[tuple[datetime, int]], moment: datetime) -> int:
    return fees[bisect_right(fees, moment, key=lambda fee: fee[0]) - 1][1]


class Risk:
    """A merchant's disputes over its sales, both only once a sale is old enough, and nothing after today."""

    def __init__(
        self, sales: Iterable[Row], raised: Mapping[str, datetime], maturity: timedelta, today: datetime
    ) -> None:
        self._mature, self._disputed, self._today = defaultdict(list), defaultdict(list), today
        for sale in sales:
            old = sale["event_ts"] + maturity
            self._mature[sale["merchant_id"]].append(old)
            if sale["txn_id"] in raised:
                self._disputed[sale["merchant_id"]].append(max(old, raised[sale["txn_id"]]))
        for moments in self._disputed.values():
            moments.sort()

    def at(self, merchant: str, moment: datetime) -> float:
        now = min(moment, self._today)
        sales, disputes = (bisect_left(known[merchant], now) for known in (self._mature, self._disputed))
        return log((disputes + PRIOR_SALES * PRIOR_RATE) / (sales + PRIOR_SALES))


def split_and_outcome(moment: datetime, disputed: bool, today: datetime, maturity: timedelta) -> Row:
    if moment >= today:
        return {"split": "score", "y": -1}
    if moment <= today - maturity:
        return {"split": "train", "y": int(disputed)}
    return {"split": "immature", "y": 1 if disputed else -1}
