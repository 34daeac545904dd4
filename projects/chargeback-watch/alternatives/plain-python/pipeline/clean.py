"""Milestone 2 without a data frame: each message is a dictionary, and each repair a function of it.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from math import log, log10
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pyarrow as pa
from pipeline.dictionary import Dictionary, hand_on, read_dictionary
from pipeline.rows import MOMENT, Row, read_rows, write_rows
from pipeline.texts import closest, readable

TEXT, NUMBER, WHOLE = pa.string(), pa.float64(), pa.int64()
SALE = {
    "txn_id": TEXT,
    "event_ts": MOMENT,
    "customer_id": TEXT,
    "merchant_id": TEXT,
    "amount_eur": NUMBER,
    "currency": TEXT,
    "channel": TEXT,
    "device_age_days": NUMBER,
    "settlement": TEXT,
}
MERCHANT = dict.fromkeys(("merchant_id", "name", "category", "country"), TEXT)
CUSTOMER = {
    "customer_id": TEXT,
    "country": TEXT,
    "birth_year": NUMBER,
    "signup_date": MOMENT,
    "lifetime_disputes": WHOLE,
}
CONTRACT = {"merchant_id": TEXT, "fee_bps": WHOLE, "valid_from": MOMENT, "valid_to": MOMENT}
LABEL = {"txn_id": TEXT, "disputed_at": MOMENT}
CHANGE = dict.fromkeys(("table", "record_id", "column", "issue", "action"), TEXT)

QUARTER = timedelta(minutes=15)
LONGEST_WAY = timedelta(minutes=7)
OLDEST_DEVICE_DAYS = 3650
INCIDENT_DAYS = 7

Rates = Mapping[str, list[tuple[date, float]]]


class Log:
    def __init__(self) -> None:
        self.rows: list[Row] = []

    def note(self, table: str, record_id: str, column: str, issue: str, action: str) -> None:
        values = (table, record_id, column, issue, action)
        self.rows.append(dict(zip(CHANGE, values, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--in", dest="source", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    source, out, entries = options.source, options.out, Log()
    hand_on(source, out)
    told = read_dictionary(source)
    merchants = list(tidy_merchants(read_rows(source, "merchants"), told, entries))
    country = {row["merchant_id"]: row["country"] for row in merchants}
    rates = rates_by_day(read_rows(source, "fx"), entries)
    sales = tidy_sales(read_rows(source, "transactions"), country, rates, told, entries)
    write_rows(merchants, MERCHANT, out, "merchants")
    write_rows(tidy_customers(read_rows(source, "customers"), told, entries), CUSTOMER, out, "customers")
    write_rows(map(dated, read_rows(source, "contracts")), CONTRACT, out, "contracts")
    write_rows(standing(read_rows(source, "disputes"), entries), LABEL, out, "labels")
    write_rows(sales, SALE, out, "transactions")
    write_rows(entries.rows, CHANGE, out, "change_log")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def midnight(text: str | None, pattern: str = "%Y-%m-%d") -> datetime | None:
    return None if text is None else datetime.strptime(text, pattern).replace(tzinfo=UTC)


def dated(contract: Row) -> Row:
    return contract | {name: midnight(contract[name]) for name in ("valid_from", "valid_to")}


def tidy_merchants(rows: Iterable[Row], told: Dictionary, entries: Log) -> Iterator[Row]:
    seen = set()
    for row in rows:
        name = row["merchant_id"].strip().lower()
        if name in seen:
            entries.note("merchants", name, "*", "listed twice", "dedupe")
            continue
        seen.add(name)
        mended = {"name": readable(row["name"]), "category": closest(row["category"], told.categories)}
        for column, value in mended.items():
            if value != row[column]:
                entries.note("merchants", name, column, "badly written", "repair")
        yield row | mended | {"merchant_id": name}


def tidy_customers(rows: Iterable[Row], told: Dictionary, entries: Log) -> Iterator[Row]:
    low, high = told.birth_years
    for row in rows:
        signup = midnight(row["signup_date"], told.date_formats[row["source_system"]])
        if f"{signup:%Y-%m-%d}" != row["signup_date"]:
            entries.note("customers", row["customer_id"], "signup_date", "another notation", "repair")
        known = low <= row["birth_year"] <= high
        if not known:
            entries.note("customers", row["customer_id"], "birth_year", "a code", "null")
        yield row | {"signup_date": signup, "birth_year": float(row["birth_year"]) if known else None}


def standing(rows: Iterable[Row], entries: Log) -> Iterator[Row]:
    for row in {row["txn_id"]: row for row in rows if row["status"] != "withdrawn"}.values():
        yield row | {"disputed_at": moment(row["disputed_at"])}
    for row in rows:
        if row["status"] == "withdrawn":
            entries.note("disputes", row["dispute_id"], "*", "withdrawn", "drop")


def rates_by_day(rows: Iterable[Row], entries: Log) -> Rates:
    """Each currency's published rates in order of time, what was upside down turned back."""
    rates = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["date"]):
        rates[row["currency"]].append((date.fromisoformat(row["date"]), row["eur_per_unit"]))
    for currency, published in rates.items():
        usual = median(rate for _, rate in published)
        for place, (day, rate) in enumerate(published):
            if abs(log(rate * usual)) < abs(log(rate / usual)) > 0.1:
                entries.note("fx", f"{currency}:{day}", "eur_per_unit", "upside down", "repair")
                published[place] = (day, 1 / rate)
    return rates


def tidy_sales(
    messages: Iterable[Row], country: Mapping[str, str], rates: Rates, told: Dictionary, entries: Log
) -> list[Row]:
    sales = [
        with_moment(message, country[message["merchant_id"]], told, entries)
        for message in valid_messages(messages, told, entries)
    ]
    sales = list(without_retries(sales, entries))
    for sale in sales:
        sale["amount"] = amount_of(sale, told, entries)
    minor = set(sent_in_minor_units(sales))
    for sale in sales:
        own = told.currencies[country[sale["merchant_id"]]]
        if sale["currency"] != own:
            entries.note("transactions", sale["txn_id"], "currency", "not the merchant's", "repair")
        sale["currency"] = own
        if sale["txn_id"] in minor:
            entries.note("transactions", sale["txn_id"], "amount_eur", "minor units", "repair")
            sale["amount"] /= 100
        sale["amount_eur"] = None if sale["amount"] is None else sale["amount"] * rate_at(rates, sale, told)
        age = sale["device_age_days"]
        if age is not None and not 0 <= age <= OLDEST_DEVICE_DAYS:
            entries.note("transactions", sale["txn_id"], "device_age_days", "a code", "null")
            sale["device_age_days"] = None
    return sorted(sales, key=lambda sale: (sale["event_ts"], sale["txn_id"]))


def valid_messages(messages: Iterable[Row], told: Dictionary, entries: Log) -> list[Row]:
    """The message of each sale that reached us last, with plain ids."""
    newest: dict[str, Row] = {}
    for message in sorted(messages, key=lambda row: (row["received_at"], row["source_file"], row["line_no"])):
        plain = {name: message[name].strip().lower() for name in ("txn_id", "customer_id", "merchant_id")}
        number = plain["txn_id"]
        if message["type"] != told.sale or plain["customer_id"] == told.monitoring_customer:
            entries.note("transactions", number, "*", "not a sale", "drop")
            continue
        if any(message[name] != value for name, value in plain.items()):
            entries.note("transactions", number, "customer_id", "spelling", "repair")
        if number in newest:
            entries.note("transactions", number, "*", "several messages", "dedupe")
        newest[number] = message | plain
    return list(newest.values())


def with_moment(sale: Row, country: str, told: Dictionary, entries: Log) -> Row:
    written = sale["ts_raw"]
    if sale["schema"] == 2:
        when = datetime.fromtimestamp(int(written) / 1000, UTC)
    elif "T" in written:
        when = moment(written)
    else:
        entries.note("transactions", sale["txn_id"], "event_ts", "no zone", "repair")
        when = datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(told.zones[country])).astimezone(UTC)
    way = moment(sale["received_at"]) - when
    if abs(way) > LONGEST_WAY:
        entries.note("transactions", sale["txn_id"], "event_ts", "a wrong clock", "repair")
        when += round(way / QUARTER) * QUARTER
    return sale | {"event_ts": when}


def without_retries(sales: Iterable[Row], entries: Log) -> Iterator[Row]:
    seen = set()
    for sale in sorted(sales, key=lambda row: row["received_at"]):
        what = (sale["customer_id"], sale["merchant_id"], sale["event_ts"])
        if what in seen:
            entries.note("transactions", sale["txn_id"], "*", "tried again", "dedupe")
            continue
        seen.add(what)
        yield sale


def amount_of(sale: Row, told: Dictionary, entries: Log) -> float | None:
    """In the currency of the sale, as it was sent; none where it got lost."""
    text = sale["amount_raw"]
    if "," in text:
        entries.note("transactions", sale["txn_id"], "amount_eur", "comma", "repair")
    amount = float(text.replace(",", ".")) / (100 if sale["schema"] == 2 else 1)
    if amount >= told.field_maximum:
        entries.note("transactions", sale["txn_id"], "amount_eur", "field full", "null")
        return None
    return amount


def sent_in_minor_units(sales: Iterable[Row]) -> Iterator[str]:
    """Sales of a gateway between the first and the last day on which its amounts stand ten times too high and more."""
    known = [sale for sale in sales if sale["amount"] is not None]
    of_merchant, of_day = defaultdict(list), defaultdict(list)
    for sale in known:
        of_merchant[sale["merchant_id"]].append(log10(sale["amount"]))
    usual = {merchant: median(sizes) for merchant, sizes in of_merchant.items()}
    old = [sale for sale in known if sale["schema"] == 1]
    for sale in old:
        excess = log10(sale["amount"]) - usual[sale["merchant_id"]]
        of_day[sale["gateway"], sale["event_ts"].date()].append(excess)
    days = defaultdict(list)
    for (gateway, day), excess in of_day.items():
        if median(excess) > 1:
            days[gateway].append(day)
    for sale in old:
        odd = days[sale["gateway"]]
        if len(odd) >= INCIDENT_DAYS and min(odd) <= sale["event_ts"].date() <= max(odd):
            yield sale["txn_id"]


def rate_at(rates: Rates, sale: Row, told: Dictionary) -> float:
    if sale["currency"] == told.home_currency:
        return 1.0
    published = rates[sale["currency"]]
    return published[bisect_right(published, sale["event_ts"].date(), key=lambda rate: rate[0]) - 1][1]


if __name__ == "__main__":
    main()
