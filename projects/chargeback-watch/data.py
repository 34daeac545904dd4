"""Makes one world of Chargeback Watch: true sales and disputes, spoilt as five sources would spoil them, and the log.

It knows what the business looks like; how streams, formulas, defects and files work is the business of `worlds`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worlds.clocks import UTC_TEXT, wall_clock, write_moments, write_utc
from worlds.defects.cells import FieldMaximum, InvertedRate, MissingValue, Sentinel, WrongUnit
from worlds.defects.lines import Files, GarbageLine, TruncatedLine
from worlds.defects.log import DefectLog
from worlds.defects.rows import ForeignRow, LateDelivery, LateLabel, Redelivery, RepeatedEntity, SupersededMessage
from worlds.defects.structures import ChangedTerms, Gap, LeakingColumn, SchemaChange
from worlds.defects.texts import DateNotation, DecimalComma, DoubleEncoding, IdVariant, Misspelling, NaiveLocalTime
from worlds.domain import read_domain
from worlds.mess import Mess
from worlds.oracle import Latent, expected_log_loss, observable_oracle
from worlds.rates import rate_of, walk_rates
from worlds.seeds import Seed
from worlds.sources import json_lines, write_csv, write_gzip_lines, write_json, write_parquet, write_sqlite
from worlds.world import World, draw_world

DAY = 86_400
MATURITY_DAYS = 35
FIRST_CONTRACT_DAY = "2020-01-01"


@dataclass(frozen=True)
class Secrets:
    """What is broken for this learner; all of it can be found in their data."""

    sentinel: int
    year_sentinel: int
    cents_gateway: str
    comma_gateway: str
    naive_country: str
    inverted_currency: str
    delimiter: str
    schema_day: int


@dataclass(frozen=True)
class Spoilt(Mess):
    """A payments world being spoilt, with what is broken in it."""

    secrets: Secrets


def generate(seed: Seed, domain: Mapping[str, Any], raw: Path, truth: Path) -> dict[str, str]:
    """Write the sources into `raw`, what is true into `truth`; return the facts that commands may name."""
    raw.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    world = draw_world(read_domain(domain["world"]), seed)
    mess = Spoilt(world, domain["mess"], DefectLog(), draw_secrets(domain["mess"], seed))
    rates = make_rates(mess)
    sales = make_sales(world, rates)
    disputes = spoil_disputes(mess, sales)
    spoil_rates(mess, rates, raw)
    sales, lines = spoil_sales(mess, sales, raw)
    merchants = spoil_merchants(mess, list(domain["names"]), raw)
    customers, contracts = spoil_database(mess, disputes, raw)
    write_json(raw / "api" / "disputes.json", disputes.to_dict("records"))
    (raw / "data_dictionary.md").write_text(str(domain["dictionary"]))
    tables = {"transactions": sales, "merchants": merchants, "customers": customers, "contracts": contracts}
    tables |= {"fx": rates.drop(columns=["record_id"]), "disputes": disputes, "defects": mess.log.frame()}
    for name, table in tables.items():
        write_parquet(truth / f"{name}.parquet", table)
    write_json(truth / "meta.json", describe(mess, sales, lines))
    return {"as_of": write_utc([world.calendar.snapshot_seconds])[0]}


def draw_secrets(mess: Mapping[str, Any], seed: Seed) -> Secrets:
    def one_of(name: str) -> Any:
        values = mess[name]
        return values[int(seed.mechanism_stream(f"secrets/{name}").integers(len(values)))]

    return Secrets(
        sentinel=int(one_of("sentinels")),
        year_sentinel=int(one_of("year_sentinels")),
        cents_gateway=str(one_of("cents_gateways")),
        comma_gateway=str(mess["comma_gateway"]),
        naive_country=str(one_of("naive_countries")),
        inverted_currency=str(one_of("inverted_currencies")),
        delimiter=str(one_of("delimiters")),
        schema_day=int(seed.mechanism_stream("secrets/schema_day").integers(*mess["schema_days"])),
    )


# --- what is true ---------------------------------------------------------------------------------------------------


def make_rates(mess: Spoilt) -> pd.DataFrame:
    countries = mess.world.tables["country"]
    levels = dict(zip(countries["currency"], countries["eur_per_unit"], strict=True))
    del levels["EUR"]
    return walk_rates(mess.world.calendar, levels, mess.rng("rates"))


def make_sales(world: World, rates: pd.DataFrame) -> pd.DataFrame:
    """All sales with amounts in the merchant's currency; the euros of truth follow the recorded local amount."""
    sales = world.events["txn"].rename(columns={"at": "event_ts"})
    merchants = world.entities["merchant"].set_index("merchant_id")
    countries = pd.DataFrame(world.tables["country"]).set_index("keys")
    country = sales["merchant_id"].map(merchants["country"])
    sales = sales.assign(
        seconds=sales["seconds"] + world.calendar.start_seconds,
        country=country,
        zone=country.map(countries["zone"]),
        currency=country.map(countries["currency"]),
        gateway=sales["merchant_id"].map(merchants["gateway"]),
        hidden=sales["day"] >= world.calendar.days,
    )
    rate = rate_of(rates, sales["currency"], sales["event_ts"])
    amount = np.maximum(np.round(sales["spent"].to_numpy() / rate, 2), 0.01)
    lag = np.round(sales["dispute_lag_days"] * DAY).astype("int64")
    disputed = (sales["event_ts"] + pd.to_timedelta(lag, unit="s")).where(sales["y"] == 1)
    return sales.assign(amount=amount, amount_eur=amount * rate, disputed_at=disputed, oracle_p=_oracle(world, sales))


def _oracle(world: World, sales: pd.DataFrame) -> np.ndarray:
    """The observable oracle for the hidden month; no value elsewhere."""
    customers = world.entities["customer"].set_index("customer_id")
    merchant, customer = pd.factorize(sales["merchant_id"])[0], pd.factorize(sales["customer_id"])[0]
    # trait and typical_log are jointly normal: typical_log = normal(0, 0.35) + 0.25 * trait.
    variance = 1 / (1 + (0.25 / 0.35) ** 2)
    mean = variance * 0.25 / 0.35**2 * sales["customer_id"].map(customers["typical_log"]).to_numpy()
    n, p, hidden = len(sales), sales["p_true"], sales["hidden"].to_numpy()
    probability = np.full(n, np.nan)
    probability[hidden] = observable_oracle(
        offset=(np.log(p / (1 - p)) - sales["z_unseen"]).to_numpy(),
        outcome=sales["y"].to_numpy(),
        learnable=(sales["day"] < world.calendar.days - MATURITY_DAYS).to_numpy(),
        scored=hidden,
        first=Latent(merchant, world.params["b_merchant"], np.zeros(n), np.ones(n)),
        second=Latent(customer, world.params["b_customer"], mean, np.full(n, np.sqrt(variance))),
    )
    return probability


# --- sales as the gateways sent them ----------------------------------------------------------------------------------


def spoil_sales(mess: Spoilt, sales: pd.DataFrame, raw: Path) -> tuple[pd.DataFrame, dict[str, dict[str, int]]]:
    """Write the monthly files; return the sales as they should be after cleaning, and the lines per file."""
    messages = _as_messages(mess, sales)
    settlement = messages["settlement"].to_numpy()
    messages = _spoil_cells(mess, messages)
    lost = (messages["amount"] == FieldMaximum.maximum).to_numpy()
    unknown = messages["device_age_days"].isin([mess.secrets.sentinel, np.nan]).to_numpy()
    clean = sales.assign(
        settlement=settlement,
        file=messages["file"],
        amount_eur=sales["amount_eur"].mask(lost),
        device_age_days=sales["device_age_days"].mask(unknown),
    )
    counts = _write_files(mess, _spoil_rows(mess, _spoil_notation(mess, messages)), raw)
    names = ["txn_id", "event_ts", "customer_id", "merchant_id", "amount_eur", "currency", "channel"]
    names += ["device_age_days", "settlement", "hidden", "y", "p_true", "oracle_p", "disputed_at", "file"]
    return clean[names], counts


def _as_messages(mess: Spoilt, sales: pd.DataFrame) -> pd.DataFrame:
    """One message per sale, still typed; schema, clock and decimal say how it will be written."""
    rng = mess.rng("messages")
    n = len(sales)
    names = ["txn_id", "seconds", "day", "amount", "currency", "customer_id", "merchant_id", "gateway"]
    names += ["channel", "device_age_days", "country", "zone", "p_true"]
    messages = sales[names].assign(
        record_id=sales["txn_id"],
        type="sale",
        state="captured",
        schema=1,
        clock="utc",
        decimal=".",
        received=sales["seconds"] + 2 + rng.exponential(20, n).astype("int64"),
        file="transactions_" + sales["event_ts"].dt.strftime("%Y-%m") + ".jsonl.gz",
        place=sales["seconds"] + rng.normal(0, 900, n),
        age_as_null=rng.random(n) < 0.5,
    )
    cut = mess.secrets.schema_day
    change = SchemaChange("transactions", "schema")
    messages = change.plant(messages, (sales["day"] >= cut).to_numpy(), f"day {cut}", mess.log)
    return LeakingColumn("transactions", "settlement").plant(messages, _settlement(mess, sales), mess.log)


def _settlement(mess: Spoilt, sales: pd.DataFrame) -> np.ndarray:
    """Written after the dispute: reversed tells of one, and in the month to be scored nothing is settled yet."""
    snapshot = mess.world.calendar.snapshot_seconds
    disputed = (sales["disputed_at"] < pd.Timestamp(snapshot, unit="s", tz="UTC")).to_numpy()
    reversed_ = mess.some("reversed", disputed)
    return np.where(sales["hidden"], "pending", np.where(reversed_, "reversed", "settled"))


def _spoil_cells(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    secrets, log = mess.secrets, mess.log
    first = mess.within("cents_start")
    last = first + mess.within("cents_days")
    cents = (messages["gateway"] == secrets.cents_gateway) & messages["day"].between(first, last - 1)
    comma = messages["gateway"] == secrets.comma_gateway
    risky = (messages["p_true"] > mess.share("risky_above")).to_numpy()
    unknown = mess.some("unknown_device", ~risky) | mess.some("unknown_device_when_risky", risky)
    maximum = mess.some("field_maximum", ~(cents | comma).to_numpy())
    everywhere = np.ones(len(messages), dtype=bool)
    unit = WrongUnit("transactions", "amount", "cents_as_euros", clean_column="amount_eur")
    messages = unit.plant(messages, cents.to_numpy(), log)
    messages = FieldMaximum("transactions", "amount", clean_column="amount_eur").plant(messages, maximum, log)
    as_null = unknown & (messages["age_as_null"] & messages["schema"].eq(2)).to_numpy()
    sentinel = Sentinel("transactions", "device_age_days", "unknown_device", code=float(secrets.sentinel))
    messages = sentinel.plant(messages, unknown & ~as_null, log)
    messages = MissingValue("transactions", "device_age_days", "missing_device").plant(messages, as_null, log)
    variant = IdVariant("transactions", "customer_id")
    return variant.plant(messages, mess.some("id_variant", everywhere), mess.rng("id_variant/how"), log)


def _spoil_notation(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """How the first schema writes moments and amounts; the second has plain numbers."""
    old = (messages["schema"] == 1).to_numpy()
    naive = old & (messages["country"] == mess.secrets.naive_country).to_numpy()
    offset = mess.some("offset_clock", old & ~naive)
    messages = messages.assign(clock=np.where(offset, "offset", messages["clock"]))
    local = NaiveLocalTime("transactions", "seconds", clean_column="event_ts")
    messages = local.plant(messages, naive, mess.log)
    comma = old & (messages["gateway"] == mess.secrets.comma_gateway).to_numpy()
    return DecimalComma("transactions", "amount", clean_column="amount_eur").plant(messages, comma, mess.log)


def _spoil_rows(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    log, everywhere = mess.log, np.ones(len(messages), dtype=bool)
    refunds, pings = _refunds(mess, messages), _pings(mess, messages)
    early = SupersededMessage("transactions", "amount", "authorised_first", clean_column="amount_eur")
    spoilt_amount = messages["gateway"].eq(mess.secrets.cents_gateway) & messages["day"].lt(80)
    authorised = mess.some("superseded", ~(spoilt_amount | messages["amount"].ge(FieldMaximum.maximum)).to_numpy())
    late = mess.some("late_delivery", everywhere)
    messages = LateDelivery("transactions").plant(messages, late, mess.rng("late_delivery/when"), log)
    messages = early.plant(messages, authorised, log)
    again = mess.some("redelivery", (messages["state"] == "captured").to_numpy())
    messages = Redelivery("transactions").plant(messages, again, mess.rng("redelivery/when"), log)
    messages = ForeignRow("transactions", kind="refund").plant(messages, refunds, log)
    return ForeignRow("transactions", kind="monitoring_ping").plant(messages, pings, log)


def _refunds(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """Money that went back some days after a sale, in the same feed."""
    rng, horizon = mess.rng("refund/when"), mess.world.calendar.all_days
    chosen = messages[mess.some("refund", (messages["day"] < horizon - 8).to_numpy())]
    later = chosen["seconds"] + rng.integers(DAY, 7 * DAY, len(chosen))
    day = (later - mess.world.calendar.start_seconds) // DAY
    ids = np.array([f"r_{number}" for number in rng.permutation(900_000)[: len(chosen)] + 100_000], dtype=object)
    month = pd.to_datetime(later, unit="s", utc=True).dt.strftime("%Y-%m")
    return chosen.assign(
        record_id=ids,
        txn_id=ids,
        type="refund",
        amount=-chosen["amount"],
        seconds=later,
        day=day,
        received=later + 5,
        place=later,
        file="transactions_" + month + ".jsonl.gz",
        schema=np.where(day >= mess.secrets.schema_day, 2, 1),
    )


def _pings(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """The monitoring system buys for a cent under a customer number that belongs to nobody."""
    chosen = messages[mess.some("ping", np.ones(len(messages), dtype=bool))]
    ids = np.array([f"t_{9_900_000 + number}" for number in range(len(chosen))], dtype=object)
    return chosen.assign(record_id=ids, txn_id=ids, customer_id="c_000000", amount=0.01, settlement="settled")


def _write_files(mess: Spoilt, messages: pd.DataFrame, raw: Path) -> dict[str, dict[str, int]]:
    messages = messages.sort_values(["file", "place", "record_id"], kind="stable")
    records = _records(messages, mess.declared["schemas"])
    files: Files = {str(name): list(records[rows]) for name, rows in messages.groupby("file").indices.items()}
    rng = mess.rng("lines")
    names = sorted(files)
    garbage = GarbageLine("files", "*")
    files = garbage.plant(files, names[int(rng.integers(len(names)))], rng, mess.log)
    broken = {names[0], names[2]} if len(names) > 3 else {names[0]}
    for name in sorted(broken):
        files = TruncatedLine("files", "*").plant(files, name, rng, mess.log)
    for name, lines in files.items():
        write_gzip_lines(raw / name, lines, broken=name in broken)
    rejects = {name: sum(line == garbage.text for line in lines) + (name in broken) for name, lines in files.items()}
    return {"lines": {name: len(lines) for name, lines in files.items()}, "rejects": rejects}


def _records(messages: pd.DataFrame, schemas: Mapping[int, Mapping[str, str]]) -> np.ndarray:
    """Each message as a line of JSON, in its own schema."""
    amount, age = messages["amount"].tolist(), messages["device_age_days"].tolist()
    decimal, moments = messages["decimal"], (messages[name].to_numpy() for name in ("seconds", "zone", "clock"))
    whole_age = pd.Series([None if days != days else int(days) for days in age], dtype=object, index=messages.index)
    written = messages.assign(
        moment=write_moments(*moments),
        event_time_ms=messages["seconds"] * 1000,
        received_at=write_utc(messages["received"]),
        amount_text=[f"{value:.2f}".replace(".", sign) for value, sign in zip(amount, decimal, strict=True)],
        amount_minor=[round(value * 100) for value in amount],
        age=whole_age,
        device=whole_age.map(lambda days: {"age_days": days}),
    )
    return json_lines(written, "schema", schemas)


# --- rates, merchants, customers, contracts, disputes -----------------------------------------------------------------


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
    write_csv(raw / "fx_rates.csv", published[["date", "currency", "eur_per_unit"]])


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
    spoilt = DoubleEncoding("merchants", "name").plant(spoilt, mess.some("double_encoding", everyone), mess.log)
    twice = mess.some("repeated_merchant", everyone)
    twice[int(mess.rng("repeated_merchant/one").integers(n))] = True
    repeated = RepeatedEntity("merchants", "merchant_id", "repeated_merchant")
    spoilt = repeated.plant(spoilt, twice, mess.rng("repeated_merchant/order"), mess.log)
    columns = ["merchant_id", "name", "category", "country", "gateway"]
    write_csv(raw / "merchants.csv", spoilt[columns], delimiter=mess.secrets.delimiter, encoding="cp1252")
    return merchants[columns]


def spoil_database(mess: Spoilt, disputes: pd.DataFrame, raw: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write customers.db; return customers and contracts as they are."""
    customers, exported = _customers(mess, disputes)
    contracts = _contracts(mess)
    tables = {"customers": exported, "merchant_contracts": contracts}
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


def spoil_disputes(mess: Spoilt, sales: pd.DataFrame) -> pd.DataFrame:
    """The disputes that the partner's API knows at the snapshot, withdrawn ones among them."""
    snapshot = pd.Timestamp(mess.world.calendar.snapshot_seconds, unit="s", tz="UTC")
    raised = sales.loc[(sales["y"] == 1) & ~sales["hidden"], ["txn_id", "disputed_at"]]
    raised = raised.assign(record_id=raised["txn_id"])
    unknown = (raised["disputed_at"] >= snapshot).to_numpy()
    known = LateLabel("labels", "disputed_at").plant(raised, unknown, mess.log)
    statuses, shares = zip(*mess.declared["statuses"].items(), strict=True)
    known = known.assign(status=mess.rng("status").choice(np.array(statuses, dtype=object), len(known), p=shares))
    withdrawn = _withdrawn(mess, sales, int(mess.share("withdrawn") * len(known)) + 5)
    n = len(known) + len(withdrawn)
    ids = [f"d_{number:06d}" for number in mess.rng("dispute_ids").permutation(900_000)[:n] + 1]
    known = known.assign(dispute_id=ids[: len(known)])
    withdrawn = withdrawn.assign(dispute_id=ids[len(known) :], record_id=ids[len(known) :])
    everything = ForeignRow("disputes", kind="withdrawn_dispute").plant(known, withdrawn, mess.log)
    everything = everything.sort_values(["disputed_at", "dispute_id"], ignore_index=True)
    everything["disputed_at"] = everything["disputed_at"].dt.strftime(UTC_TEXT)
    return everything[["dispute_id", "txn_id", "disputed_at", "status"]]


def _withdrawn(mess: Spoilt, sales: pd.DataFrame, number: int) -> pd.DataFrame:
    calm = sales[(sales["y"] == 0) & (sales["day"] < mess.world.calendar.days - 20)]
    chosen = calm.iloc[np.sort(mess.rng("withdrawn").choice(len(calm), min(number, len(calm)), replace=False))]
    return pd.DataFrame(
        {"txn_id": chosen["txn_id"], "disputed_at": chosen["event_ts"] + pd.Timedelta(days=9), "status": "withdrawn"}
    )


# --- what graders may know --------------------------------------------------------------------------------------------


def describe(mess: Spoilt, sales: pd.DataFrame, counts: dict[str, dict[str, int]]) -> dict[str, object]:
    """Lines and rejects per file, the snapshot, what was drawn, and the two ends of the skill scale."""
    calendar, hidden = mess.world.calendar, sales[sales["hidden"]]
    mature = sales["event_ts"] < pd.Timestamp(calendar.snapshot_seconds - MATURITY_DAYS * DAY, unit="s", tz="UTC")
    naive, p = float(sales.loc[mature, "y"].mean()), hidden["p_true"].to_numpy()
    return {
        **counts,
        "snapshot": write_utc([calendar.snapshot_seconds])[0],
        "maturity_days": MATURITY_DAYS,
        "mechanism": {**vars(mess.secrets), "params": mess.world.params, "tables": mess.world.tables},
        "naive_rate": naive,
        "naive_loss": expected_log_loss(p, np.full(len(p), naive)),
        "oracle_loss": expected_log_loss(p, hidden["oracle_p"].to_numpy()),
    }
