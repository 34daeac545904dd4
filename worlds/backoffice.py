"""The slow tables of a business as its back office exports them: rates, merchants, customers, contracts.

Each function spoils what is true, writes the export and returns what a careful person would make of it.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from worlds.clocks import wall_clock
from worlds.defects.cells import InvertedRate, Sentinel
from worlds.defects.rows import RepeatedEntity
from worlds.defects.structures import ChangedTerms, Gap, LeakingColumn
from worlds.defects.texts import DateNotation, DoubleEncoding, EscapedText, Misspelling
from worlds.sources import write_csv, write_sqlite
from worlds.trade import Spoilt, as_named

DAY = 86_400
FIRST_CONTRACT_DAY = "2020-01-01"


def spoil_rates(mess: Spoilt, rates: pd.DataFrame, raw: Path) -> None:
    """Business days only, and one currency the wrong way round for a week."""
    dates = pd.to_datetime(rates["date"])
    first = int(mess.rng("inverted").integers(20, mess.world.calendar.days - 20))
    week = dates.between(dates.min() + pd.Timedelta(days=first), dates.min() + pd.Timedelta(days=first + 6))
    weekend = dates.dt.day_of_week.ge(5).to_numpy()
    wrong = (week & (rates["currency"] == mess.secrets.inverted_currency)).to_numpy() & ~weekend
    published = InvertedRate("fx", "eur_per_unit").plant(rates, wrong, mess.log)
    published = Gap("fx", "eur_per_unit", "weekend_gap").plant(published, weekend, mess.log)
    published = published.sort_values(["date", "currency"])
    write_csv(raw / "fx_rates.csv", as_named(mess, "rates", published))


def spoil_merchants(mess: Spoilt, names: list[str], raw: Path) -> pd.DataFrame:
    """Write the back office's export; return the merchants as they are."""
    merchants = mess.world.entities["merchant"][["merchant_id", "category", "country", "gateway"]]
    n = len(merchants)
    order = mess.rng("names").permutation(n)
    called = [f"{names[number % len(names)]} {1 + number // len(names)}" for number in order]
    merchants = merchants.assign(name=called, record_id=merchants["merchant_id"])
    everyone = np.ones(n, dtype=bool)
    typed = Misspelling("merchants", "category", "category_misspelt")
    spoilt = typed.plant(merchants, mess.some("misspelling", everyone), mess.rng("misspelling/how"), mess.log)
    twice_encoded = mess.some("double_encoding", everyone)
    spoilt = DoubleEncoding("merchants", "name").plant(spoilt, twice_encoded, mess.log)
    escaped = mess.some("escaped_text", ~twice_encoded)
    spoilt = EscapedText("merchants", "name", "escaped_name").plant(spoilt, escaped, mess.log)
    twice = mess.some("repeated_merchant", everyone)
    twice[int(mess.rng("repeated_merchant/one").integers(n))] = True
    repeated = RepeatedEntity("merchants", "merchant_id", "repeated_merchant")
    spoilt = repeated.plant(spoilt, twice, mess.rng("repeated_merchant/order"), mess.log)
    exported = as_named(mess, "merchants", spoilt)
    write_csv(raw / "merchants.csv", exported, delimiter=mess.secrets.delimiter, encoding="cp1252")
    return merchants[list(mess.declared["columns"]["merchants"])]


def spoil_database(mess: Spoilt, disputes: pd.DataFrame, raw: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write customers.db; return customers and contracts as they are."""
    customers, exported = _customers(mess, disputes)
    contracts = _contracts(mess)
    tables = {
        "customers": as_named(mess, "customers", exported),
        "merchant_contracts": as_named(mess, "contracts", contracts),
    }
    write_sqlite(raw / "customers.db", tables)
    return customers, contracts.assign(
        valid_from=pd.to_datetime(contracts["valid_from"], utc=True).dt.as_unit("s"),
        valid_to=pd.to_datetime(contracts["valid_to"], utc=True).dt.as_unit("s"),
    )


def _customers(mess: Spoilt, disputes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    customers = mess.world.entities["customer"]
    n, declared = len(customers), mess.declared
    signup = pd.Timestamp(mess.world.calendar.start) - pd.to_timedelta(customers["signup_days_before"], unit="D")
    systems = np.array(list(declared["source_systems"]), dtype=object)
    true = customers[["customer_id", "country"]].assign(
        signup_date=signup.dt.as_unit("s"),
        birth_year=customers["birth_year"].astype("int64"),
        source_system=mess.rng("source_system").choice(systems, n, p=declared["source_shares"]),
    )
    exported = true.assign(record_id=true["customer_id"])
    leak = LeakingColumn("customers", "lifetime_disputes")
    exported = leak.plant(exported, _disputes_of(mess, customers["customer_id"], disputes), mess.log)
    exported = DateNotation("customers", "signup_date", formats=declared["source_systems"]).plant(exported, mess.log)
    unknown = mess.some("unknown_year", np.ones(n, dtype=bool))
    year = Sentinel("customers", "birth_year", "unknown_year", code=mess.secrets.year_sentinel)
    exported = year.plant(exported, unknown, mess.log)
    true = true.assign(birth_year=true["birth_year"].astype("float64").mask(unknown))
    true = true.assign(lifetime_disputes=exported["lifetime_disputes"]).drop(columns=["source_system"])
    return true, exported.drop(columns=["record_id"])


def _disputes_of(mess: Spoilt, customer_ids: pd.Series, disputes: pd.DataFrame) -> np.ndarray:
    """How many disputes each customer has raised by the day of the export."""
    buyer = mess.world.events["txn"].set_index("txn_id")["customer_id"]
    raised = disputes.loc[disputes["status"] != "withdrawn", "txn_id"].map(buyer).value_counts()
    return customer_ids.map(raised).fillna(0).astype("int64").to_numpy()


def _contracts(mess: Spoilt) -> pd.DataFrame:
    merchants, rng = mess.world.entities["merchant"], mess.rng("contracts")
    n = len(merchants)
    contracts = merchants[["merchant_id"]].assign(
        record_id=merchants["merchant_id"],
        fee_bps=merchants["fee_bps"].astype("int64"),
        valid_from=FIRST_CONTRACT_DAY,
        valid_to=None,
    )
    changed = mess.some("changed_terms", np.ones(n, dtype=bool))
    days = rng.integers(20, mess.world.calendar.days - 10, int(changed.sum()))
    since = wall_clock(days * DAY + mess.world.calendar.start_seconds, "UTC", "%Y-%m-%d")
    terms = ChangedTerms("contracts", "fee_bps")
    fees = rng.integers(80, 320, int(changed.sum()))
    return terms.plant(contracts, changed, fees, np.array(since, dtype=object), mess.log).drop(columns=["record_id"])
