"""What is asked of feature: one row per sale, right values, nothing of the future, nothing that vanishes next month."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit import (
    Produced,
    Truth,
    auc,
    burst_cut,
    check,
    compare_ids,
    counted,
    expect,
    listed,
    same_cells,
    shares,
    table,
    time_travel,
)

REQUIRED = {
    "txn_id": "string",
    "event_ts": "timestamp",
    "split": "string",
    "y": "int",
    "n_txn_1h": "int",
    "local_hour": "int",
    "is_cross_border": "int",
    "is_new_merchant": "int",
    "fee_bps": "int",
    "days_since_signup": "float",
}
DEFINED = ("n_txn_1h", "local_hour", "is_cross_border", "is_new_merchant", "fee_bps", "days_since_signup")
ABOUT_A_ROW = ("txn_id", "event_ts", "split", "y", "customer_id", "merchant_id")
SALES = {"txn_id": "string", "event_ts": "timestamp", "customer_id": "string", "merchant_id": "string"}

DIFFERING = 0.0005
TOO_GOOD = 0.85
SUSPICIOUS, FALL = 0.60, 0.10
MOST_CODES = 50
HOUR_S, DAY_S = 3600, 86_400
BACK = pd.Timedelta(days=45)  # as in probes.py, which makes the cut
# One customer's or pair's seconds lie in a block of this size, so that one sorted array serves all of them.
BLOCK = 1 << 33

Whole = npt.NDArray[np.int64]


def read_features(produced: Produced) -> pd.DataFrame:
    return table(produced, "features.parquet", columns=REQUIRED, others=True)


def read_clean(produced: Produced) -> pd.DataFrame:
    return table(produced.upstream["clean"], "transactions.parquet", columns=SALES)


def as_of(truth: Truth) -> pd.Timestamp:
    return pd.Timestamp(truth.json("meta")["snapshot"])


def chosen_columns(features: pd.DataFrame) -> list[str]:
    """What a model could learn from: every column that is not about the row itself."""
    return [column for column in features.columns if column not in ABOUT_A_ROW]


@check(skills=["engineer-features"], level=1, gate=True)
def table_is_in_form(produced: Produced, truth: Truth) -> None:
    """features.parquet is there, with the columns and types that the brief promises."""
    splits = set(read_features(produced).split)
    unknown = sorted(splits - {"train", "immature", "score"})
    expect(not unknown, f"split holds {listed(unknown)}; its values are train, immature and score.")


@check(skills=["engineer-features", "validate"], level=2, points=2, gate=True)
def one_row_per_sale(produced: Produced, truth: Truth) -> None:
    """Every sale of your clean table is there, exactly once."""
    found, clean = read_features(produced).txn_id, read_clean(produced).txn_id
    ids = compare_ids(found, clean)
    expect(
        ids.same,
        f"Your clean table has {len(clean):,} sales, your feature table {len(found):,} rows: {ids.repeated:,} "
        f"repeat a sale, {len(ids.missing):,} sales are gone and {len(ids.extra):,} come from nowhere. A sale "
        "that is in there twice is learnt twice; one that is gone gets no score, and Marta's system gets no "
        "answer. Count the rows before and after every join: on which side does one key have several rows, "
        "and which rows find no partner?",
        expected=f"{len(clean):,} rows",
        found=f"{len(found):,} rows",
    )


@check(skills=["prevent-leakage", "evaluate"], level=3, points=2)
def splits_are_right(produced: Produced, truth: Truth) -> None:
    """Sales at or after as-of are to be scored, those of the 35 days before it are immature, the rest is training."""
    features = read_features(produced)
    when = read_clean(produced).set_index("txn_id").event_ts
    times = pd.Series(when.reindex(features.txn_id).to_numpy(), index=features.index)
    now = as_of(truth)
    mature = now - pd.Timedelta(days=int(truth.json("meta")["maturity_days"]))
    wanted = pd.Series(np.where(times >= now, "score", np.where(times > mature, "immature", "train")), features.index)
    wrong = features.split[features.split != wanted]
    young = int(((features.split == "train") & (wanted == "immature")).sum())
    told = pd.DataFrame({"should be": wanted, "is": features.split}).loc[wrong.index].value_counts()
    expect(
        wrong.empty,
        f"{counted(len(wrong), 'sale')} stand in the wrong split, {young:,} of them young sales used for "
        "training. Half of all disputes arrive after the ninth day and some after the thirtieth: a young 0 "
        "means 'not yet', and a model that is taught it as 'fine' learns that recent sales are safe, which "
        "are the only ones Marta asks about. Compare the earliest and the latest event_ts of each split with "
        "as-of.",
        details=[{"should be": pair[0], "is": pair[1], "rows": int(rows)} for pair, rows in told.items()],  # type: ignore[index]
    )


@check(skills=["prevent-leakage"], level=2)
def y_is_what_was_known(produced: Produced, truth: Truth) -> None:
    """y is 1 where your labels know of a dispute, 0 where a matured sale has none, and -1 where nobody can know yet."""
    features = read_features(produced)
    labels = table(produced.upstream["clean"], "labels.parquet", columns={"txn_id": "string"}).txn_id
    known = features.txn_id.isin(labels).astype("int64")
    score, train = features.split == "score", features.split == "train"
    wrong = {
        "train": int((features.y != known)[train].sum()),
        "immature": int(((features.y != known) & (features.y != -1))[~train & ~score].sum()),
        "score": int((features.y != -1)[score].sum()),
    }
    wrong = {split: rows for split, rows in wrong.items() if rows}
    expect(
        not wrong,
        f"y is not what was known in {listed(wrong)}. In the month to be scored nobody knows anything yet; a 0 "
        "there is a claim about the future. Elsewhere a dispute in labels.parquet makes a 1.",
        details=[{"split": split, "rows": rows} for split, rows in wrong.items()],
    )


@check(skills=["engineer-features"], level=3, points=3)
def contract_features_are_right(produced: Produced, truth: Truth) -> None:
    """The six promised columns have the values that their definitions give on your own clean tables."""
    features = read_features(produced).set_index("txn_id")
    wanted = define_features(produced.upstream["clean"], truth).reindex(features.index)
    differ = {c: float((~same_cells(features[c], wanted[c], rtol=1e-6, atol=1e-6)).mean()) for c in DEFINED}
    differ = {column: share for column, share in differ.items() if share > DIFFERING}
    expect(
        not differ,
        f"These columns are not what the brief defines (share of rows): {shares(differ, 1)}. The service will "
        "be asked for the same numbers, one sale at a time, and a definition that only the code knows cannot "
        "be kept twice. Take one sale from the practice world and work the number out by hand: whose clock is "
        "it, which contract was valid that day, and does a sale count itself?",
        details=[{"column": column, "rows that differ": f"{share:.2%}"} for column, share in differ.items()],
    )


@check(skills=["prevent-leakage", "reproduce"], level=4, points=3)
def the_past_does_not_move(produced: Produced, truth: Truth) -> None:
    """Built as if today were an earlier day, the rows before that day come out the same, to the last digit."""
    now, then = read_features(produced), read_features(produced.probes["past"])
    cut = burst_cut(read_clean(produced), group="customer_id", time="event_ts", before=as_of(truth) - BACK)
    found = time_travel(now, then, key="txn_id", time="event_ts", cut=cut, columns=chosen_columns(now))
    expect(not found.absent, f"Built as of an earlier day, the table lacks the columns {listed(found.absent)}.")
    expect(
        found.same and found.rows > 0,
        f"We cut your clean tables at {cut:%Y-%m-%d %H:%M} and ran your code as if that were today. Of "
        f"{found.rows:,} earlier sales, these columns changed (share of rows): "
        f"{shares(found.columns, 2) or 'none'}; {found.missing:,} sales were missing. So these columns had "
        "been listening to what came later, and next month there will be nothing to listen to. For each of "
        "them ask: which row in the data is the latest that can change it? Look for averages, scales, "
        "encodings and fillings over the whole table, for windows that reach forward, and for disputes that "
        "count before they were raised.",
        details=[{"column": column, "rows that moved": f"{share:.2%}"} for column, share in found.columns.items()],
    )


@check(skills=["prevent-leakage", "evaluate"], level=4, points=2)
def no_column_is_too_good(produced: Produced, truth: Truth) -> None:
    """No single column ranks the disputes of the past far better than those of the next month."""
    features = read_features(produced)
    train, score = features[features.split == "train"], features[features.split == "score"]
    hidden = truth.table("transactions", ["txn_id", "p_true"]).set_index("txn_id").p_true
    p = hidden.reindex(score.txn_id).fillna(hidden.mean()).to_numpy()
    rows = []
    for column in chosen_columns(features):
        past, future = _as_scores(train, score, column)
        if past is None or future is None:
            continue
        before, after = auc(train.y.clip(0, 1), past), auc(p, future)
        before, after = (before, after) if before >= 0.5 else (1 - before, 1 - after)
        if before > TOO_GOOD or (before > SUSPICIOUS and before - after > FALL):
            rows.append({"column": column, "ranks the past": round(before, 3), "ranks next month": round(after, 3)})
    expect(
        not rows,
        f"{listed(row['column'] for row in rows)} alone ranks the disputes of the past, and fails on the next "
        "month (1 is perfect, 0.5 is a coin). Your validation would be splendid and your service useless. A "
        "column like this was filled in after the outcome: read in the data dictionary *when* it is written.",
        details=rows,
    )


def _as_scores(
    train: pd.DataFrame, score: pd.DataFrame, column: str
) -> tuple[npt.NDArray[np.float64] | None, npt.NDArray[np.float64] | None]:
    """The column as numbers in both parts; texts of few values as the share of disputes that each had in training."""
    past, future = train[column], score[column]
    if not pd.api.types.is_numeric_dtype(past):
        if past.nunique() > MOST_CODES or not pd.api.types.is_string_dtype(past):
            return None, None
        rate = train.y.groupby(past).mean()
        past, future = past.map(rate), future.map(rate)
    numbers = [part.to_numpy(dtype="float64", na_value=np.nan) for part in (past, future)]
    return numbers[0], numbers[1]


@check(skills=["prevent-leakage", "observe-and-test"], level=3)
def no_column_dies(produced: Produced, truth: Truth) -> None:
    """No column that varies in training is one and the same value for the whole month to be scored."""
    features = read_features(produced)
    train, score = features[features.split == "train"], features[features.split == "score"]
    columns = chosen_columns(features)
    dead = [c for c in columns if train[c].nunique(dropna=False) > 1 and score[c].nunique(dropna=False) == 1]
    expect(
        not dead,
        f"{listed(dead)} varies in training and is always the same in the month to be scored: it does not "
        "exist yet when the decision is made. A model that leans on it falls over on its first day. Compare "
        "the values of the column before and after as-of.",
    )


# --- the promised columns, recomputed from the learner's own clean tables ---------------------------------------------


def define_features(clean: Produced, truth: Truth) -> pd.DataFrame:
    """The six columns as the brief defines them, for every sale of these clean tables; index txn_id."""
    sales = table(clean, "transactions.parquet", columns=SALES).drop_duplicates("txn_id").set_index("txn_id")
    country = {"merchant_id": "string", "country": "string"}
    merchants = table(clean, "merchants.parquet", columns=country).set_index("merchant_id").country
    columns = {"customer_id": "string", "country": "string", "signup_date": "timestamp"}
    customers = table(clean, "customers.parquet", columns=columns).set_index("customer_id")
    where = sales.merchant_id.map(merchants)
    seconds = _seconds(sales.event_ts)
    customer, merchant = pd.factorize(sales.customer_id)[0], pd.factorize(sales.merchant_id)[0]
    signup = sales.customer_id.map(customers.signup_date)
    return pd.DataFrame(
        {
            "n_txn_1h": _count_before(customer, seconds, HOUR_S),
            "local_hour": _local_hours(sales.event_ts, where, truth),
            "is_cross_border": (where != sales.customer_id.map(customers.country)).astype("int64"),
            "is_new_merchant": (_count_before(customer * len(merchants) + merchant, seconds, BLOCK) == 0).astype(
                "int64"
            ),
            "fee_bps": _fee_at(sales, clean),
            "days_since_signup": (sales.event_ts - signup).dt.total_seconds() / DAY_S,
        },
        index=sales.index,
    )


def _seconds(times: pd.Series) -> Whole:
    return times.astype("datetime64[s, UTC]").to_numpy(dtype="datetime64[s]").astype("int64")


def _count_before(group: Whole, seconds: Whole, window: int) -> Whole:
    """For each row, how many rows of its group lie in [seconds - window, seconds)."""
    start = group.astype("int64") * BLOCK
    ordered = np.sort(start + seconds)
    earliest = start + np.maximum(seconds - window, 0)
    count: Whole = np.searchsorted(ordered, start + seconds) - np.searchsorted(ordered, earliest)
    return count


def _local_hours(times: pd.Series, country: pd.Series, truth: Truth) -> Whole:
    places = truth.json("meta")["mechanism"]["tables"]["country"]
    hours = np.full(len(times), -1, dtype="int64")
    for name, zone in zip(places["keys"], places["zone"], strict=True):
        here = (country == name).to_numpy()
        hours[here] = times[here].dt.tz_convert(zone).dt.hour
    return hours


def _fee_at(sales: pd.DataFrame, clean: Produced) -> npt.NDArray[np.float64]:
    columns = {"merchant_id": "string", "fee_bps": "int", "valid_from": "timestamp"}
    contracts = table(clean, "contracts.parquet", columns=columns).sort_values("valid_from")
    asked = sales[["event_ts", "merchant_id"]].assign(row=np.arange(len(sales))).sort_values("event_ts")
    held = pd.merge_asof(asked, contracts, left_on="event_ts", right_on="valid_from", by="merchant_id")
    return held.sort_values("row").fee_bps.to_numpy(dtype="float64")
