"""What is asked of model: good forecasts, shelves seen through, bands that hold, and a claim that was earned."""

from datetime import date, timedelta
from typing import TypeGuard

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit import (
    DoesNotHold,
    Measured,
    Produced,
    Truth,
    at_least,
    at_most,
    bars,
    check,
    compare_ids,
    counted,
    document,
    expect,
    listed,
    model_file,
    read_mark,
    read_regular,
    relative_gain,
    table,
)
from worlds.demand import below, cumulative, expected_deviance

MODEL_FILES = ("model.json", "model.safetensors", "model.npz", "model.txt", "model.pkl", "model.joblib")
FORECAST = {
    **dict.fromkeys(("store", "sku"), "string"),
    **dict.fromkeys(("date", "as_of"), "date"),
    "horizon": "int",
    **dict.fromkeys(("mean", "q10", "q50", "q90"), "float"),
}
REPORT = {"origins": "list", "claimed_deviance": "number", "claimed_naive_deviance": "number", "features": "list"}
ROWS = {"store": "string", "sku": "string", "as_of": "date", "horizon": "int", "split": "string"}
LEARNT = {"split": "string", "as_of": "date", "sold": "float?", "stockout": "bool?", "level_56": "float?"}
DEVIANCES = ["deviance", "naive_deviance"]
KEY = ["store", "sku", "date"]
Floats = npt.NDArray[np.float64]
SAID = ["mean", "q10", "q50", "q90"]

SKILL = read_mark(__file__, "skill_is_enough")
SEEN = read_mark(__file__, "hidden_demand_is_seen")
BAND = (0.6, 0.95)
SLICE = (0.5, 1.7)
OVERCLAIM, UNDERCLAIM = 0.4, 0.4
RECOMPUTED, LEAST_LEVEL = 0.005, 0.05
SAME = 1e-9
FEWEST_ORIGINS, FORTNIGHT = 3, timedelta(days=14)


def read_forecast(run: Produced) -> pd.DataFrame:
    rows = table(run, "forecast.parquet", columns=FORECAST)
    return rows.assign(row=_name(rows))


def _name(rows: pd.DataFrame) -> pd.Series:
    return rows.store + "/" + rows.sku + "/" + rows.as_of.astype("str") + "/" + rows.horizon.astype("str")


def fortnight(produced: Produced, truth: Truth) -> pd.DataFrame:
    """The days to be forecast with all that the world knows of them, and `said` (mean), q10, q50, q90.

    A shelf without a forecast counts as its own average.
    """
    future = truth.table("future")
    said = read_forecast(produced.probes["predictions"]).drop_duplicates(KEY)
    both = future.merge(said[[*KEY, *SAID]].rename(columns={"mean": "said"}), on=KEY, how="left")
    return both.fillna(dict.fromkeys(("said", "q10", "q50", "q90"), both.naive))


def read_report(produced: Produced) -> tuple[float, float]:
    """The claimed deviance and that of the shelf's own average."""
    report = document(produced, "report.json", fields=REPORT)
    claimed, naive = float(report["claimed_deviance"]), float(report["claimed_naive_deviance"])
    if not (claimed >= 0 and naive > 0):
        raise DoesNotHold(
            f"report.json claims a deviance of {claimed:g} against {naive:g}: neither can be below nought."
        )
    return claimed, naive


@check(skills=["build-models"], level=1, gate=True)
def files_are_in_form(produced: Produced, truth: Truth) -> None:
    """report.json and the forecasts are there in the form that the brief promises, and nothing is below nought."""
    read_report(produced)
    for name in ("predictions", "shuffled", "lately"):
        rows = read_forecast(produced.probes[name])
        under = int((rows[SAID] < 0).any(axis=1).sum())
        expect(under == 0, f"{counted(under, 'forecast')} are below nought: nobody can be ordered less than nothing.")


@check(skills=["build-models", "serve"], level=2)
def model_is_data_not_code(produced: Produced, truth: Truth) -> None:
    """The model is one file of at most 5 MB that can be opened without running anything."""
    model_file(produced, MODEL_FILES)


@check(skills=["build-models", "validate"], level=2)
def every_question_is_answered(produced: Produced, truth: Truth) -> None:
    """Predict gives one forecast for each row that it was given."""
    asked = table(produced.upstream["feature"], "features.parquet", columns=ROWS)
    wanted = asked[asked.split == "score"]
    ids = compare_ids(read_forecast(produced.probes["predictions"]).row, _name(wanted))
    expect(
        ids.same,
        f"Predict was asked {len(wanted):,} questions and is silent about {len(ids.missing):,}; {ids.repeated:,} "
        f"answers come twice and {len(ids.extra):,} are about something else. What is not forecast is not ordered. "
        "Which rows drop out on the way: those with an empty cell?",
        expected=f"{len(wanted):,} forecasts",
        found=f"{len(wanted) - len(ids.missing):,} of them",
    )


@check(skills=["build-models"], level=2)
def quantiles_are_in_order(produced: Produced, truth: Truth) -> None:
    """The low quantile is never above the middle one, nor that above the high one."""
    rows = read_forecast(produced.probes["predictions"])
    crossed = int(((rows.q10 > rows.q50 + SAME) | (rows.q50 > rows.q90 + SAME)).sum())
    expect(
        crossed == 0,
        f"In {crossed:,} of {len(rows):,} forecasts the quantiles cross: less than the least likely, or more than the "
        "most. Three models that were fitted apart do not know of each other. Look at one such row beside its "
        "neighbours.",
    )


@check(skills=["build-models", "engineer-features"], level=3, points=4)
def skill_is_enough(produced: Produced, truth: Truth) -> Measured:
    """The mean closes enough of the gap between each shelf's own average and the best that could be known."""
    rows = fortnight(produced, truth)
    loss = {name: _loss(rows, name) for name in ("said", "naive")}
    skill = 1 - loss["said"] / loss["naive"]
    return at_least(
        skill,
        SKILL,
        f"In the fortnight that nobody has seen, your forecasts have a skill of {skill:.2f}; {SKILL:.2f} is needed, 0 "
        "is each shelf's average of eight weeks, 1 is all that could be known on that evening. Aylin would order much "
        "as she does by habit. The picture says where it is lost. Does the model know the weekday, the plan, the "
        "weather that was forecast, and how *this* shelf has been going lately?",
        margin=0.02,
        plot=bars(
            _skill_by(rows, "category", truth),
            title="Skill, by category of article",
            by="category",
            value="skill",
            mark=SKILL,
        ),
    )


def _loss(rows: pd.DataFrame, name: str) -> float:
    """Deviance from what could be known on that evening: what plans and weather then did is nobody's fault."""
    return expected_deviance(rows.oracle.to_numpy(), rows[name].to_numpy())


def _skill_by(rows: pd.DataFrame, column: str, truth: Truth) -> dict[str, float]:
    named = rows.merge(truth.table("articles")[["sku", "category"]], on="sku")
    return {str(name): 1 - _loss(part, "said") / _loss(part, "naive") for name, part in named.groupby(column)}


@check(skills=["build-models", "clean"], level=4, points=4)
def hidden_demand_is_seen(produced: Produced, truth: Truth) -> Measured:
    """On shelves that are often empty, the forecasts are of what was asked for and not of what there was to sell."""
    rows = _lately(produced, truth)
    often, others = rows[rows.short], rows[~rows.short]
    expect(len(often) and others.said.sum() > 0, "Of the evenings before as-of there is hardly one forecast.")
    # What is wrong with the level of all shelves alike is the business of other checks.
    level = float(others["mean"].sum() / others.said.sum())
    hidden = float(often["mean"].sum() - often.sold.sum())
    seen = (level * float(often.said.sum()) - float(often.sold.sum())) / hidden
    return at_least(
        seen,
        SEEN,
        f"On the shelves that are most often empty, {hidden / float(often['mean'].sum()):.0%} of what customers asked "
        f"for was never rung up. Your forecasts bring {seen:.2f} of that back (1: all, 0: none, below 0: they believe "
        "that even less is wanted). Whoever orders by such numbers keeps those shelves empty for good. What does a "
        "till say of a day that sold out at noon, what do your own averages say of it, and what does leaving such "
        "days out leave in?",
        margin=0.03,
    )


def _lately(produced: Produced, truth: Truth) -> pd.DataFrame:
    """The forecasts of all earlier evenings with what was asked for (`mean`), `sold`, and whether the shelf is
    `short`."""
    shelves = truth.table("future", ["store", "sku", "short"]).drop_duplicates()
    past = truth.table("sales_daily").dropna(subset=["sold"]).merge(shelves, on=["store", "sku"])
    said = read_forecast(produced.probes["lately"]).drop_duplicates(KEY)
    return past.merge(said[[*KEY, "mean"]].rename(columns={"mean": "said"}), on=KEY)


@check(skills=["evaluate", "build-models"], level=3, points=2)
def the_band_holds(produced: Produced, truth: Truth) -> None:
    """About eight days in ten of what is asked for lie between the low and the high quantile."""
    rows = fortnight(produced, truth)
    chances = cumulative(rows["mean"].to_numpy(), truth.json("meta")["dispersion"])
    under = float(below(np.ceil(rows.q10.to_numpy()) - 1, chances).mean())
    over = 1 - float(below(rows.q90.to_numpy(), chances).mean())
    inside = 1 - under - over
    expect(
        BAND[0] <= inside <= BAND[1],
        f"{inside:.0%} of the demand lies in your band where about 80 % should: {under:.0%} is below it and {over:.0%} "
        "above. Aylin takes the high number for what must not run out and the low one for what spoils by evening; a "
        "band that is too narrow costs her customers, one that is too wide costs her bread. Count, in your own "
        "back-test, how often sales fell outside on days with a full shelf.",
        expected="about 80 %",
        found=f"{inside:.0%}",
    )


@check(skills=["evaluate"], level=3, points=2)
def the_sums_add_up(produced: Produced, truth: Truth) -> None:
    """For each store and each category the forecasts of a fortnight add up to about what is asked for there."""
    rows = fortnight(produced, truth).merge(truth.table("articles")[["sku", "category"]], on="sku")
    off = []
    for column in ("store", "category"):
        sums = rows.groupby(column)[["said", "oracle"]].sum()
        ratio = sums.said / sums.oracle
        off += [{column: str(name), "said": f"{value:.0%}"} for name, value in ratio.items() if not _fits(value)]
    expect(
        not off,
        f"For {listed(next(iter(row.values())) for row in off)} the sum of a fortnight is far from what is asked for "
        "there (100 % is right). The lorry is loaded by sums: errors that cancel out over the chain do not cancel out "
        "in one shop. Which of your columns tells this shop or category from the others?",
        details=off,
    )


def _fits(ratio: float) -> bool:
    return SLICE[0] < ratio < SLICE[1]


@check(skills=["evaluate", "prevent-leakage"], level=3, points=2)
def the_backtest_rolls_forward(produced: Produced, truth: Truth) -> None:
    """The report measures at three or more days of forecast, each with a whole known fortnight after it."""
    origins = document(produced, "report.json", fields=REPORT)["origins"]
    today = date.fromisoformat(truth.facts["as_of"])
    days = set(read_evenings(produced).evening)
    late = sorted(day for day in days if day > today - FORTNIGHT)
    numbers = all(isinstance(entry, dict) and _is_number(entry.get("deviance")) for entry in origins)
    expect(
        len(days) >= FEWEST_ORIGINS and numbers and not late,
        f"The report tells of {counted(len(days), 'day')} of forecast, {len(late):,} of them less than a fortnight "
        f"before as-of. One good fortnight can be luck; {FEWEST_ORIGINS} in a row, each forecast from the evening "
        "before it, are a record. Which evenings have a whole fortnight of known sales after them, and what had the "
        "model seen by then?",
    )


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


@check(skills=["evaluate"], level=4, points=3)
def the_claim_is_honest(produced: Produced, truth: Truth) -> Measured:
    """The claim's yardstick is that of the fortnights after its evenings, and in the next one the claim holds."""
    claimed, naive = read_report(produced)
    expect_fortnights(produced, claimed, naive)
    rows = fortnight(produced, truth)
    rows = rows[~rows.stockout]
    promise = relative_gain(claimed, naive)
    kept, best = (relative_gain(_realised(rows, name), _realised(rows, "naive")) for name in ("said", "oracle"))
    # Where half of the shelves were emptied, those that were not are the ones that sold little by chance, and to know
    # their demand exactly does worse on them than their average. That is the fortnight's fault and no claim's.
    excused = -min(0.0, best)
    expect(
        kept - promise <= UNDERCLAIM,
        f"You claim to remove {promise:.0%} of the deviance that the shelf's own average has; in the next fortnight it "
        f"is {kept:.0%}. A little more than you said is modesty; this is a measurement that went wrong, and nobody "
        "would order by this model. Are forecast and sales both in pieces, of the same article on the same day?",
        expected=f"at least {kept - UNDERCLAIM:.0%} claimed",
        found=f"{promise:.0%} claimed",
    )
    return at_most(
        promise - kept - excused,
        OVERCLAIM,
        f"You claim to remove {promise:.0%} of the deviance that the shelf's own average has; in the next fortnight "
        f"it is {kept:.0%}. A shop is opened on the strength of such a number. Had the model seen the days that it was "
        "measured on, or shelves of the same days? Are both deviances from the same rows, full shelves only?",
        margin=0.03,
        expected=f"at most {kept + excused + OVERCLAIM:.0%} claimed",
        found=f"{promise:.0%} claimed",
    )


def expect_fortnights(produced: Produced, claimed: float, naive: float) -> None:
    """The yardstick of each evening was measured on its own fortnight, and the claim is the mean over all rows."""
    told = read_evenings(produced)
    silent = told.evening[told[DEVIANCES].isna().any(axis=1)].astype(str)
    expect(
        len(told) > 0 and silent.empty,
        f"report.json gives no deviance, or no naive_deviance, for {listed(silent) or 'any evening'}: both are "
        "numbers, at each evening, beside an as_of such as 2024-05-12.",
    )
    told = told.merge(naive_again(produced, set(told.evening)), on="evening", how="left")
    off = told[~((told.naive_deviance - told.again).abs() <= RECOMPUTED * told.again)]
    expect(
        off.empty,
        f"On {listed(off.evening.astype(str))} the shelf's own average loses something else on the full shelves of the "
        "fortnight to come than report.json says; see the table. So the claim was measured on other rows. A forecast "
        "is tried on the days that it had to foresee. Which rows were asked for at each evening, and had the model "
        "learnt any of them?",
        details=[
            {"evening": str(evening), "report": said, "worked out": _number(again)}
            for evening, said, again in zip(off.evening, off.naive_deviance, off.again, strict=True)
        ],
    )
    means = [float(np.average(told[name], weights=told.rows)) for name in DEVIANCES]
    expect(
        np.allclose([claimed, naive], means, rtol=RECOMPUTED, atol=0),
        f"You claim a deviance of {claimed:.3f} against {naive:.3f}; over all rows of your evenings, each as "
        f"report.json tells it, the means are {means[0]:.3f} and {means[1]:.3f}. A mean of means is no mean over rows: "
        "an evening with more full shelves counts for more.",
        expected=f"{means[0]:.3f} against {means[1]:.3f}",
        found=f"{claimed:.3f} against {naive:.3f}",
    )


def read_evenings(produced: Produced) -> pd.DataFrame:
    """One row for each evening of the report with what it says: evening (date), deviance, naive_deviance (or NaN)."""
    origins = document(produced, "report.json", fields=REPORT)["origins"]
    dated = [(day, entry) for entry in origins if isinstance(entry, dict) and (day := _day(entry.get("as_of")))]
    told = [(day, *(_number(entry.get(name)) for name in DEVIANCES)) for day, entry in dated]
    rows = pd.DataFrame(told, columns=["evening", *DEVIANCES]).astype(dict.fromkeys(DEVIANCES, "float64"))
    return rows.drop_duplicates("evening").sort_values("evening", ignore_index=True)


def naive_again(produced: Produced, evenings: set[date]) -> pd.DataFrame:
    """evening, again, rows: what the average of 56 days loses by the learner's own table, on how many full shelves."""
    rows = table(produced.upstream["feature"], "features.parquet", columns=LEARNT).dropna(subset=["sold", "level_56"])
    rows = rows[(rows.split == "train") & rows.stockout.eq(False) & rows.as_of.isin(evenings)]
    rows = rows.assign(loss=_deviances(rows.sold, rows.level_56.clip(lower=LEAST_LEVEL)), evening=rows.as_of)
    return rows.groupby("evening", as_index=False).agg(again=("loss", "mean"), rows=("loss", "size"))


def _number(value: object) -> float | None:
    return round(float(value), 4) if _is_number(value) else None


def _realised(rows: pd.DataFrame, name: str) -> float:
    return float(_deviances(rows.sold, rows[name].clip(lower=1e-6)).mean())


def _deviances(sold: pd.Series, said: pd.Series) -> Floats:
    """Poisson deviance of each row: 2 (y ln(y / s) - y + s)."""
    y, s = sold.to_numpy(dtype="float64"), said.to_numpy(dtype="float64")
    logs = np.where(y > 0, y * np.log(np.maximum(y, 1) / s), 0.0)
    return np.asarray(2 * (logs - y + s))


@check(skills=["reproduce"], level=3)
def training_again_gives_the_same_model(produced: Produced, truth: Truth) -> None:
    """Two trainings with the same seed on the same data write the same model file, byte for byte."""
    name = next((n for n in MODEL_FILES if (produced.folder / n).exists()), MODEL_FILES[0])
    first, second = (read_regular(run, name, 6) for run in (produced, produced.probes["again"]))
    expect(
        first == second,
        f"Trained twice with the same --seed on the same table, {name} is not the same file. When an order of last "
        "week is disputed, the model of that day has to be made again. Look for randomness that does not come from "
        "--seed, for sets, and for a time stamp in the file.",
    )


@check(skills=["build-models", "serve"], level=2)
def order_does_not_matter(produced: Produced, truth: Truth) -> None:
    """A shelf gets the same forecast whatever rows it is asked with, in whatever order."""
    together = read_forecast(produced.probes["predictions"]).drop_duplicates("row").set_index("row")[SAID]
    apart = read_forecast(produced.probes["shuffled"]).set_index("row")[SAID]
    other = together.reindex(apart.index)
    differ = int((~((apart - other).abs() <= SAME)).any(axis=1).sum())
    expect(
        differ == 0,
        f"We asked half of the questions again, in another order: {differ:,} of {len(apart):,} got another answer. The "
        "service is asked about one shelf at a time and would disagree with your batch. Does predict work something "
        "out from the rows at hand (a mean, a scale, a list of categories) instead of reading it from the model?",
    )
