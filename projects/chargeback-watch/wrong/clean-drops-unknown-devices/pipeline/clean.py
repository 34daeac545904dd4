"""Milestone 2: one row per sale, in UTC and euros; repair what can be repaired, set to null what nobody knows.

python -m pipeline.clean --in build/ingest --out build/clean
"""

import argparse
from pathlib import Path

import pandas as pd

from pipeline.amounts import euros, own_currency, published_rates
from pipeline.change_log import ChangeLog
from pipeline.dictionary import Dictionary, hand_on, read_dictionary
from pipeline.moments import parse_moments, set_clocks_right
from pipeline.tables import read_table, write_table
from pipeline.texts import closest, readable

OLDEST_DEVICE_DAYS = 3650
PLAIN_DATE = "%Y-%m-%d"


def main() -> None:
    parser = argparse.ArgumentParser(description="Clean the tables that ingest made.")
    parser.add_argument("--in", dest="source", type=Path, required=True, help="folder that ingest wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args()
    clean(options.source, options.out)


def clean(source: Path, out: Path) -> None:
    log, dictionary = ChangeLog(), read_dictionary(source)
    hand_on(source, out)
    merchants = clean_merchants(read_table(source, "merchants"), dictionary, log)
    write_table(merchants, out, "merchants")
    write_table(clean_customers(read_table(source, "customers"), dictionary, log), out, "customers")
    write_table(clean_contracts(read_table(source, "contracts")), out, "contracts")
    write_table(clean_labels(read_table(source, "disputes"), log), out, "labels")
    rates = published_rates(read_table(source, "fx"), log)
    sales = clean_transactions(read_table(source, "transactions"), merchants, rates, dictionary, log)
    write_table(sales, out, "transactions")
    write_table(log.frame(), out, "change_log")


def clean_merchants(merchants: pd.DataFrame, dictionary: Dictionary, log: ChangeLog) -> pd.DataFrame:
    ids = _plain_ids(merchants["merchant_id"])
    repeated = ids.duplicated()
    log.note("merchants", ids[repeated], "*", "listed twice", "dedupe")
    merchants = merchants.assign(merchant_id=ids)[~repeated]
    fixes = {
        "name": (merchants["name"].map(readable), "encoded twice, or escaped"),
        "category": (merchants["category"].map(lambda typed: closest(typed, dictionary.categories)), "misspelt"),
    }
    for column, (fixed, issue) in fixes.items():
        log.note("merchants", merchants.loc[fixed != merchants[column], "merchant_id"], column, issue, "repair")
        merchants = merchants.assign(**{column: fixed})
    return merchants[["merchant_id", "name", "category", "country"]].sort_values("merchant_id")


def clean_customers(customers: pd.DataFrame, dictionary: Dictionary, log: ChangeLog) -> pd.DataFrame:
    signup = pd.Series(pd.NaT, index=customers.index, dtype="datetime64[us, UTC]")
    for system, pattern in dictionary.date_formats.items():
        rows = customers["source_system"] == system
        signup[rows] = pd.to_datetime(customers.loc[rows, "signup_date"], format=pattern, utc=True).dt.as_unit("us")
    rewritten = customers["signup_date"] != signup.dt.strftime(PLAIN_DATE)
    log.note("customers", customers.loc[rewritten, "customer_id"], "signup_date", "format of its source", "repair")
    known = customers["birth_year"].between(*dictionary.birth_years)
    log.note("customers", customers.loc[~known, "customer_id"], "birth_year", "code for unknown", "null")
    year = customers["birth_year"].astype("float64").where(known)
    columns = ["customer_id", "country", "birth_year", "signup_date", "lifetime_disputes"]
    return customers.assign(signup_date=signup, birth_year=year)[columns].sort_values("customer_id")


def clean_contracts(contracts: pd.DataFrame) -> pd.DataFrame:
    moments = {
        column: pd.to_datetime(contracts[column], format="%Y-%m-%d", utc=True).dt.as_unit("us")
        for column in ("valid_from", "valid_to")
    }
    return contracts.assign(**moments).sort_values(["merchant_id", "valid_from"])


def clean_labels(disputes: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    withdrawn = disputes["status"] == "withdrawn"
    log.note("disputes", disputes.loc[withdrawn, "dispute_id"], "*", "withdrawn", "drop")
    disputed_at = pd.to_datetime(disputes["disputed_at"], format="%Y-%m-%dT%H:%M:%SZ", utc=True).dt.as_unit("us")
    labels = disputes.assign(disputed_at=disputed_at)[~withdrawn].sort_values(["disputed_at", "txn_id"])
    return labels[["txn_id", "disputed_at"]].drop_duplicates("txn_id")


def clean_transactions(
    messages: pd.DataFrame, merchants: pd.DataFrame, rates: pd.DataFrame, dictionary: Dictionary, log: ChangeLog
) -> pd.DataFrame:
    messages = _with_plain_ids(messages, dictionary, log)
    sales = _one_row_per_sale(_only_sales(messages, dictionary, log), log)
    country = sales["merchant_id"].map(merchants.set_index("merchant_id")["country"])
    sales = sales.assign(
        event_ts=parse_moments(sales, country, dictionary.zones, log),
        currency=own_currency(sales, country, dictionary, log),
    )
    sales = _without_retries(sales.assign(event_ts=set_clocks_right(sales, log)), log)
    sales = sales.assign(amount_eur=euros(sales, rates, dictionary, log), device_age_days=_device_age(sales, log))
    sales = sales.dropna(subset=["device_age_days"])
    columns = ["txn_id", "event_ts", "customer_id", "merchant_id", "amount_eur", "currency", "channel"]
    return sales[[*columns, "device_age_days", "settlement"]].sort_values(["event_ts", "txn_id"])


def _plain_ids(ids: pd.Series) -> pd.Series:
    return ids.str.strip().str.lower()


def _with_plain_ids(messages: pd.DataFrame, dictionary: Dictionary, log: ChangeLog) -> pd.DataFrame:
    plain = {column: _plain_ids(messages[column]) for column in ("txn_id", "customer_id", "merchant_id")}
    real = messages["type"] == dictionary.sale
    for column, ids in plain.items():
        log.note("transactions", plain["txn_id"][real & (ids != messages[column])], column, "case or spaces", "repair")
    return messages.assign(**plain)


def _only_sales(messages: pd.DataFrame, dictionary: Dictionary, log: ChangeLog) -> pd.DataFrame:
    refund = messages["type"] != dictionary.sale
    ping = messages["customer_id"] == dictionary.monitoring_customer
    log.note("transactions", messages.loc[refund, "txn_id"], "*", "not a sale", "drop")
    log.note("transactions", messages.loc[ping, "txn_id"], "*", "our own monitoring", "drop")
    return messages[~refund & ~ping]


def _one_row_per_sale(messages: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    """The message received last is the valid one; received_at is UTC text of one length, so texts sort as moments."""
    newest_last = messages.sort_values(["received_at", "source_file", "line_no"], kind="stable")
    superseded = newest_last.duplicated("txn_id", keep="last")
    log.note("transactions", newest_last.loc[superseded, "txn_id"], "*", "several messages", "dedupe")
    return newest_last[~superseded].reset_index(drop=True)


def _without_retries(sales: pd.DataFrame, log: ChangeLog) -> pd.DataFrame:
    """A customer who seems to buy twice in one second has bought once: the id that we received first is the sale's."""
    first_received = sales.sort_values("received_at", kind="stable")
    retry = first_received.duplicated(["customer_id", "merchant_id", "event_ts"])
    log.note("transactions", first_received.loc[retry, "txn_id"], "*", "tried again under another id", "dedupe")
    return sales.drop(index=first_received.index[retry])


def _device_age(sales: pd.DataFrame, log: ChangeLog) -> pd.Series:
    """No device was seen before it existed or more than ten years ago: such ages are a code for "unknown"."""
    code = (sales["device_age_days"] < 0) | (sales["device_age_days"] > OLDEST_DEVICE_DAYS)
    log.note("transactions", sales.loc[code, "txn_id"], "device_age_days", "code for unknown", "null")
    return sales["device_age_days"].mask(code)


if __name__ == "__main__":
    main()
