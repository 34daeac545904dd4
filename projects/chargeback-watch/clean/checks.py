"""What is asked of clean: every kind of damage is repaired, nothing healthy was touched, and all of it is told."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from grading.kit import (
    IdDifference,
    Produced,
    Truth,
    agree,
    among,
    bars,
    check,
    collateral,
    compare_ids,
    counted,
    expect,
    explain_loss,
    recall_by,
    repair_by_kind,
    same_cells,
    shares,
    table,
)

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
MERCHANTS = dict.fromkeys(("merchant_id", "name", "category", "country"), "string")
CUSTOMERS = {
    "customer_id": "string",
    "country": "string",
    "birth_year": "float?",
    "signup_date": "timestamp",
    "lifetime_disputes": "int",
}
CONTRACTS = {"merchant_id": "string", "fee_bps": "int", "valid_from": "timestamp", "valid_to": "timestamp?"}
LABELS = {"txn_id": "string", "disputed_at": "timestamp"}
CHANGE_LOG = dict.fromkeys(("table", "record_id", "column", "issue", "action"), "string")

REPAIRED = 0.98
UNTOUCHED = 0.001
LOGGED = 0.9
LOGGED_TABLES = ("transactions", "merchants", "customers", "fx", "disputes")
LOGGED_ACTIONS = ("repair", "null", "dedupe", "drop")
IN_WORDS = {
    "cents_as_euros": "amounts a hundred times too large at one gateway for some weeks",
    "decimal_comma": "amounts written with a decimal comma",
    "field_maximum": "amounts that are only the largest number that fits the field",
    "currency_mix_up": "sales abroad that carry the home currency's code",
    "inverted_rate": "sales converted with a rate that was published the wrong way round",
    "weekend_rate": "sales of days without a published rate",
    "naive_local_time": "times without a zone",
    "clock_fault": "times by a clock that stood wrong for some days",
    "unknown_device": "device ages that are a code for unknown",
    "missing_device": "device ages that came empty",
    "authorised_first": "sales of which an earlier message with another amount exists",
    "id_variant": "customer ids in another spelling",
    "redelivery": "messages delivered twice",
    "retried_sale": "sales tried again under another id",
    "refund": "refunds",
    "monitoring_ping": "test purchases of the monitoring",
}


def read_sales(produced: Produced) -> pd.DataFrame:
    return table(produced, "transactions.parquet", columns=SALES)


def true_sales(truth: Truth) -> pd.DataFrame:
    return truth.table("transactions", list(SALES)).set_index("txn_id")


def right_cells(produced: Produced, truth: Truth) -> pd.DataFrame:
    """Which cells of the sales that are there are right: bool, index txn_id.

    An amount follows from its day, so where the time is wrong the amount is not asked again.
    """
    return _compare_cells(produced.folder, truth.folder)


@cache
def _compare_cells(produced: Path, truth: Path) -> pd.DataFrame:
    found = read_sales(Produced(produced)).drop_duplicates("txn_id").set_index("txn_id")
    wanted = true_sales(Truth(truth))
    ids = wanted.index.intersection(found.index)
    found, wanted = found.loc[ids], wanted.loc[ids]
    right = pd.DataFrame({column: same_cells(found[column], wanted[column]) for column in wanted}, index=ids)
    right["amount_eur"] = same_cells(found.amount_eur, wanted.amount_eur, rtol=2e-3, atol=6e-3)
    right["device_age_days"] = same_cells(found.device_age_days, wanted.device_age_days, atol=1e-6)
    right["amount_eur"] |= ~right.event_ts
    return right


def sale_defects(truth: Truth) -> pd.DataFrame:
    """The defects of sales' cells, with those that came through a rate: kind, record_id, column."""
    return _list_defects(truth.folder)


@cache
def _list_defects(folder: Path) -> pd.DataFrame:
    truth = Truth(folder)
    log = truth.table("defects", ["kind", "table", "record_id", "column"])
    parts = [log[log.table == "transactions"], _rate_defects(true_sales(truth), log), _mixed_up_amounts(log)]
    return pd.concat(parts, ignore_index=True)


def _mixed_up_amounts(log: pd.DataFrame) -> pd.DataFrame:
    """Where the currency is another one, so is the amount in euros."""
    return log[log.kind == "currency_mix_up"].assign(column="amount_eur")


def _rate_defects(sales: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """A sale is hit by a rate when the last rate published up to its day was inverted, or when its day has none."""
    day = sales.event_ts.dt.tz_localize(None).dt.normalize()
    weekend = day.dt.dayofweek - 4
    published = (day - pd.to_timedelta(weekend.clip(lower=0), unit="D")).dt.strftime("%Y-%m-%d")
    inverted = (sales.currency + ":" + published).isin(set(log.record_id[log.kind == "inverted_rate"]))
    without = (weekend > 0) & (sales.currency != "EUR") & ~inverted
    hit = {"inverted_rate": sales.index[inverted], "weekend_rate": sales.index[without]}
    parts = [pd.DataFrame({"kind": kind, "record_id": ids, "column": "amount_eur"}) for kind, ids in hit.items()]
    return pd.concat(parts, ignore_index=True)


def unrepaired(produced: Produced, truth: Truth, *kinds: str) -> list[dict[str, object]]:
    """The kinds among these of which more than a few cells are still wrong, as rows for the learner."""
    scores = _score_repairs(produced.folder, truth.folder)
    scores = scores[scores.index.isin(kinds) & (scores.recall < REPAIRED)]
    return [
        {"kind of damage": IN_WORDS[str(kind)], "still wrong": f"{row.wrong:,.0f} of {row.cells:,.0f}"}
        for kind, row in scores.iterrows()
    ]


@cache
def _score_repairs(produced: Path, truth: Path) -> pd.DataFrame:
    return repair_by_kind(_compare_cells(produced, truth), _list_defects(truth))


@check(skills=["clean", "validate"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All six tables are there, with the columns and types that the brief promises."""
    read_sales(produced)
    table(produced, "merchants.parquet", columns=MERCHANTS)
    table(produced, "customers.parquet", columns=CUSTOMERS)
    table(produced, "contracts.parquet", columns=CONTRACTS)
    table(produced, "labels.parquet", columns=LABELS)
    table(produced, "change_log.parquet", columns=CHANGE_LOG, may_be_empty=True)


@check(skills=["clean"], level=2, points=2)
def each_sale_is_one_row(produced: Produced, truth: Truth) -> None:
    """Each sale is one row, and every row is a sale."""
    found = read_sales(produced).txn_id
    ids = compare_ids(found, true_sales(truth).index)
    log = truth.table("defects", ["kind", "table", "record_id"]).query("table == 'transactions'")
    foreign = {str(kind): int(among(ids.extra, rows).sum()) for kind, rows in log.groupby("kind").record_id}
    rows = [{"what": IN_WORDS[kind], "rows": rows} for kind, rows in foreign.items() if rows and kind in IN_WORDS]
    expect(
        not ids.repeated and not len(ids.extra),
        f"{counted(ids.repeated, 'row')} repeat a sale that is already there, and "
        f"{counted(len(ids.extra), 'row')} are no sale at all. Each of them counts twice in every later "
        "average, and a refund that is taken for a purchase makes a quiet customer look busy. Look at all "
        "messages of one txn_id that comes more than once, at customers who buy twice in one second, and at "
        "the values of `type` and of the customers with the most sales.",
        expected=f"{len(found) - ids.repeated - len(ids.extra):,} rows",
        found=f"{len(found):,} rows",
        details=rows,
    )


@check(skills=["clean"], level=2, points=2)
def no_sale_is_lost(produced: Produced, truth: Truth) -> None:
    """Every real sale is still there: what is broken is repaired or left empty, and not dropped."""
    sales = truth.table("transactions", ["txn_id"]).txn_id
    lost = compare_ids(read_sales(produced).txn_id, sales).missing
    why = explain_loss(lost, sale_defects(truth), len(sales))
    named = shares({IN_WORDS.get(kind, kind): share for kind, share in why.items()}) or "no single kind of damage"
    disputes = truth.table("disputes", ["txn_id", "status"])
    disputed = set(disputes.txn_id[disputes.status != "withdrawn"])
    gone, usual = (sum(name in disputed for name in names) / max(1, len(names)) for names in (lost, sales))
    expect(
        len(lost) <= UNTOUCHED * len(sales),
        f"{len(lost):,} of {len(sales):,} real sales are gone. What the lost rows have in common: {named}. "
        f"Dropping is not repairing: {gone:.1%} of the lost sales were disputed against {usual:.1%} of all, so "
        "what is left shows Marta a friendlier world than hers.",
        expected=f"{len(sales):,} sales",
        found=f"{len(sales) - len(lost):,} sales",
    )


@check(skills=["clean"], level=3, points=3)
def amounts_are_right(produced: Produced, truth: Truth) -> None:
    """Amounts are in euros, whatever unit, decimal sign or rate they came with, and empty where nobody knows them."""
    kinds = ("cents_as_euros", "decimal_comma", "field_maximum", "currency_mix_up", "inverted_rate", "weekend_rate")
    rows = unrepaired(produced, truth, *kinds)
    expect(
        not rows,
        f"Amounts are still wrong in {counted(len(rows), 'kind')} of damage (table below). One sale that is a "
        "hundred times too dear hides a hundred real ones, and Marta's two per cent go to the wrong people. "
        "Draw the median amount per gateway and day; count which amount is the commonest; count the currencies "
        "of each merchant; lay the rates of each currency beside their own median; ask which rate was known on "
        "a Sunday.",
        details=rows,
    )


@check(skills=["clean"], level=3, points=2)
def times_are_right(produced: Produced, truth: Truth) -> None:
    """Every event_ts is the instant at which the customer paid, in UTC."""
    zones, clocks = unrepaired(produced, truth, "naive_local_time"), unrepaired(produced, truth, "clock_fault")
    where = [hint for rows, hint in ((zones, ZONES), (clocks, CLOCKS)) if rows]
    expect(
        not where,
        "Some times are off by hours (table below). They move purchases into the wrong hour and across midnight, so "
        f"that busy evenings look like quiet nights, which is exactly what fraud looks for. {' '.join(where)}",
        details=[*zones, *clocks],
    )


ZONES = "The data dictionary says whose clock a time without a zone was read from, in summer and in winter."
CLOCKS = (
    "How long does a message take from the sale to us: is there a gateway with days on which it takes hours, or "
    "arrives before it was sent?"
)


@check(skills=["clean"], level=3, points=2)
def unknown_device_ages_stay_unknown(produced: Produced, truth: Truth) -> None:
    """A device age that nobody knows is an empty cell: no code, no average."""
    rows = unrepaired(produced, truth, "unknown_device", "missing_device")
    expect(
        not rows,
        "Device ages that are unknown hold a number. A code such as that is an ordinary number to every "
        "model, and an average in its place is worse: the age is unknown *more often* where a dispute "
        "follows, so the gap itself is news. Look at the histogram of device_age_days: which value stands "
        "alone?",
        details=rows,
    )


@check(skills=["clean"], level=3)
def the_last_message_of_a_sale_wins(produced: Produced, truth: Truth) -> None:
    """Where a sale came in two messages, the amount is that of the later one."""
    rows = unrepaired(produced, truth, "authorised_first")
    expect(
        not rows,
        "Sales that came as two messages carry the amount of the wrong one. An authorisation is a question "
        "(and usually rounded up), the capture is the payment; with the first one, restaurants and petrol "
        "stations look too dear. Compare `state` and `received_at` of the two messages of one sale.",
        details=rows,
    )


@check(skills=["clean"], level=2)
def ids_join(produced: Produced, truth: Truth) -> None:
    """Every customer and merchant of a sale is found in its table."""
    rows = unrepaired(produced, truth, "id_variant")
    sales = read_sales(produced)
    customers = table(produced, "customers.parquet", columns=CUSTOMERS).customer_id
    merchants = table(produced, "merchants.parquet", columns=MERCHANTS).merchant_id
    real = among(sales.txn_id, true_sales(truth).index)
    orphans = {
        "customer": int((~among(sales.customer_id[real], customers)).sum()),
        "merchant": int((~among(sales.merchant_id[real], merchants)).sum()),
    }
    rows += [
        {"kind of damage": f"sales whose {name} is in no table", "still wrong": n} for name, n in orphans.items() if n
    ]
    expect(
        not rows,
        "Ids of the same customer or merchant are spelt in more than one way, so a join loses them or splits "
        "one history in two: the regular customer becomes a stranger who buys for the first time. Compare the "
        "ids that find no partner with those that do, character by character.",
        details=rows,
    )


@check(skills=["clean"], level=2)
def merchants_are_tidy(produced: Produced, truth: Truth) -> None:
    """Each merchant is one row, with one of the dictionary's categories and a readable name."""
    found = table(produced, "merchants.parquet", columns=MERCHANTS)
    wanted = truth.table("merchants").set_index("merchant_id")
    ids = compare_ids(found.merchant_id, wanted.index)
    there = found.drop_duplicates("merchant_id").set_index("merchant_id").reindex(wanted.index).dropna()
    wrong = {
        column: int((there[column] != wanted.loc[there.index, column]).sum())
        for column in ("category", "name", "country")
    }
    expect(
        ids.same and not any(wrong.values()),
        f"Of {len(wanted)} merchants {_told(ids, wrong)}. A category spelt in four ways is four small categories from "
        "which nobody learns anything. List the distinct categories; look at names with an Ã or an & in them; "
        "compare ids without regard to case.",
    )


def _told(ids: IdDifference, wrong: Mapping[str, int]) -> str:
    """Only what is wrong, each with its number."""
    rows = {"missing": len(ids.missing), "there more than once or too many": ids.repeated + len(ids.extra)}
    parts = [f"{number:,} are {how}" for how, number in rows.items() if number]
    parts += [f"{number:,} have a wrong {column.replace('_', ' ')}" for column, number in wrong.items() if number]
    return ", ".join(parts)


@check(skills=["clean"], level=3)
def customers_are_tidy(produced: Produced, truth: Truth) -> None:
    """Each customer is one row, with the day on which they really signed up, and a birth year or none."""
    found = table(produced, "customers.parquet", columns=CUSTOMERS)
    wanted = truth.table("customers").set_index("customer_id")
    ids = compare_ids(found.customer_id, wanted.index)
    there = found.drop_duplicates("customer_id").set_index("customer_id")
    there = there.loc[there.index.intersection(wanted.index)]
    columns = ("signup_date", "birth_year", "country", "lifetime_disputes")
    wrong = {c: int((~same_cells(there[c], wanted.loc[there.index, c])).sum()) for c in columns}
    expect(
        ids.same and not any(wrong.values()),
        f"Of {len(wanted):,} customers {_told(ids, wrong)}. Dates that are guessed cell by cell swap day and month "
        "without a sound, and a new customer becomes an old one. Which system wrote the date, and how does that "
        "system write dates? Which birth year is far too common?",
        details=[{"column": column, "wrong cells": number} for column, number in wrong.items() if number],
    )


@check(skills=["clean"], level=2)
def only_standing_disputes_are_labels(produced: Produced, truth: Truth) -> None:
    """One label for each sale whose dispute stands, with the time at which it was raised."""
    found = table(produced, "labels.parquet", columns=LABELS)
    disputes = truth.table("disputes")
    standing = disputes[disputes.status != "withdrawn"].set_index("txn_id").disputed_at
    ids = compare_ids(found.txn_id, standing.index)
    there = found.drop_duplicates("txn_id").set_index("txn_id").disputed_at
    there = there[among(there.index, standing.index)]
    moved = int((there != pd.to_datetime(standing[there.index], utc=True)).sum())
    expect(
        ids.same and not moved,
        f"{counted(len(ids.missing), 'dispute')} are missing among the labels, "
        f"{ids.repeated + len(ids.extra):,} are too many, and {moved:,} have another time. What is in here is "
        "what your model will call a dispute; a customer who took their complaint back taught it nothing "
        "about fraud. Look at the distinct values of `status`.",
        expected=counted(len(standing), "label"),
        found=counted(len(found), "label"),
    )


@check(skills=["clean", "validate"], level=3, points=2)
def nothing_else_was_touched(produced: Produced, truth: Truth) -> None:
    """Cells that were right in the source are still the same."""
    damage = collateral(right_cells(produced, truth), sale_defects(truth))
    damage = {column: share for column, share in damage.items() if share > UNTOUCHED}
    contracts = table(produced, "contracts.parquet", columns=CONTRACTS)
    order = ["merchant_id", "valid_from"]
    found, wanted = (frame.sort_values(order)[list(CONTRACTS)] for frame in (contracts, truth.table("contracts")))
    same = len(found) == len(wanted) and all(same_cells(found[c], wanted[c]).all() for c in CONTRACTS)
    rows = [{"table": "transactions", "column": c, "healthy cells changed": f"{s:.1%}"} for c, s in damage.items()]
    rows += [] if same else [{"table": "contracts", "column": "", "healthy cells changed": "some"}]
    expect(
        not rows,
        f"Cells that were right in the source are different now: {shares(damage, 1) or 'in the contracts'}. A "
        "repair that also hits healthy values (clipping, rounding, filling, converting all alike) destroys "
        "exactly the rare values that Marta is looking for. Compare source and result on rows that have "
        "nothing wrong with them.",
        details=rows,
    )


@check(skills=["clean", "reproduce"], level=3)
def change_log_tells_what_changed(produced: Produced, truth: Truth) -> None:
    """The change log names what was repaired, emptied, merged or dropped, and nothing else."""
    log = table(produced, "change_log.parquet", columns=CHANGE_LOG, may_be_empty=True)
    facts = truth.table("defects", ["kind", "table", "record_id", "action"])
    facts = facts[facts.table.isin(LOGGED_TABLES) & facts.action.isin(LOGGED_ACTIONS)]
    on = ["table", "record_id"]
    both = agree(log[log.table.isin(LOGGED_TABLES)], facts, on)
    told = recall_by(log, facts, on, "kind")
    silent = told[told.claimed < LOGGED * told.facts]
    needless = both.claims - both.both
    expect(
        both.precision >= LOGGED and silent.empty,
        f"Your change log names {both.claims:,} records. {both.both:,} of the {both.facts:,} that had damage are among "
        f"them, and {needless:,} had none: at least {LOGGED:.0%} of each kind must be there, and at most "
        f"{1 - LOGGED:.0%} may be needless. An auditor who asks why a sale differs from the bank's file gets an answer "
        "from this table or from nobody. The brief says how a record is named, and what counts as damage.",
        expected=f"{both.facts:,} records",
        found=f"{both.claims:,} records, {both.both:,} of them right",
        details=[
            {**_describe_damage(facts, kind), "in your log": f"{row.claimed} of {row.facts}"}
            for kind, row in silent.iterrows()
        ],
        plot=_picture_the_silence(told),
    )


def _picture_the_silence(told: pd.DataFrame) -> dict[str, object] | None:
    """Which kinds of damage the log says least about, worst first."""
    missed = (1 - told.claimed / told.facts).sort_values(ascending=False)
    names = {str(kind).replace("_", " "): float(share) for kind, share in missed[missed > 0].items()}
    title = "Damage that your change log does not name"
    return bars(names, title=title, by="damage", value="not in your log", share=True) if names else None


def _describe_damage(facts: pd.DataFrame, kind: object) -> dict[str, str]:
    first = facts[facts.kind == kind].iloc[0]
    return {"damage": str(kind).replace("_", " "), "table": first.table, "action": first.action}
