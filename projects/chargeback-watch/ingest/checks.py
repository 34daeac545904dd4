"""What is asked of ingest: that it adds up, and that everything can be found again as it came."""

import pandas as pd

from grading.kit import (
    NotJson,
    Produced,
    Truth,
    among,
    check,
    compare_ids,
    counted,
    document,
    expect,
    lines,
    listed,
    parse_json,
    table,
)

TRANSACTIONS = {
    "source_file": "string",
    "line_no": "int",
    "schema": "int",
    "txn_id": "string",
    "type": "string",
    "ts_raw": "string",
    "received_at": "string",
    "amount_raw": "string",
    "currency": "string",
    "customer_id": "string",
    "merchant_id": "string",
    "gateway": "string",
    "channel": "string",
    "state": "string",
    "settlement": "string",
    "device_age_days": "float?",
}
MERCHANTS = dict.fromkeys(("merchant_id", "name", "category", "country", "gateway"), "string")
CUSTOMERS = {
    **dict.fromkeys(("customer_id", "country", "signup_date", "source_system"), "string"),
    "birth_year": "int",
    "lifetime_disputes": "int",
}
CONTRACTS = {"merchant_id": "string", "fee_bps": "int", "valid_from": "string", "valid_to": "string?"}
FX = {"date": "string", "currency": "string", "eur_per_unit": "float"}
DISPUTES = dict.fromkeys(("dispute_id", "txn_id", "disputed_at", "status"), "string")
REJECT = {"file": "string", "line": "int", "reason": "string", "raw": "string"}
MANIFEST = {"files": "list", "disputes": "int"}


def read_transactions(produced: Produced) -> pd.DataFrame:
    return table(produced, "transactions.parquet", columns=TRANSACTIONS)


def read_rejects(produced: Produced) -> pd.DataFrame:
    rows = lines(produced, "rejects.jsonl", fields=REJECT)
    return pd.DataFrame([{name: row[name] for name in REJECT} for row in rows], columns=list(REJECT))


@check(skills=["acquire-data", "validate"], level=1, gate=True)
def tables_are_in_form(produced: Produced, truth: Truth) -> None:
    """All eight files are there, with the columns and types that the brief promises."""
    read_transactions(produced)
    table(produced, "merchants.parquet", columns=MERCHANTS)
    table(produced, "customers.parquet", columns=CUSTOMERS, key="customer_id")
    table(produced, "contracts.parquet", columns=CONTRACTS)
    table(produced, "fx.parquet", columns=FX)
    table(produced, "disputes.parquet", columns=DISPUTES)
    read_rejects(produced)
    document(produced, "manifest.json", fields=MANIFEST)


@check(skills=["acquire-data", "validate"], level=2, points=2)
def every_line_is_accounted_for(produced: Produced, truth: Truth) -> None:
    """In every transaction file each line is loaded or rejected, once: the sums add up."""
    loaded = read_transactions(produced)[["source_file", "line_no"]].set_axis(["file", "line"], axis=1)
    rejected = read_rejects(produced)[["file", "line"]]
    both = pd.concat([loaded, rejected], ignore_index=True)
    rows = []
    for name, wanted in truth.json("meta")["lines"].items():
        seen = both.line[both.file == name]
        valid = seen[seen.between(1, wanted)].drop_duplicates()
        if len(seen) != wanted or len(valid) != wanted:
            counts = (int((loaded.file == name).sum()), int((rejected.file == name).sum()))
            rows.append({"file": name, "lines": wanted, "loaded": counts[0], "rejected": counts[1]})
    unknown = sorted(set(both.file) - set(truth.json("meta")["lines"]))
    expect(not unknown, f"source_file names files that are not among the sources: {listed(unknown)}.")
    expect(
        not rows,
        f"In {counted(len(rows), 'file')} the lines do not add up: some are neither loaded nor rejected with a "
        "reason, or are there twice, or carry a number that is not theirs. A loader that skips what it does "
        "not understand hides a broken feed, and nobody looks for sales that were never seen. Compare, for "
        "one of these files, the line numbers 1 to n with those that you wrote.",
        details=rows,
    )


@check(skills=["acquire-data", "validate"], level=2)
def rejects_say_which_line_and_why(produced: Produced, truth: Truth) -> None:
    """Every line that is no message is rejected with its file, its number, a reason and its text; no good line is."""
    rejects = read_rejects(produced)
    wanted = {name: number for name, number in truth.json("meta")["rejects"].items() if number}
    counts = rejects.file.value_counts().to_dict()
    rows = [
        {"file": name, "lines that are no message": wanted.get(name, 0), "rejected": counts.get(name, 0)}
        for name in sorted({*wanted, *counts})
        if wanted.get(name, 0) != counts.get(name, 0)
    ]
    expect(
        not rows,
        f"{counted(len(rejects), 'line is', 'lines are')} rejected where {sum(wanted.values())} should be. "
        "Rejecting too little lets an error page into the books; rejecting too much loses sales. See what "
        "those lines look like, first of all the last line of each file.",
        details=rows,
    )
    mute = int((rejects.reason.str.strip() == "").sum() + (rejects.raw.str.strip() == "").sum())
    expect(mute == 0, "Some rejects have no reason or no text: whoever is called at night has only those to go by.")
    good = sum(_is_message(text) for text in rejects.raw)
    expect(good == 0, f"{counted(good, 'rejected line is', 'rejected lines are')} a complete message and no reject.")


def _is_message(text: str) -> bool:
    try:
        return isinstance(parse_json(text.encode()), dict)
    except (NotJson, UnicodeEncodeError):
        return False


@check(skills=["acquire-data"], level=2, points=2)
def no_sale_is_lost(produced: Produced, truth: Truth) -> None:
    """Every sale that was delivered is in the table, before and after the feed changed its field names."""
    transactions = read_transactions(produced)
    there = transactions.txn_id.str.strip().str.lower()
    lost = compare_ids(there, truth.table("transactions", ["txn_id"]).txn_id).missing
    by_schema = transactions.schema.value_counts().to_dict()
    expect(
        not len(lost),
        f"{counted(len(lost), 'sale')} of the sources cannot be found in transactions.parquet. Marta's team "
        "would never see them, and no later milestone can bring them back. Count your rows per schema and per "
        "month: where does the number drop, and what do the lines of that day look like?",
        details=[{"schema": schema, "rows": rows} for schema, rows in sorted(by_schema.items())],
    )


@check(skills=["acquire-data", "validate"], level=2)
def raw_text_is_kept(produced: Produced, truth: Truth) -> None:
    """Amounts, times and ids stand there exactly as they were sent."""
    rows = read_transactions(produced)
    old, new = rows[rows.schema == 1], rows[rows.schema == 2]
    log = truth.table("defects")
    sent = {str(kind): defects for kind, defects in log.groupby("kind")}
    amounts = old[among(old.txn_id, sent["decimal_comma"].record_id)].amount_raw
    changed = {
        "amount_raw, schema 1 (decimal sign)": int((~amounts.str.contains(",", regex=False)).sum()),
        "amount_raw, schema 2 (whole minor units)": int((~new.amount_raw.str.fullmatch(r"-?\d+")).sum()),
        "ts_raw, schema 1 (no zone)": _rewritten(old, "ts_raw", sent["naive_local_time"]),
        "ts_raw, schema 2 (milliseconds)": int((~new.ts_raw.str.fullmatch(r"\d+")).sum()),
        "customer_id (capitals, spaces)": _rewritten(rows, "customer_id", sent["id_variant"]),
    }
    wrong = {name: number for name, number in changed.items() if number}
    expect(
        not wrong,
        f"Values were changed on the way in: {listed(wrong)}. Ingest that tidies up cannot be checked against "
        "its source: when a number is doubted later, nobody can tell whether it came like this or was made "
        "so. Repairing is the next milestone's job.",
        details=[{"value": name, "cells changed": number} for name, number in wrong.items()],
    )


def _rewritten(rows: pd.DataFrame, column: str, sent: pd.DataFrame) -> int:
    """How many of the sales in both are without the text that was sent."""
    there = sent[among(sent.record_id, rows.txn_id)]
    kept = there.merge(rows[["txn_id", column]], left_on=["record_id", "corrupted"], right_on=["txn_id", column])
    return len(there) - kept.record_id.nunique()


@check(skills=["acquire-data"], level=3, points=2)
def disputes_are_complete(produced: Produced, truth: Truth) -> None:
    """Every dispute that the API holds is there."""
    found = table(produced, "disputes.parquet", columns=DISPUTES).dispute_id
    ids = compare_ids(found, truth.table("disputes", ["dispute_id"]).dispute_id)
    expect(
        not len(ids.missing) and not len(ids.extra),
        f"{counted(len(ids.missing), 'dispute')} of the API are missing and {len(ids.extra):,} are not from "
        "it. A sale whose dispute is missing will be taught to your model as a safe one. Note down the "
        "cursor, the status and the number of items of every answer that you get, and see what you made of "
        "the ones that were not 200.",
        expected=counted(len(found.unique()) + len(ids.missing) - len(ids.extra), "dispute"),
        found=counted(len(found.unique()), "dispute"),
    )


@check(skills=["acquire-data"], level=2)
def no_dispute_comes_twice(produced: Produced, truth: Truth) -> None:
    """Each dispute is one row, although pages overlap."""
    found = table(produced, "disputes.parquet", columns=DISPUTES).dispute_id
    twice = int(found.duplicated().sum())
    expect(
        twice == 0,
        f"{counted(twice, 'dispute')} are there more than once. Each copy counts as one more angry cardholder "
        "in every later average. Look at the last items of one page and the first of the next.",
        expected=f"{found.nunique():,} rows",
        found=f"{len(found):,} rows",
    )


@check(skills=["acquire-data"], level=2)
def names_keep_their_letters(produced: Produced, truth: Truth) -> None:
    """Merchant names are read in the encoding in which they were written."""
    merchants = table(produced, "merchants.parquet", columns=MERCHANTS)
    ids = merchants.merchant_id.str.strip().str.lower()
    true = truth.table("merchants").set_index("merchant_id").name
    log = truth.table("defects").query("kind in ['double_encoding', 'escaped_name']")
    spoilt = log.set_index("record_id").corrupted
    wanted = ids.map(spoilt).fillna(ids.map(true))
    known = ids.isin(true.index)
    wrong = int((merchants.name.str.strip() != wanted.str.strip())[known].sum())
    holes = int(merchants.name.str.contains("\ufffd", regex=False).sum())
    mended = int(((merchants.name.str.strip() == ids.map(true).str.strip()) & ids.isin(spoilt.index))[known].sum())
    expect(
        wrong == 0,
        f"{counted(wrong, 'merchant name')} differ from what the file says{_why_differ(holes, mended)}. A merchant "
        "whose name nobody can search for is a merchant whom nobody calls. The data dictionary names the program that "
        "wrote this file.",
    )


def _why_differ(holes: int, mended: int) -> str:
    told = ""
    if holes:
        told += f"; {holes:,} of them hold the replacement character �, whose letter is gone for good"
    if mended:
        told += f"; {mended:,} were damaged before they came to us and you mended them, which is for the next milestone"
    return told


@check(skills=["acquire-data", "validate"], level=2)
def reference_tables_are_whole(produced: Produced, truth: Truth) -> None:
    """Merchants, customers, contracts and rates have every row of their source, the outdated ones too."""
    merchants = table(produced, "merchants.parquet", columns=MERCHANTS).merchant_id
    customers = table(produced, "customers.parquet", columns=CUSTOMERS).customer_id
    contracts = table(produced, "contracts.parquet", columns=CONTRACTS)
    rates = table(produced, "fx.parquet", columns=FX)
    log = truth.table("defects")
    signed = truth.table("contracts", ["merchant_id", "valid_from"])
    quoted = truth.table("fx", ["date", "currency"])
    weekend = set(log.record_id[log.kind == "weekend_gap"])
    pairs = {
        "merchants": (
            merchants,
            [*truth.table("merchants").merchant_id, *log.corrupted[log.kind == "repeated_merchant"]],
        ),
        "customers": (customers, truth.table("customers").customer_id),
        "contracts": (
            contracts.merchant_id + " " + contracts.valid_from.str[:10],
            signed.merchant_id + " " + signed.valid_from.dt.strftime("%Y-%m-%d"),
        ),
        "fx": (
            rates.currency + ":" + rates.date.str[:10],
            [name for name in quoted.currency + ":" + quoted.date if name not in weekend],
        ),
    }
    rows = []
    for name, (found, wanted) in pairs.items():
        ids = compare_ids(found, list(wanted))
        if not ids.same:
            rows.append(
                {"table": name, "missing": len(ids.missing), "foreign": len(ids.extra), "repeated": ids.repeated}
            )
    expect(
        not rows,
        f"{listed(row['table'] for row in rows)} have not the rows of their source. Old contracts and odd "
        "merchants are not rubbish: a sale of February needs the fee of February. Count the rows in the "
        "source and in your table.",
        details=rows,
    )


@check(skills=["reproduce", "validate"], level=2)
def manifest_agrees_with_the_tables(produced: Produced, truth: Truth) -> None:
    """manifest.json says of every file what is really there: lines, loaded, rejected, sha256, and the disputes."""
    manifest = document(produced, "manifest.json", fields=MANIFEST)
    entries = [entry for entry in manifest["files"] if isinstance(entry, dict)]
    said = {str(entry.get("name")): entry for entry in entries}
    loaded = read_transactions(produced).source_file.value_counts()
    rejected = read_rejects(produced).file.value_counts()
    rows = []
    for name, lines_there in truth.json("meta")["lines"].items():
        wanted = {"lines": lines_there, "loaded": int(loaded.get(name, 0)), "rejected": int(rejected.get(name, 0))}
        rows += [
            {"file": name, "field": field, "manifest": str(said.get(name, {}).get(field, "nothing")), "really": value}
            for field, value in wanted.items()
            if said.get(name, {}).get(field) != value
        ]
        digest = said.get(name, {}).get("sha256")
        if not isinstance(digest, str) or len(digest) != 64:
            rows.append({"file": name, "field": "sha256", "manifest": str(digest), "really": "64 hexadecimal digits"})
    disputes = len(table(produced, "disputes.parquet", columns=DISPUTES))
    if manifest["disputes"] != disputes:
        rows.append({"file": "disputes", "field": "rows", "manifest": str(manifest["disputes"]), "really": disputes})
    expect(
        not rows,
        f"The manifest says something else than the tables in {counted(len(rows), 'place')}. It is the receipt "
        "that next month's run is compared with, so it has to be counted and not assumed. `loaded` counts "
        "rows, `lines` all lines of the file, rejected ones included.",
        details=rows,
    )
