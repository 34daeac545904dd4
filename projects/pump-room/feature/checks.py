"""What is asked of feature: a row per pump and mark, right values, no repair in a window, nothing of the future."""

from functools import cache
from pathlib import Path

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

CHANNELS = ("vib", "temp_c", "pressure_bar", "load")
MEANS = tuple(f"{name}_24h_mean" for name in CHANNELS)
REQUIRED = {
    **dict.fromkeys(("row_id", "pump_id", "split"), "string"),
    "ts": "timestamp",
    "y": "int",
    **dict.fromkeys(MEANS, "float?"),
    "readings_24h": "int",
    "hours_since_service": "float",
    "failures_30d": "int",
}
DEFINED = (*MEANS, "readings_24h", "hours_since_service", "failures_30d")
ABOUT_A_ROW = ("row_id", "pump_id", "ts", "split", "y")
READINGS = {"pump_id": "string", "ts": "timestamp", **dict.fromkeys(CHANNELS, "float?")}
STOPS = {"pump_id": "string", "started_at": "timestamp", "ended_at": "timestamp?", "kind": "string"}

DIFFERING = 0.001
TOO_GOOD = 0.93
SUSPICIOUS, FALL = 0.70, 0.15
HOUR, STEP, DAY = 3600, 6, 24
HORIZON, RECENT, FIRST_WEEK = 72 * HOUR, 30 * DAY * HOUR, 7 * DAY * HOUR
FOR_EVER = 1 << 40

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def read_features(produced: Produced) -> pd.DataFrame:
    return table(produced, "features.parquet", columns=REQUIRED, others=True)


def as_of(truth: Truth) -> pd.Timestamp:
    return pd.Timestamp(truth.json("meta")["snapshot"])


def chosen_columns(features: pd.DataFrame) -> list[str]:
    """What a model could learn from: every column that is not about the row itself."""
    return [column for column in features.columns if column not in ABOUT_A_ROW]


# --- the rows and the promised columns, worked out anew from the learner's own clean tables ---------------------------


def seconds(times: pd.Series) -> Whole:
    return times.astype("datetime64[s, UTC]").to_numpy(dtype="datetime64[s]").astype("int64")


def define(produced: Produced, truth: Truth) -> pd.DataFrame:
    """Every row that the brief promises with its split, outcome and promised columns; index row_id."""
    return _define(produced.upstream["clean"].folder, as_of(truth))


@cache
def _define(folder: Path, as_of: pd.Timestamp) -> pd.DataFrame:
    clean = Produced(folder)
    readings = table(clean, "readings.parquet", columns=READINGS)
    stops = table(clean, "stops.parquet", columns=STOPS)
    readings = readings.drop_duplicates(["pump_id", "ts"]).assign(at=lambda frame: seconds(frame.ts))
    open_ = stops.ended_at.isna().to_numpy()
    stops = stops.assign(begun=seconds(stops.started_at), over=np.where(open_, FOR_EVER, seconds(stops.ended_at)))
    start = readings["at"].min() // (DAY * HOUR) * DAY * HOUR
    marks = np.arange(start + FIRST_WEEK, readings["at"].max() + STEP * HOUR + 1, STEP * HOUR)
    now = int(as_of.timestamp())
    own = dict(list(stops.groupby("pump_id")))
    parts = [_of_pump(str(p), frame, own.get(p, stops[:0]), marks, now) for p, frame in readings.groupby("pump_id")]
    return pd.concat(parts).set_index("row_id")


def _of_pump(pump: str, readings: pd.DataFrame, stops: pd.DataFrame, marks: Whole, now: int) -> pd.DataFrame:
    readings = readings.sort_values("at")
    at, ended = readings["at"].to_numpy(), np.sort(stops.over.to_numpy())
    begins = np.append(at[0], ended)[np.searchsorted(ended, marks, side="right")]
    stands = ((stops.begun.to_numpy()[:, None] <= marks) & (marks < stops.over.to_numpy()[:, None])).any(axis=0)
    heard = np.searchsorted(at, marks) > np.searchsorted(at, marks - STEP * HOUR)
    first = np.searchsorted(at, np.maximum(marks - DAY * HOUR, np.where(begins == at[0], 0, begins)))
    last = np.searchsorted(at, marks)
    columns = {
        name: _mean_between(readings[channel], first, last) for name, channel in zip(MEANS, CHANNELS, strict=True)
    }
    failed, planned = (np.sort(stops.begun[stops.kind == kind]) for kind in ("failure", "planned"))
    fails, serviced = (np.searchsorted(t, marks) < np.searchsorted(t, marks + HORIZON) for t in (failed, planned))
    split = np.select([marks >= now, serviced | (marks + HORIZON > now)], ["score", "open"], "train")
    anything = readings[list(CHANNELS)].notna().any(axis=1)
    ts = pd.to_datetime(marks, unit="s", utc=True)
    frame = pd.DataFrame(
        {
            "row_id": [f"{pump}@{moment:%Y-%m-%dT%H}" for moment in ts],
            "split": split,
            "y": np.where(split == "train", fails.astype("int64"), -1),
            **columns,
            "readings_24h": _counted_between(anything, first, last),
            "hours_since_service": (marks - begins) / HOUR,
            "failures_30d": np.searchsorted(failed, marks) - np.searchsorted(failed, marks - RECENT),
        }
    )
    return frame[heard & ~stands]


def _counted_between(known: pd.Series, first: Whole, last: Whole) -> Whole:
    total = np.concatenate([[0], np.cumsum(known.to_numpy(dtype="int64"))])
    counts: Whole = total[np.maximum(last, first)] - total[first]
    return counts


def _mean_between(values: pd.Series, first: Whole, last: Whole) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(values.fillna(0).to_numpy(dtype="float64"))])
    number = _counted_between(values.notna(), first, last)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = np.where(number > 0, (total[np.maximum(last, first)] - total[first]) / number, np.nan)
    return mean


# --- checks -----------------------------------------------------------------------------------------------------------


@check(skills=["engineer-features"], level=1, gate=True)
def table_is_in_form(produced: Produced, truth: Truth) -> None:
    """features.parquet is there, with the columns and types that the brief promises."""
    unknown = sorted(set(read_features(produced).split) - {"train", "open", "score"})
    expect(not unknown, f"split holds {listed(unknown)}; its values are train, open and score.")


@check(skills=["engineer-features", "validate"], level=2, points=2, gate=True)
def one_row_per_pump_and_mark(produced: Produced, truth: Truth) -> None:
    """Every six hours there is a row for each pump that runs and was heard of in the six hours before, and no other."""
    found, wanted = read_features(produced), define(produced, truth)
    ids = compare_ids(found.row_id, wanted.index)
    named = found.pump_id + "@" + found.ts.dt.strftime("%Y-%m-%dT%H")
    misnamed = int((found.row_id != named).sum())
    expect(misnamed == 0, f"{counted(misnamed, 'row_id')} do not say the pump and the hour of their own row.")
    expect(
        len(ids.missing) + len(ids.extra) <= 0.001 * len(wanted) and not ids.repeated,
        f"{len(ids.missing):,} rows are missing, {len(ids.extra):,} should not be there and {ids.repeated:,} come "
        "twice. A pump without a row gets no number in the morning and nobody asks why; a row for a pump that stands "
        "is an answer nobody needs. Do rows with an empty cell fall out, does a join multiply, are the eight first "
        "days in it, and the hours of a stop?",
        expected=f"{len(wanted):,} rows",
        found=f"{len(found):,} rows",
    )


@check(skills=["prevent-leakage", "evaluate"], level=3, points=2)
def splits_are_right(produced: Produced, truth: Truth) -> None:
    """Rows from as-of on are to be scored; rows whose next 72 hours nobody could watch undisturbed are open."""
    found = read_features(produced).set_index("row_id").split
    wanted = define(produced, truth).split.reindex(found.index)
    wrong = (found != wanted) & wanted.notna()
    told = pd.DataFrame({"should be": wanted, "is": found})[wrong].value_counts()
    expect(
        wrong.mean() <= DIFFERING,
        f"{counted(int(wrong.sum()), 'row')} stand in the wrong split. Of a pump that the crew stopped in time nobody "
        "knows whether it would have failed, and of the last three days before as-of nobody knows yet; as peaceful "
        "zeros they teach the model that trouble goes away by itself. For which rows did the 72 hours pass with "
        "somebody looking on?",
        details=[{"should be": pair[0], "is": pair[1], "rows": int(rows)} for pair, rows in told.items()],  # type: ignore[index]
    )


@check(skills=["prevent-leakage"], level=2)
def y_is_what_was_seen(produced: Produced, truth: Truth) -> None:
    """In train, y is 1 where the pump failed within 72 hours and else 0; everywhere else it is -1."""
    found = read_features(produced).set_index("row_id")[["split", "y"]]
    wanted = define(produced, truth).reindex(found.index)
    both = found.split == wanted.split
    wrong = (found.y != wanted.y)[both]
    rows = [
        {"split": str(name), "rows": int(part.sum())} for name, part in wrong.groupby(found.split[both]) if part.any()
    ]
    expect(
        wrong.mean() <= DIFFERING,
        f"y is another than your own stops say in {counted(int(wrong.sum()), 'row')}. Planned stops are no failures, "
        "the 72 hours begin with the row and not with its day, and outside of train an outcome is a claim about "
        "something nobody has seen.",
        details=rows,
    )


@check(skills=["engineer-features"], level=3, points=3)
def promised_columns_are_right(produced: Produced, truth: Truth) -> None:
    """The seven promised columns have the values that their definitions give on your own clean tables."""
    features = read_features(produced).set_index("row_id")
    wanted = define(produced, truth).reindex(features.index)
    fresh = (wanted.hours_since_service < DAY).to_numpy()
    differ, after = {}, {}
    for name in DEFINED:
        wrong = ~same_cells(features[name], wanted[name], rtol=1e-5, atol=1e-5)
        if wrong.mean() > DIFFERING:
            differ[name], after[name] = float(wrong.mean()), float(wrong[fresh].mean()) if fresh.any() else 0.0
    expect(
        not differ,
        f"These columns are not what the brief defines (share of rows): {shares(differ, 1)}. The service will be asked "
        "for the same numbers, one pump at a time. Take one row, preferably on the day after a repair, and work it out "
        "by hand: does the reading of the hour itself count, and does the window reach back into the life of the parts "
        "that were thrown away?",
        details=[
            {"column": n, "rows that differ": f"{share:.1%}", "within a day of a repair": f"{after[n]:.0%}"}
            for n, share in differ.items()
        ],
    )


@check(skills=["prevent-leakage"], level=4, points=3)
def the_past_does_not_move(produced: Produced, truth: Truth) -> None:
    """Built from tables that end earlier, the rows before that moment come out the same, to the last digit."""
    now = read_features(produced)
    for probe, when in CUTS.items():
        then = read_features(produced.probes[probe])
        cut = then.ts.max() + pd.Timedelta(minutes=1)
        found = time_travel(now, then, key="row_id", time="ts", cut=cut, columns=chosen_columns(now))
        expect(not found.absent, f"Built from tables that end earlier, it lacks the columns {listed(found.absent)}.")
        expect(
            found.same and found.rows > 0,
            f"We cut your clean tables {when}. Of {found.rows:,} earlier rows, these columns changed (share of rows): "
            f"{shares(found.columns, 2) or 'none'}; {found.missing:,} rows were missing. Such a column has listened to "
            "what came later, and tomorrow morning there will be nothing to listen to. Which is the latest record that "
            "can change it? Look for scales and fillings over the whole table, windows around a moment instead of "
            "before it, whole days that count at their beginning, and stops that are known before they begin.",
            details=[{"column": column, "rows that moved": f"{share:.2%}"} for column, share in found.columns.items()],
        )


CUTS = {
    "past": "right before a failure, a month before as-of, and ran your code as if that were today",
    "ahead": "within the weeks to be scored, where a pump's last reading tells too much, and ran your code again",
}


@check(skills=["prevent-leakage", "evaluate"], level=4, points=2)
def no_column_is_too_good(produced: Produced, truth: Truth) -> None:
    """No single column ranks the failures of the past far better than those of the coming weeks."""
    features = read_features(produced)
    train, score = features[features.split == "train"], features[features.split == "score"]
    rows = truth.table("rows", ["row_id", "hidden", "p_true"])
    hidden = rows[rows.hidden].set_index("row_id").p_true
    p = hidden.reindex(score.row_id).fillna(hidden.mean()).to_numpy()
    faults = []
    for column in chosen_columns(features):
        if not pd.api.types.is_numeric_dtype(features[column]):
            continue
        past, future = (part[column].to_numpy(dtype="float64", na_value=np.nan) for part in (train, score))
        before, after = auc(train.y.clip(0, 1), past), auc(p, future)
        before, after = (before, after) if before >= 0.5 else (1 - before, 1 - after)
        if before > TOO_GOOD or (before > SUSPICIOUS and before - after > FALL):
            faults.append({"column": column, "ranks the past": round(before, 3), "ranks what comes": round(after, 3)})
    expect(
        not faults,
        f"{listed(row['column'] for row in faults)} alone ranks the failures of the past, and not those of the coming "
        "weeks (1 is perfect, 0.5 is a coin). Your validation would be splendid and Ivo's crew would stand before the "
        "wrong pumps. When does this value come to be, before the pump fails or because it failed?",
        details=faults,
    )
