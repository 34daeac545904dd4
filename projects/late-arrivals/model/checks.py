"""What is asked of model. Nobody knows the true chance that a flight lands late, so what stands in its place is said.

Losses are those of what really happened in six weeks that the learner has not seen. 0 is always saying the average of
the training weeks; 1 is a maintainer's model that learnt from the slice before it was spoilt, and is no upper bound.
Luck is bounded by drawing whole days again: one thunderstorm is one event, not two hundred.
"""

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit import (
    DoesNotHold,
    Measured,
    Produced,
    Truth,
    among,
    at_least,
    bootstrap_bound,
    calibration,
    check,
    compare_ids,
    counted,
    differing_answers,
    document,
    expect,
    log_losses,
    model_file,
    printable,
    read_mark,
    read_regular,
    relative_gain,
    table,
)
from worlds.slices import ZONE

MODEL_FILES = ("model.json", "model.safetensors", "model.npz", "model.txt", "model.pkl", "model.joblib")
PREDICTIONS = {"flight_id": "string", "probability": "float"}
REPORT = {
    "claimed_logloss": "number",
    "claimed_base_logloss": "number",
    "validation_from": "string",
    "validation_to": "string",
    "features": "list",
}
FEATURES = {"flight_id": "string", "split": "string"}
TIMES = {"sched_dep_ts": "timestamp", "split": "string"}

MARK = read_mark(__file__, "skill_is_enough")
RATIO = (0.5, 2.0)
# Weeks differ: an honest claim missed the weeks after it by 0.07 (standard deviation of 20 worlds).
OVERCLAIM, UNDERCLAIM = 0.25, 0.05
# The validation period begins behind half of the training flights and ends with the last of them.
HALF, LATEST = 0.5, pd.Timedelta(days=7)
SAME = 1e-9

Floats = npt.NDArray[np.float64]


def read_predictions(run: Produced) -> pd.Series:
    """Probability by flight_id, as predict wrote it."""
    rows = table(run, "predictions.parquet", columns=PREDICTIONS, key="flight_id")
    return rows.set_index("flight_id").probability


def read_report(produced: Produced) -> tuple[float, float]:
    """The claimed loss, and the claimed loss of always saying the average."""
    report = document(produced, "report.json", fields=REPORT)
    claimed, base = float(report["claimed_logloss"]), float(report["claimed_base_logloss"])
    if not (claimed >= 0 and 0 < base < 10):
        raise DoesNotHold(
            f"report.json claims a log loss of {claimed:g} against {base:g} for the average: a log loss is never "
            "negative, and that of an average lies between 0 and 1."
        )
    return claimed, base


def hidden_weeks(produced: Produced, truth: Truth) -> tuple[pd.DataFrame, Floats, float]:
    """The flights to be scored that landed, what was said about each, and the rate that somebody without a model says.

    A flight without a prediction counts as that rate; those that were cancelled have no answer and are not judged.
    """
    flights = truth.table("flights", ["flight_id", "hidden", "late", "anchor_p", "sched_dep_ts"])
    flights = flights[flights.hidden & (flights.late >= 0)].set_index("flight_id")
    naive = float(truth.json("meta")["naive_rate"])
    said = read_predictions(produced.probes["predictions"]).reindex(flights.index).fillna(naive)
    return flights, said.to_numpy(dtype="float64"), naive


def daily(flights: pd.DataFrame, per_flight: Floats) -> Floats:
    """The sums of New York's days, each divided by the mean number of flights of a day: their mean is that of all."""
    days = flights.sched_dep_ts.dt.tz_convert(ZONE).dt.normalize().to_numpy()
    sums = pd.Series(per_flight).groupby(days).sum().to_numpy(dtype="float64")
    return np.asarray(sums * len(sums) / len(per_flight))


@check(skills=["build-models", "evaluate"], level=1, gate=True)
def files_are_in_form(produced: Produced, truth: Truth) -> None:
    """report.json and the predictions are there in the form that the brief promises, with probabilities from 0 to 1."""
    read_report(produced)
    said = read_predictions(produced.probes["predictions"])
    outside = int((~said.between(0, 1)).sum())
    expect(
        outside == 0, f"{counted(outside, 'prediction')} lie outside 0 to 1: they are scores and no probabilities yet."
    )
    read_predictions(produced.probes["shuffled"])


@check(skills=["build-models", "serve"], level=2)
def model_is_data_not_code(produced: Produced, truth: Truth) -> None:
    """The model is one file of at most 5 MB that can be opened without running anything."""
    model_file(produced, MODEL_FILES)


@check(skills=["build-models", "validate"], level=2)
def every_flight_is_scored(produced: Produced, truth: Truth) -> None:
    """Predict gives one probability for each row that it was given."""
    asked = table(produced.upstream["feature"], "features.parquet", columns=FEATURES)
    wanted = asked.flight_id[asked.split == "score"]
    ids = compare_ids(pd.Series(read_predictions(produced.probes["predictions"]).index), wanted)
    expect(
        ids.same,
        f"Predict was asked about {len(wanted):,} flights and is silent about {len(ids.missing):,}; "
        f"{len(ids.extra):,} answers are about others. Silence reads as 'in time' on a screen at the desk. Which "
        "rows drop out: those whose plane nobody lists, or those of an hour without weather?",
        expected=f"{len(wanted):,} predictions",
        found=f"{len(wanted) - len(ids.missing):,} of them",
    )


@check(skills=["build-models"], level=2, points=2)
def not_beaten_by_the_average(produced: Produced, truth: Truth) -> None:
    """On what really happened the model beats always saying the average, at least if its days were unlucky ones."""
    flights, said, naive = hidden_weeks(produced, truth)
    saved = log_losses(flights.late, np.full(len(said), naive)) - log_losses(flights.late, said)
    low, high = bootstrap_bound(daily(flights, saved))
    expect(
        high > 0,
        f"Against always saying {naive:.1%} the model saves {saved.mean():+.3f} of log loss per flight; with other "
        f"days of the same kind it might have been {low:+.3f} to {high:+.3f}, and nothing in that range is a gain. A "
        "number on a sticky note would serve Rosa as well. Does it tell one flight from another at all? Is it the "
        "chance of being late that it says?",
    )


@check(skills=["build-models", "engineer-features"], level=3, points=4)
def skill_is_enough(produced: Produced, truth: Truth) -> Measured:
    """The model comes close enough to a maintainer's model, judged by what really happened in weeks nobody has seen."""
    flights, said, naive = hidden_weeks(produced, truth)
    losses = log_losses(flights.late, np.full(len(said), naive))
    reach = losses - log_losses(flights.late, flights.anchor_p)
    gained = losses - log_losses(flights.late, said)
    skill = float(gained.sum() / reach.sum())
    low, high = bootstrap_bound(daily(flights, gained) / reach.mean())
    return at_least(
        skill,
        MARK,
        f"On six weeks that your code has not seen, the skill of your model is {tell_skill(skill, 2)} "
        f"({tell_skill(low, 1)} to {tell_skill(high, 1)} if the days had fallen otherwise); {MARK} is needed. 0 is "
        f"always saying {naive:.1%}. 1 is a model of ours that learnt from the same flights before they were spoilt: "
        "not the best there is, for nobody knows that. Below the mark, Rosa holds seats for the wrong passengers. The "
        "timetable knows little of a bad day; the board does: who was late, and who was missing, in the hours before "
        "you were asked? And beware of what only tells the season.",
        margin=0.02,
        found=tell_skill(skill, 2),
    )


def tell_skill(skill: float, places: int) -> str:
    """As coarse as it may be told: whether one flight was late moves the bounds by hundredths, and more far below."""
    return "below -1" if skill < -1 else f"{skill:.{places}f}"


@check(skills=["evaluate", "build-models"], level=3, points=2)
def the_level_is_sound(produced: Produced, truth: Truth) -> None:
    """On average the model says about what the maintainer's model says; neither can know how the season will turn."""
    flights, said, _ = hidden_weeks(produced, truth)
    ours, yours, real = float(flights.anchor_p.mean()), float(said.mean()), float(flights.late.mean())
    expect(
        RATIO[0] < yours / ours < RATIO[1],
        f"On average you say {yours:.1%} where our own model says {ours:.1%} (it turned out to be {real:.1%}, and "
        "seasons do turn: we do not hold that against anybody). Rosa staffs the desk by the sum of these numbers. "
        "Weighting the classes, sampling them or teaching cancelled flights as punctual moves the level; a column "
        "that only counts the days carries last month's trend into the next.",
        expected=f"{RATIO[0] * ours:.1%} to {RATIO[1] * ours:.1%}",
        found=f"{yours:.1%}",
    )


@check(skills=["evaluate", "prevent-leakage"], level=2, points=2)
def the_validation_lies_ahead(produced: Produced, truth: Truth) -> None:
    """The claim was measured on flights later than those that the model learnt from, up to the last that landed."""
    began, ended = read_period(produced)
    flights = table(produced.upstream["feature"], "features.parquet", columns=TIMES)
    learnt = flights.sched_dep_ts[flights.split == "train"]
    before = float((learnt < began).mean()) if len(learnt) else 0.0
    expect(
        HALF <= before < 1,
        f"By validation_from in report.json your validation begins where {before:.0%} of the training flights lie "
        "behind it; at least half have to, and some must be left to measure. Rows drawn at random have neighbours on "
        "both sides: a flight of Tuesday at five is nearly known to whoever saw those of four and of six, and for "
        "next week's flights there is no six o'clock yet.",
        expected=f"after {HALF:.0%} to 99% of the training flights",
        found=f"after {before:.0%}",
    )
    expect(
        began < ended and abs(ended - learnt.max()) <= LATEST,
        f"Your validation ends on {ended:%Y-%m-%d}, and the last flight that may be learnt from left on "
        f"{learnt.max():%Y-%m-%d}. What came in between was known to the model that was measured, or left out; what "
        "comes after it is nobody's to measure yet. Rosa is going to ask about the weeks right after: measure on the "
        "last that you have.",
        expected=f"{learnt.max():%Y-%m-%d}, or up to a week from it",
        found=f"{ended:%Y-%m-%d}",
    )


def read_period(produced: Produced) -> tuple[pd.Timestamp, pd.Timestamp]:
    """When the validation period begins and ends, as report.json says it, in UTC."""
    report = document(produced, "report.json", fields=REPORT)
    return _moment(report["validation_from"]), _moment(report["validation_to"])


def _moment(text: str) -> pd.Timestamp:
    """A date or a moment as people write them, in UTC unless it says otherwise."""
    try:
        moment = pd.Timestamp(datetime.fromisoformat(text.strip()))
        return moment.tz_localize("UTC") if moment.tz is None else moment.tz_convert("UTC")
    except (ValueError, OverflowError):
        raise DoesNotHold(
            f"report.json says {printable(text, 40)!r} where a validation begins or ends; write a date such as "
            "2013-05-09, or a moment such as 2013-05-09T12:00:00+00:00."
        ) from None


@check(skills=["evaluate"], level=4, points=3)
def the_claim_is_honest(produced: Produced, truth: Truth) -> None:
    """In the weeks to come the model is about as good as report.json says, as far as luck and seasons allow to tell."""
    claimed, base = read_report(produced)
    flights, said, _ = hidden_weeks(produced, truth)
    promise = relative_gain(claimed, base)
    even = log_losses(flights.late, np.full(len(said), float(flights.late.mean())))
    saved = even - log_losses(flights.late, said) + calibration(flights.late, said).lost
    kept = float(saved.mean() / even.mean())
    low, high = (bound / even.mean() for bound in bootstrap_bound(daily(flights, saved)))
    expect(
        promise <= high + OVERCLAIM,
        f"You reported that the model removes {promise:.0%} of the uncertainty. In the weeks to come it removes "
        f"{kept:.0%}, {high:.0%} with luckier days; a wrong level is forgiven, since no one foresees a season, and "
        f"{OVERCLAIM:.0%} more for the weather. What is left was never there. Are both numbers log losses, of the "
        "same rows, and had the model not seen these rows before?",
        expected=f"at most {high + OVERCLAIM:.0%} claimed",
        found=f"{promise:.0%} claimed",
    )
    expect(
        promise >= low - UNDERCLAIM,
        f"You reported that the model removes {promise:.0%} of the uncertainty. In the weeks to come it removes "
        f"{kept:.0%}, {low:.0%} with unlucky days. A little less than that is modesty; this is a measurement that went "
        "wrong, and nobody would have put this model in service. Is it the chance of being late that you compare, and "
        "does it stand beside the arrival of its own flight?",
        expected=f"at least {low - UNDERCLAIM:.0%} claimed",
        found=f"{promise:.0%} claimed",
    )


@check(skills=["reproduce"], level=3)
def training_again_gives_the_same_model(produced: Produced, truth: Truth) -> None:
    """Two trainings with the same seed on the same data write the same model file, byte for byte."""
    name = next((n for n in MODEL_FILES if (produced.folder / n).exists()), MODEL_FILES[0])
    first, second = (read_regular(run, name, 6) for run in (produced, produced.probes["again"]))
    expect(
        first == second,
        f"Trained twice with the same --seed on the same table, {name} is not the same file. When an airline asks "
        "why its passengers were rebooked, the model of that day has to be made again. Look for chance that does "
        "not come from --seed, for sets whose order changes from run to run, and for the time of day inside the "
        "file.",
    )


@check(skills=["build-models", "serve"], level=2)
def order_does_not_matter(produced: Produced, truth: Truth) -> None:
    """A flight gets the same probability whatever rows it is asked with, in whatever order."""
    together = read_predictions(produced.probes["predictions"])
    apart = read_predictions(produced.probes["shuffled"])
    ids = compare_ids(pd.Series(apart.index), together.index)
    differ = differing_answers(apart[among(apart.index, together.index)], together, SAME)
    expect(
        differ == 0 and not len(ids.extra),
        f"We asked about half of the flights again, in another order: {differ:,} of {len(apart):,} got another "
        "probability. The desk asks about one flight at a time. Does predict work something out from the rows at "
        "hand, a mean, a scale, the list of carriers, instead of taking it from the model?",
    )
