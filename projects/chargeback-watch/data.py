"""Makes one world of Chargeback Watch: true sales and disputes, spoilt as five sources would spoil them, and the log.

It knows what is asked of the business that a domain describes; how formulas, defects and files work, `worlds` does.
"""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worlds.backoffice import spoil_database, spoil_merchants, spoil_rates
from worlds.clocks import UTC_TEXT, write_utc
from worlds.defects.cells import FieldMaximum, MissingValue, Sentinel, WrongUnit
from worlds.defects.faults import ClockFault, MixedUpCode
from worlds.defects.log import DefectLog
from worlds.defects.rows import (
    ForeignRow,
    LateDelivery,
    LateLabel,
    NearDuplicate,
    OutOfOrder,
    Redelivery,
    SupersededMessage,
)
from worlds.defects.structures import LeakingColumn, SchemaChange
from worlds.defects.texts import (
    DecimalComma,
    IdVariant,
    NaiveLocalTime,
)
from worlds.domain import read_domain
from worlds.feeds import write_feed
from worlds.oracle import Latent, expected_log_loss, observable_oracle
from worlds.rates import rate_of, walk_rates
from worlds.seeds import Seed
from worlds.sources import write_json, write_parquet
from worlds.streams import change_cause, measure_loudness, replace_values, scale_values
from worlds.trade import Spoilt, as_named, describe_fields, draw_secrets
from worlds.world import World, draw_world

DAY = 86_400
HOME = "EUR"
MATURITY_DAYS = 35
SALE = ("txn_id", "event_ts", "customer_id", "merchant_id", "amount_eur", "currency", "channel", "device_age_days")
# What may turn into its opposite in service, and the parameter that says how much it meant before.
CAUSES = {"cross": "b_cross", "is_new": "b_new"}
# A cause turns only where four weeks of outcomes leave a sound model, which may be off by a quarter, by so many
# standard deviations: a rare cause that turns for the better is less than anybody could be sure of.
LOUD, FORGIVEN = 5.5, 0.25


def generate(seed: Seed, domain: Mapping[str, Any], raw: Path, truth: Path) -> dict[str, str]:
    """Write the sources into `raw`, what is true into `truth`; return the facts that commands may name."""
    raw.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    world = draw_world(read_domain(domain["world"]), seed)
    mess = Spoilt(world, domain["mess"], DefectLog(), draw_secrets(domain["mess"], seed))
    rates = make_rates(mess)
    everything = make_sales(world, rates)
    live = pd.Timestamp(world.calendar.start) + pd.Timedelta(days=world.calendar.days + mess.declared["scored_days"])
    sales, rates = everything[everything["event_ts"] < live], rates[rates["date"] < f"{live:%Y-%m-%d}"]
    streams, changes = make_streams(mess, everything[everything["event_ts"] >= live].reset_index(drop=True))
    disputes = spoil_disputes(mess, sales)
    spoil_rates(mess, rates, raw)
    sales, lines = spoil_sales(mess, sales, raw)
    merchants = spoil_merchants(mess, list(domain["names"]), raw)
    customers, contracts = spoil_database(mess, disputes, raw)
    write_json(raw / "api" / "disputes.json", as_named(mess, "disputes", disputes).to_dict("records"))
    (raw / "data_dictionary.md").write_text(str(domain["dictionary"]))
    write_json(raw / "dictionary.json", describe_fields(mess) | {"maturity_days": MATURITY_DAYS})
    to_come = _labels_still_to_come(mess, everything[everything["event_ts"] < live])
    write_stream(raw / "stream", streams["cause"], to_come)
    tables = {"transactions": sales, "merchants": merchants, "customers": customers, "contracts": contracts}
    tables |= {"fx": rates.drop(columns=["record_id"]), "disputes": disputes, "defects": mess.log.frame()}
    tables |= {"labels_to_come": to_come}
    tables |= {f"stream_{name}": stream.drop(columns=["lag"]) for name, stream in streams.items()}
    for name, table in tables.items():
        write_parquet(truth / f"{name}.parquet", table)
    write_json(truth / "meta.json", describe(mess, sales, lines) | {"live": f"{live:%Y-%m-%d}", "changes": changes})
    return {"as_of": write_utc([world.calendar.snapshot_seconds])[0]}


# --- what is true ---------------------------------------------------------------------------------------------------


def make_rates(mess: Spoilt) -> pd.DataFrame:
    countries = mess.world.tables["country"]
    levels = dict(zip(countries["currency"], countries["eur_per_unit"], strict=True))
    del levels[HOME]
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
    messages = _spoil_rows(mess, _spoil_notation(mess, messages))
    schemas, known_for = mess.declared["schemas"], str(mess.declared["device_key"])
    counts = write_feed(messages, schemas, known_for, mess.rng("lines"), mess.log, raw)
    return clean[[*SALE, "settlement", "hidden", "y", "p_true", "oracle_p", "disputed_at", "file"]], counts


def _as_messages(mess: Spoilt, sales: pd.DataFrame) -> pd.DataFrame:
    """One message per sale, still typed; schema, clock and decimal say how it will be written."""
    rng = mess.rng("messages")
    n = len(sales)
    names = ["txn_id", "seconds", "day", "amount", "currency", "customer_id", "merchant_id", "gateway"]
    names += ["channel", "device_age_days", "country", "zone", "p_true"]
    messages = sales[names].assign(
        record_id=sales["txn_id"],
        sent=sales["seconds"],
        type=mess.declared["types"]["sale"],
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
    messages = _mix_up_currencies(mess, messages)
    as_null = unknown & (messages["age_as_null"] & messages["schema"].eq(2)).to_numpy()
    sentinel = Sentinel("transactions", "device_age_days", "unknown_device", code=float(secrets.sentinel))
    messages = sentinel.plant(messages, unknown & ~as_null, log)
    messages = MissingValue("transactions", "device_age_days", "missing_device").plant(messages, as_null, log)
    variant = IdVariant("transactions", "customer_id")
    return variant.plant(messages, mess.some("id_variant", everywhere), mess.rng("id_variant/how"), log)


def _mix_up_currencies(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """For some weeks one gateway writes the home currency for every merchant."""
    first = mess.within("currency_start")
    days = messages["day"].between(first, first + mess.within("currency_days") - 1)
    rows = (days & (messages["gateway"] == mess.secrets.currency_gateway)).to_numpy()
    return MixedUpCode("transactions", "currency", "currency_mix_up", code=HOME).plant(messages, rows, mess.log)


def _spoil_notation(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """How the first schema writes moments and amounts; the second has plain numbers."""
    old = (messages["schema"] == 1).to_numpy()
    naive = old & (messages["country"] == mess.secrets.naive_country).to_numpy()
    offset = mess.some("offset_clock", old & ~naive)
    messages = messages.assign(clock=np.where(offset, "offset", messages["clock"]))
    local = NaiveLocalTime("transactions", "seconds", clean_column="event_ts")
    messages = local.plant(messages, naive, mess.log)
    messages = _set_wrong(mess, messages, old)
    comma = old & (messages["gateway"] == mess.secrets.comma_gateway).to_numpy()
    return DecimalComma("transactions", "amount", clean_column="amount_eur").plant(messages, comma, mess.log)


def _set_wrong(mess: Spoilt, messages: pd.DataFrame, old: np.ndarray) -> pd.DataFrame:
    """One gateway's clock stands wrong for some days of the second schema, by quarters of an hour."""
    first = mess.secrets.schema_day + mess.within("clock_start")
    days = messages["day"].between(first, first + mess.within("clock_days") - 1)
    rows = ~old & (days & (messages["gateway"] == mess.secrets.clock_gateway)).to_numpy()
    fault = ClockFault("transactions", "seconds", shift_s=900 * mess.secrets.clock_quarters, clean_column="event_ts")
    return fault.plant(messages, rows, mess.log)


def _spoil_rows(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    log, everywhere = mess.log, np.ones(len(messages), dtype=bool)
    refunds, pings = _refunds(mess, messages), _pings(mess, messages)
    early = SupersededMessage("transactions", "amount", "authorised_first", clean_column="amount_eur", sent="sent")
    spoilt_amount = messages["gateway"].eq(mess.secrets.cents_gateway) & messages["day"].lt(80)
    authorised = mess.some("superseded", ~(spoilt_amount | messages["amount"].ge(FieldMaximum.maximum)).to_numpy())
    late = mess.some("late_delivery", everywhere)
    messages = LateDelivery("transactions").plant(messages, late, mess.rng("late_delivery/when"), log)
    messages = early.plant(messages, authorised, log)
    again = mess.some("redelivery", (messages["state"] == "captured").to_numpy())
    messages = Redelivery("transactions").plant(messages, again, mess.rng("redelivery/when"), log)
    messages = _retry(mess, messages)
    astray = (
        mess.some("out_of_order", np.ones(len(messages), dtype=bool)) | (messages["state"] == early.state).to_numpy()
    )
    messages = OutOfOrder("transactions").plant(messages, astray, mess.rng("out_of_order/how"), log)
    messages = ForeignRow("transactions", kind="refund").plant(messages, refunds, log)
    return ForeignRow("transactions", kind="monitoring_ping").plant(messages, pings, log)


def _retry(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """Terminals that try a sale again under a fresh id."""
    rows = mess.some("retried_sale", ~messages["txn_id"].duplicated(keep=False).to_numpy())
    rng = mess.rng("retried_sale/ids")
    prefix, taken = mess.declared["prefix"], set(messages["txn_id"])
    numbers = (f"{prefix}_{number}" for number in rng.permutation(900_000) + 100_000)
    fresh = np.array(list(islice((name for name in numbers if name not in taken), int(rows.sum()))), dtype=object)
    return NearDuplicate("transactions", "txn_id", "retried_sale").plant(messages, rows, fresh, rng, mess.log)


def _refunds(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """Money that went back some days after a sale, in the same feed."""
    rng, horizon = mess.rng("refund/when"), mess.world.calendar.days + int(mess.declared["scored_days"])
    chosen = messages[mess.some("refund", (messages["day"] < horizon - 8).to_numpy())]
    later = chosen["seconds"] + rng.integers(DAY, 7 * DAY, len(chosen))
    day = (later - mess.world.calendar.start_seconds) // DAY
    ids = np.array([f"r_{number}" for number in rng.permutation(900_000)[: len(chosen)] + 100_000], dtype=object)
    month = pd.to_datetime(later, unit="s", utc=True).dt.strftime("%Y-%m")
    return chosen.assign(
        record_id=ids,
        txn_id=ids,
        type=mess.declared["types"]["refund"],
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
    ids = np.array([f"{mess.declared['prefix']}_{9_900_000 + number}" for number in range(len(chosen))], dtype=object)
    nobody = mess.declared["monitoring_customer"]
    return chosen.assign(record_id=ids, txn_id=ids, customer_id=nobody, amount=0.01, settlement="settled")


# --- rates, merchants, customers, contracts, disputes -----------------------------------------------------------------


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


# --- the weeks after the model went live ------------------------------------------------------------------------------


def make_streams(mess: Spoilt, later: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], dict[str, dict[str, Any]]]:
    """The later sales as cleaned, quiet and with one change each; and what changes in which week (0 is the first)."""
    quiet, params = _as_cleaned(mess, later), mess.world.params
    weeks = {name: mess.within(f"{name}_week") for name in ("unit", "population", "cause")}
    day = later["day"] - later["day"].min()
    since = {name: (day >= 7 * week).to_numpy() for name, week in weeks.items()}
    currency = _one_of(mess, "stream_currency", sorted(set(later["currency"]) - {HOME}))
    cause = _choose_cause(mess, later, since["cause"] & (day < 7 * (weeks["cause"] + 4)).to_numpy())
    renewed = since["population"] & mess.some("renewed", np.ones(len(later), dtype=bool))
    ages = np.floor(mess.rng("renewed/ages").exponential(10, len(later)))
    newer = params["b_device"] * (np.exp(-ages / 45) - np.exp(-later["device_age_days"].to_numpy() / 45))
    hit = since["cause"] & later[cause].to_numpy(dtype=bool)
    turned = _turn(mess, cause, hit)
    streams = {
        "quiet": quiet,
        "unit": scale_values(quiet, "amount_eur", since["unit"] & (quiet["currency"] == currency).to_numpy(), 100.0),
        "population": replace_values(quiet, "device_age_days", renewed, ages, newer, mess.rng("renewed/y")),
        "cause": change_cause(quiet, turned, mess.rng("turned/y")).assign(hit=hit),
    }
    subjects = {"unit": currency, "population": "device_age_days", "cause": cause}
    return streams, {name: {"week": week, "subject": subjects[name]} for name, week in weeks.items()}


def _choose_cause(mess: Spoilt, later: pd.DataFrame, watched: np.ndarray) -> str:
    """One of the causes whose turn can be heard in the rows that are watched; the loudest, if none can."""
    p, causes = later["p_true"].to_numpy(), sorted(CAUSES)
    turns = (_turn(mess, cause, watched & later[cause].to_numpy(dtype=bool)) for cause in causes)
    loud = {cause: measure_loudness(p, turn, FORGIVEN) for cause, turn in zip(causes, turns, strict=True)}
    heard = [cause for cause in causes if loud[cause] >= LOUD]
    return _one_of(mess, "stream_cause", heard or [max(causes, key=loud.__getitem__)])


def _turn(mess: Spoilt, cause: str, hit: np.ndarray) -> np.ndarray:
    """By how much the log-odds of each row move when what this cause meant becomes its opposite in the rows hit."""
    return np.where(hit, -np.sign(mess.world.params[CAUSES[cause]]) * mess.declared["turned_by"], 0.0)


def _one_of(mess: Spoilt, name: str, values: list[str]) -> str:
    return values[int(mess.rng(name).integers(len(values)))]


def _as_cleaned(mess: Spoilt, later: pd.DataFrame) -> pd.DataFrame:
    """What nobody knows of a sale is as frequent in service as it was before."""
    rng = mess.rng("stream/unknown")
    risky = later["p_true"] > mess.share("risky_above")
    unknown = np.where(risky, mess.share("unknown_device_when_risky"), mess.share("unknown_device"))
    return later[[*SALE, "y", "p_true", "disputed_at"]].assign(
        device_age_days=later["device_age_days"].mask(rng.random(len(later)) < unknown),
        amount_eur=later["amount_eur"].mask(rng.random(len(later)) < mess.share("field_maximum")),
        settlement="pending",
        lag=pd.to_timedelta(later["dispute_lag_days"], unit="D").dt.round("s"),
    )


def write_stream(folder: Path, stream: pd.DataFrame, labels: pd.DataFrame) -> None:
    """The sales of the weeks in service, and the disputes that had been raised when they ended."""
    folder.mkdir(parents=True, exist_ok=True)
    end = stream["event_ts"].max().ceil("D")
    raised = pd.concat([labels, stream[list(labels)]], ignore_index=True)
    raised = raised[raised["disputed_at"] < end].sort_values(["disputed_at", "txn_id"], ignore_index=True)
    write_parquet(folder / "transactions.parquet", stream[[*SALE, "settlement"]])
    write_parquet(folder / "labels.parquet", raised)


def _labels_still_to_come(mess: Spoilt, sales: pd.DataFrame) -> pd.DataFrame:
    """Disputes of the sales before the stream that nobody knew of at the snapshot."""
    snapshot = pd.Timestamp(mess.world.calendar.snapshot_seconds, unit="s", tz="UTC")
    return sales.loc[sales["disputed_at"] >= snapshot, ["txn_id", "disputed_at"]]


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


def move_hidden_label(truth: Path, rng: np.random.Generator) -> None:
    """Let two sales of the month to be scored, about equally risky, change what came of them."""
    sales = pd.read_parquet(truth / "transactions.parquet")
    order = sales[sales["hidden"]].sort_values("p_true")
    differs = np.flatnonzero(order["y"].to_numpy()[1:] != order["y"].to_numpy()[:-1])
    first = int(rng.choice(differs))
    columns = ["y", "disputed_at", "p_true", "oracle_p"]
    pair, swapped = order.index[[first, first + 1]], order[columns].iloc[[first + 1, first]]
    sales.loc[pair, columns] = swapped.set_axis(pair)
    write_parquet(truth / "transactions.parquet", sales)
