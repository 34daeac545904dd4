"""What is asked of monitor: silence in quiet weeks, the right alarm in others, and a new model only where it helps."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit import (
    DoesNotHold,
    Measured,
    Produced,
    Truth,
    at_least,
    change_week,
    check,
    expect,
    expect_alarm,
    expect_no_replacement,
    expect_quiet,
    expect_replacement,
    model_file,
    read_alarms,
    read_decision,
    skill_score,
    table,
)

MODEL_FILES = ("model.json", "model.safetensors", "model.npz", "model.txt", "model.pkl", "model.joblib")
SCORES = {"txn_id": "string", "probability": "float"}

WON_BACK = 0.05
# A new model may lose a little where nothing has changed: it has seen few sales.
OLD_SLICES = -0.1
DELAY = {"contract": 1, "population": 2, "outcome": 9}
LAST_WEEK = 11

Floats = npt.NDArray[np.float64]


@check(skills=["observe-and-test"], level=1, gate=True)
def files_are_in_form(produced: Produced, truth: Truth) -> None:
    """Alarms, a decision, what the served model said and a model that is data are there for each stream."""
    for run in (produced, *(produced.probes[name] for name in ("quiet", "unit", "population"))):
        read_alarms(run)
        read_decision(run)
    for said in (read_served(produced), read_scores(produced.probes["retrained"], "predictions.parquet")):
        expect(said.between(0, 1).all(), "Some probabilities of the stream's sales lie outside 0 to 1.")
    model_file(produced, MODEL_FILES)


def read_served(produced: Produced) -> pd.Series:
    return read_scores(produced, "served.parquet")


def read_scores(run: Produced, name: str) -> pd.Series:
    return table(run, name, columns=SCORES, key="txn_id").set_index("txn_id").probability


@check(skills=["observe-and-test"], level=3, points=2)
def quiet_weeks_are_quiet(produced: Produced, truth: Truth) -> None:
    """In twelve weeks in which nothing happens at most one week rings, and nobody learns again."""
    expect_quiet(
        produced.probes["quiet"],
        opening="Nothing happened in these twelve weeks, and",
        hint=(
            "After the third false alarm nobody gets up, and a model that is replaced for no reason is only a noisier"
            " one. With a thousand sales a week every test of significance finds something: ask how large a "
            "difference is, and how often you look. And do sales count whose disputes have not had the time to "
            "arrive?"
        ),
    )


@check(skills=["observe-and-test", "validate"], level=3, points=2)
def a_broken_unit_rings_at_once(produced: Produced, truth: Truth) -> None:
    """Amounts that arrive in another unit ring the contract detector within two weeks, and nobody learns from them."""
    run = produced.probes["unit"]
    expect_alarm(run, "contract", since=change_week(truth, "unit"), within=DELAY["contract"], hint=UNIT)
    expect_no_replacement(
        run,
        sentence=(
            "Amounts arrived in another unit and the model was learnt again on them. The model was right and the "
            "feed was wrong: what has to be mended is at the sender, and until then these sales should teach nobody "
            "anything. If the outcome detector rang (table below): which sales does it count? If it did not: what "
            "else may ask for a new model?"
        ),
    )


@check(skills=["observe-and-test"], level=3, points=2)
def other_people_are_noticed(produced: Produced, truth: Truth) -> None:
    """When many devices are replaced, the population detector rings within three weeks, and nobody learns again."""
    run = produced.probes["population"]
    expect_alarm(run, "population", since=change_week(truth, "population"), within=DELAY["population"], hint=POPULATION)
    expect_no_replacement(
        run,
        sentence=(
            "The sales are other ones than before, what they lead to is what your model says, and it was learnt "
            "again. New people are a reason to look and not yet a reason to change. Only outcomes can say that a "
            "model is wrong; and if they rang in one week alone (table below), that may be luck."
        ),
    )


@check(skills=["observe-and-test", "evaluate"], level=4, points=3)
def another_cause_is_found_in_the_outcomes(produced: Produced, truth: Truth) -> None:
    """When a cause of disputes turns, the outcome detector rings once labels can tell, and the model is replaced."""
    expect_alarm(produced, "outcome", since=change_week(truth, "cause"), within=DELAY["outcome"], hint=CAUSE)
    expect_replacement(
        produced,
        since=change_week(truth, "cause"),
        last=LAST_WEEK,
        sentence=(
            "Disputes have been other than the model says for weeks, and decision.json does not say from which week "
            "on a new model is wanted. The one in service goes on sending Marta's team to the wrong sales."
        ),
    )


UNIT = (
    "A hundred times the amount is a hundred times too easy to overlook in an average over all sales. Which plain "
    "statement about an amount was true in every week before, currency by currency?"
)
POPULATION = (
    "Compare, column by column, what share of this week's sales falls where a tenth fell before. And is it the raw "
    "column that you compare, or one that changes with the calendar anyway?"
)
CAUSE = (
    "Nothing about the sales themselves is unusual, so only the disputes can tell; of a sale that is old enough, "
    "they have arrived. Put what was said beside what happened, not only for all sales but for parts of them: two "
    "errors in opposite parts look like none."
)


# --- the new model ----------------------------------------------------------------------------------------------------


def stream_after(produced: Produced, truth: Truth) -> pd.DataFrame:
    """The sales from the change on: p_true, hit (bool), and what the served and the new model say of each."""
    sales = truth.table("stream_cause", ["txn_id", "event_ts", "p_true", "hit"]).set_index("txn_id")
    since = sales.event_ts.min().floor("D") + pd.Timedelta(weeks=change_week(truth, "cause"))
    naive = float(truth.json("meta")["naive_rate"])
    new = read_scores(produced.probes["retrained"], "predictions.parquet")
    said = {"served": read_served(produced), "new": new}
    sales = sales.assign(**{name: scores.reindex(sales.index).fillna(naive) for name, scores in said.items()})
    after: pd.DataFrame = sales[sales.event_ts >= since]
    return after


def gain(sales: pd.DataFrame, truth: Truth) -> tuple[float, float]:
    """Skill of the served and of the new model on these sales; 1 is knowing the true probability."""
    naive = float(truth.json("meta")["naive_rate"])
    try:
        served, new = (skill_score(sales.p_true, sales[name], naive, sales.p_true) for name in ("served", "new"))
    except ValueError as nothing:
        raise DoesNotHold("There is nothing to learn in the sales of this stream.") from nothing
    return served, new


@check(skills=["build-models", "observe-and-test"], level=4, points=3)
def retraining_wins_back_skill(produced: Produced, truth: Truth) -> Measured:
    """On the sales since the change, the new model is clearly better than the one that was served."""
    served, new = gain(stream_after(produced, truth), truth)
    return at_least(
        new - served,
        WON_BACK,
        f"Since the change the served model has a skill of {served:.2f}, and the one that you want in its place "
        f"{new:.2f}. It was replaced because the world had changed, so it has to have learnt from sales after the "
        "change, and from those whose outcome is known: how many such weeks are there when the stream ends, and how "
        "much do they weigh beside all the old ones?",
        margin=0.03,
        found=f"{new - served:+.2f}",
    )


@check(skills=["build-models", "evaluate"], level=4, points=2)
def old_sales_are_not_forgotten(produced: Produced, truth: Truth) -> Measured:
    """On sales of the kind that has not changed, the new model is about as good as the old one."""
    sales = stream_after(produced, truth)
    served, new = gain(sales[~sales.hit], truth)
    return at_least(
        new - served,
        OLD_SLICES,
        f"On sales that the change has nothing to do with, the served model has a skill of {served:.2f} and the new "
        f"one {new:.2f}. A few weeks of sales know little about rare things, and a model that has only seen these "
        "weeks has forgotten what half a year had taught. What of the old model is still true, and how do you keep it?",
        margin=0.03,
        found=f"{new - served:+.2f}",
    )
