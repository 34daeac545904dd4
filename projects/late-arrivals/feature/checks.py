"""What is asked of feature: one row per flight, right values, nothing that was not known two hours before departure."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit import (
    Produced,
    Truth,
    auc,
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
from worlds.boards import Board, Whole
from worlds.slices import ZONE

REQUIRED = {
    "flight_id": "string",
    "sched_dep_ts": "timestamp",
    "asked_at": "timestamp",
    "split": "string",
    "y": "int",
    "local_hour": "int",
    "block_min": "int",
    "plane_age": "float?",
    "visib_known": "float?",
    "n_departed_2h": "int",
    "late_share_2h": "float?",
    "n_overdue_3h": "int",
}
DEFINED = ("local_hour", "block_min", "plane_age", "visib_known", "n_departed_2h", "late_share_2h", "n_overdue_3h")
ABOUT_A_ROW = ("flight_id", "sched_dep_ts", "asked_at", "split", "y")
FLIGHTS = {
    "flight_id": "string",
    "tailnum": "string?",
    "sched_dep_ts": "timestamp",
    "sched_arr_ts": "timestamp",
    "dep_delay_min": "float?",
    "arr_delay_min": "float?",
}
WEATHER = {"observed_at": "timestamp", "visib_mi": "float?"}

HOUR = 3600
LATE_MINUTES = 30
DIFFERING = 0.0005
TOO_GOOD = 0.82
MOST_CODES = 150


def read_features(produced: Produced) -> pd.DataFrame:
    return table(produced, "features.parquet", columns=REQUIRED, others=True)


def read_clean(produced: Produced) -> pd.DataFrame:
    return table(produced.upstream["clean"], "flights.parquet", columns=FLIGHTS)


def chosen_columns(features: pd.DataFrame) -> list[str]:
    """What a model could learn from: every column that is not about the row itself."""
    return [column for column in features.columns if column not in ABOUT_A_ROW]


@check(skills=["engineer-features", "prevent-leakage"], level=1, gate=True)
def table_is_in_form(produced: Produced, truth: Truth) -> None:
    """features.parquet is there, with the columns and types that the brief promises."""
    unknown = sorted(set(read_features(produced).split) - {"train", "void", "score"})
    expect(not unknown, f"split holds {listed(unknown)}; its values are train, void and score.")


@check(skills=["engineer-features", "validate"], level=2, points=2, gate=True)
def one_row_per_flight(produced: Produced, truth: Truth) -> None:
    """Every flight of your clean table is there, exactly once."""
    found, clean = read_features(produced).flight_id, read_clean(produced).flight_id
    ids = compare_ids(found, clean)
    expect(
        ids.same,
        f"Your clean table has {len(clean):,} flights and your feature table {len(found):,} rows: {ids.repeated:,} "
        f"repeat a flight, {len(ids.missing):,} flights are gone, {len(ids.extra):,} come from nowhere. Many a "
        "flight has no plane in the fleet database, and Rosa will be asked about those too. Which join keeps only "
        "what both sides know? Which has two partners for one key?",
        expected=f"{len(clean):,} rows",
        found=f"{len(found):,} rows",
    )


@check(skills=["prevent-leakage", "evaluate"], level=2, points=2)
def splits_are_right(produced: Produced, truth: Truth) -> None:
    """Flights that leave at or after as-of are to be scored; before it, those that never landed are void."""
    features = read_features(produced)
    clean = read_clean(produced).set_index("flight_id").reindex(features.flight_id)
    landed = clean.arr_delay_min.notna().to_numpy()
    future = (clean.sched_dep_ts >= pd.Timestamp(truth.json("meta")["as_of"])).to_numpy()
    wanted = pd.Series(np.where(future, "score", np.where(landed, "train", "void")), features.index)
    wrong = features.split != wanted
    told = pd.DataFrame({"should be": wanted, "is": features.split})[wrong].value_counts()
    expect(
        not wrong.any(),
        f"{counted(int(wrong.sum()), 'flight')} stand in the wrong split. A flight that was cancelled was neither "
        "late nor in time, and a model that is taught it as punctual learns that storms are harmless. A flight of "
        "the weeks to come that is taught at all makes the exam a repetition. Compare earliest and latest departure "
        "per split with as-of.",
        details=[{"should be": pair[0], "is": pair[1], "rows": int(rows)} for pair, rows in told.items()],  # type: ignore[index]
    )


@check(skills=["prevent-leakage"], level=2)
def y_is_the_arrival(produced: Produced, truth: Truth) -> None:
    """y is 1 where a flight landed more than 30 minutes late, 0 where it landed otherwise, and -1 outside train."""
    features = read_features(produced)
    delay = read_clean(produced).set_index("flight_id").arr_delay_min.reindex(features.flight_id)
    late = pd.Series((delay > LATE_MINUTES).to_numpy().astype("int64"), features.index)
    wanted = late.where(features.split == "train", -1)
    wrong = features.split[features.y != wanted].value_counts()
    edge = int(((features.y == 1) & (delay == LATE_MINUTES).to_numpy()).sum())
    expect(
        wrong.empty,
        f"y is not what your clean table says in {counted(int(wrong.sum()), 'row')}, {edge:,} of them exactly on the "
        "edge. Rosa's half hour is the time that a passenger needs to change terminals: at thirty minutes they "
        "still make it. It is the arrival that counts for them, and not the departure; and what nobody knows is -1.",
        details=[{"split": split, "rows": int(rows)} for split, rows in wrong.items()],
    )


@check(skills=["engineer-features"], level=3, points=3)
def contract_features_are_right(produced: Produced, truth: Truth) -> None:
    """The seven promised columns have the values that their definitions give on your own clean tables."""
    features = read_features(produced).set_index("flight_id")
    wanted = define_features(produced.upstream["clean"]).reindex(features.index)
    differ = {c: float((~same_cells(features[c], wanted[c], rtol=1e-6, atol=1e-6)).mean()) for c in DEFINED}
    differ = {column: share for column, share in differ.items() if share > DIFFERING}
    expect(
        not differ,
        f"These columns are not what the brief defines (share of rows): {shares(differ, 1)}. At the desk the same "
        "numbers have to come out of a board and a weather report, so a definition has one meaning or none. Take a "
        "flight of a bad afternoon and count by hand: who had left by two hours before, who should have, which "
        "reading was the last, and which year is a plane's and which the flight's?",
        details=[{"column": column, "rows that differ": f"{share:.2%}"} for column, share in differ.items()],
    )


@check(skills=["prevent-leakage", "reproduce"], level=4, points=3)
def the_past_does_not_move(produced: Produced, truth: Truth) -> None:
    """Built as if an earlier moment were now, the rows asked about before it come out the same, to the last digit."""
    now, then = read_features(produced), read_features(produced.probes["past"])
    cut = pd.Timestamp(truth.json("meta")["cut"])
    found = time_travel(now, then, key="flight_id", time="asked_at", cut=cut, columns=chosen_columns(now))
    expect(not found.absent, f"Built as of an earlier moment, the table lacks the columns {listed(found.absent)}.")
    expect(
        found.same and found.rows > 0,
        f"We took out of your clean tables all that happened from {cut:%Y-%m-%d %H:%M} UTC on, the middle of a bad "
        f"afternoon, and ran your code again. Of {found.rows:,} flights asked about before, these columns changed "
        f"(share of rows): {shares(found.columns, 2) or 'none'}; {found.missing:,} flights were missing. A column "
        "that moves has listened to what came later. Ask of each: which event is the latest that can change it, and "
        "was it known two hours before departure? Look for the flight's own departure, the weather of a later hour, "
        "and averages over the whole table.",
        details=[{"column": column, "rows that moved": f"{share:.2%}"} for column, share in found.columns.items()],
    )


@check(skills=["prevent-leakage", "evaluate"], level=3, points=2)
def no_column_is_too_good(produced: Produced, truth: Truth) -> None:
    """No single column ranks late arrivals better than anything can that is known two hours ahead."""
    features = read_features(produced)
    train = features[features.split == "train"]
    expect(len(train) > 0, "No row is in the split train, so there is nothing to learn from.")
    rows = []
    for column in chosen_columns(train):
        scores = _as_scores(train, column)
        if scores is not None:
            ranks = auc(train.y.clip(0, 1), scores)
            if max(ranks, 1 - ranks) > TOO_GOOD:
                rows.append({"column": column, "ranks late flights": round(max(ranks, 1 - ranks), 3)})
    expect(
        not rows,
        f"{listed(row['column'] for row in rows)} alone ranks the late flights almost perfectly (1 is perfect, 0.5 a "
        "coin). We do not know the best that is possible, but a whole model of ours stays below 0.8, so one column "
        "above 0.82 has seen the answer. When is it written: before the desk asks, or when the plane is at the gate?",
        details=rows,
    )


def _as_scores(train: pd.DataFrame, column: str) -> npt.NDArray[np.float64] | None:
    """The column as numbers; texts of few values as the share of late flights that each had."""
    values = train[column]
    if not pd.api.types.is_numeric_dtype(values):
        if values.nunique() > MOST_CODES or not pd.api.types.is_string_dtype(values):
            return None
        values = values.map(train.y.groupby(values).mean())
    return values.to_numpy(dtype="float64", na_value=np.nan)


@check(skills=["prevent-leakage", "observe-and-test"], level=3)
def no_column_dies(produced: Produced, truth: Truth) -> None:
    """No column that varies in training is one and the same value, or mostly empty, in the weeks to be scored."""
    features = read_features(produced)
    train, score = features[features.split == "train"], features[features.split == "score"]
    columns = [c for c in chosen_columns(features) if train[c].nunique(dropna=False) > 1]
    dead = [c for c in columns if score[c].nunique(dropna=False) == 1]
    hollow = [c for c in columns if c not in dead and score[c].isna().mean() > train[c].isna().mean() + 0.5]
    expect(
        not dead and not hollow,
        f"{listed([*dead, *hollow])} is alive in training and dead in the weeks to be scored: it does not exist yet "
        "when Rosa asks. A model that leans on it falls over on its first morning. Lay the column before as-of "
        "beside the column after it.",
    )


# --- the promised columns, recomputed from the learner's own clean tables ---------------------------------------------


def define_features(clean: Produced) -> pd.DataFrame:
    """The seven columns as the brief defines them, for every flight of these clean tables; index flight_id."""
    flights = table(clean, "flights.parquet", columns=FLIGHTS).drop_duplicates("flight_id").set_index("flight_id")
    planes = table(clean, "planes.parquet", columns={"tailnum": "string", "built": "float?"})
    built = flights.tailnum.map(planes.drop_duplicates("tailnum").set_index("tailnum").built)
    scheduled = _seconds(flights.sched_dep_ts)
    asked = scheduled - 2 * HOUR
    board = Board(scheduled, flights.dep_delay_min.to_numpy(dtype="float64"))
    departed = board.departed(asked, 2 * HOUR)
    local = flights.sched_dep_ts.dt.tz_convert(ZONE)
    late = board.late(asked, 2 * HOUR, LATE_MINUTES)
    return pd.DataFrame(
        {
            "local_hour": local.dt.hour.astype("int64"),
            "block_min": (_seconds(flights.sched_arr_ts) - scheduled) // 60,
            "plane_age": local.dt.year - built.astype("float64"),
            "visib_known": _last_visibility(clean, asked),
            "n_departed_2h": departed,
            "late_share_2h": np.where(departed > 0, late / np.maximum(1, departed), np.nan),
            "n_overdue_3h": board.overdue(asked, 3 * HOUR),
        },
        index=flights.index,
    )


def _last_visibility(clean: Produced, asked: Whole) -> npt.NDArray[np.float64]:
    weather = table(clean, "weather.parquet", columns=WEATHER).sort_values("observed_at", kind="stable")
    place = np.searchsorted(_seconds(weather.observed_at), asked, side="right") - 1
    seen = weather.visib_mi.to_numpy(dtype="float64")[np.maximum(place, 0)]
    return np.asarray(np.where(place < 0, np.nan, seen))


def _seconds(moments: pd.Series) -> Whole:
    seconds: Whole = moments.astype("datetime64[s, UTC]").to_numpy(dtype="datetime64[s]").astype("int64")
    return seconds
