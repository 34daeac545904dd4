"""What is asked of monitor: silence in quiet weeks, the right alarm in others, and a new model only where it helps."""

import pandas as pd

from grading.kit import (
    Measured,
    Produced,
    Truth,
    at_least,
    change_week,
    check,
    compare_ids,
    expect,
    expect_alarm,
    expect_no_replacement,
    expect_quiet,
    expect_replacement,
    model_file,
    read_alarms,
    read_decision,
    table,
)
from worlds.demand import expected_deviance

MODEL_FILES = ("model.json", "model.safetensors", "model.npz", "model.txt", "model.pkl", "model.joblib")
SAID = {"store": "string", "sku": "string", "date": "date", "mean": "float"}
FORECAST = {**SAID, "horizon": "int", "as_of": "date"}
KEY = ["store", "sku", "date"]
STREAMS = ("quiet", "contract", "assortment")

WON_BACK = 0.05
# A new model may lose a little where nothing has changed: it has seen few weeks.
OLD_SHELVES = -0.1
DELAY = {"contract": 1, "population": 2, "outcome": 4}
LAST_WEEK = 7
# A shop that counts boxes rings as well, and may do so for some weeks before its counts are gone.
EXCUSED = 3


@check(skills=["observe-and-test"], level=1, gate=True)
def files_are_in_form(produced: Produced, truth: Truth) -> None:
    """Alarms and a decision are there for each stream, and what the old and the new model say of each open day."""
    for run in (produced, *(produced.probes[name] for name in STREAMS)):
        read_alarms(run)
        read_decision(run)
    model_file(produced, MODEL_FILES)
    sales = truth.table("stream_habit")
    wanted = _names(sales[sales.was_open])
    for name, said in (("served.parquet", read_served(produced)), ("features.parquet", read_new(produced))):
        ids = compare_ids(_names(said), wanted)
        expect(
            ids.same and bool((said["mean"] >= 0).all()),
            f"By {name} there are {len(said):,} forecasts of {len(wanted):,} open days: {len(ids.missing):,} have "
            f"none, {ids.repeated:,} come twice, {len(ids.extra):,} are of other days, and "
            f"{int((said['mean'] < 0).sum()):,} are below nought. Each open day of a shelf is forecast once, on the "
            "last evening before its week. Which evening is that for the eighth day?",
        )


def read_served(produced: Produced) -> pd.DataFrame:
    return table(produced, "served.parquet", columns=SAID)


def read_new(produced: Produced) -> pd.DataFrame:
    return table(produced.probes["retrained"], "forecast.parquet", columns=FORECAST, others=True)


def _names(rows: pd.DataFrame) -> pd.Series:
    return rows.store + "/" + rows.sku + "/" + rows.date.astype("str")


@check(skills=["observe-and-test"], level=3, points=2)
def quiet_weeks_are_quiet(produced: Produced, truth: Truth) -> None:
    """In eight weeks with promotions, two holidays and a failing supplier at most one week rings, and nobody learns."""
    expect_quiet(
        produced.probes["quiet"],
        opening="In these eight weeks customers wanted what they always want, and",
        hint=(
            "After the third false alarm Aylin switches them off, and a model that is replaced for no reason is only "
            "a noisier one. A holiday, a promotion and a warmer month are no new rules, and where a shelf was empty "
            "by noon, few pieces were sold and no fewer were wanted. Does what you compare know that?"
        ),
    )


@check(skills=["observe-and-test", "validate"], level=3, points=2)
def tills_that_count_boxes_ring_at_once(produced: Produced, truth: Truth) -> None:
    """A shop that counts boxes where it counted pieces rings the contract detector within two weeks; nobody learns."""
    run = produced.probes["contract"]
    expect_alarm(run, "contract", since=change_week(truth, "boxes"), within=DELAY["contract"], hint=BOXES)
    expect_no_replacement(
        run,
        sentence=(
            "One shop's counts were broken for some weeks, and the model was learnt again on them. The model was "
            "right and the tills were wrong: until that is mended these sales should teach nobody anything, and the "
            "averages that a later forecast goes by should not hold them either. If the outcome detector rang (table "
            "below): which days does it count? If it did not: what else may ask for a new model?"
        ),
    )


@check(skills=["observe-and-test", "validate"], level=3, points=2)
def uncounted_shelves_ring_at_once(produced: Produced, truth: Truth) -> None:
    """When a shop's sales arrive without stock counts, the contract detector rings within two weeks."""
    boxes = change_week(truth, "boxes")
    expect_alarm(
        produced.probes["contract"],
        "contract",
        since=change_week(truth, "counts"),
        within=DELAY["contract"],
        hint=COUNTS,
        excused=range(boxes, boxes + EXCUSED),
    )


@check(skills=["observe-and-test"], level=3, points=2)
def another_assortment_is_noticed(produced: Produced, truth: Truth) -> None:
    """When most shops give up a category, the population detector rings within three weeks, and nobody learns."""
    run = produced.probes["assortment"]
    expect_alarm(run, "population", since=change_week(truth, "assortment"), within=DELAY["population"], hint=ASSORTMENT)
    expect_no_replacement(
        run,
        sentence=(
            "Most shops no longer carry some articles, of all others the model says what is wanted, and it was "
            "learnt again. Other shelves are a reason to look and not yet a reason to change; and a shelf that is "
            "not there any more has not sold nought. Only demand can say that a model is wrong."
        ),
    )


@check(skills=["observe-and-test", "evaluate"], level=4, points=3)
def another_habit_is_found_in_the_outcomes(produced: Produced, truth: Truth) -> None:
    """When customers answer a weekend or a discount otherwise, the outcome detector rings in time; the model goes."""
    since = change_week(truth, "habit")
    expect_alarm(produced, "outcome", since=since, within=DELAY["outcome"], hint=HABIT)
    expect_replacement(
        produced,
        since=since,
        last=LAST_WEEK,
        sentence=(
            "Customers have been asking for something else than the model says for weeks, and decision.json does not "
            "say from which week on a new one is wanted. The one in service goes on filling the wrong shelves."
        ),
    )


BOXES = (
    "One shop of eight hardly moves a sum over the chain, and after four weeks its averages believe what the till "
    "says. Which plain statement about the pieces of a day was true in every week before, shop by shop?"
)
COUNTS = (
    "Without a count nobody knows whether a shelf that sold little had run empty. One uncounted evening is usual, a "
    "whole week is not: which share of a shop's days is known, and which was it before?"
)
ASSORTMENT = (
    "Compare what share of this week's shelves is of which kind with what it was. And is it the shelves that you "
    "compare, or the days, of which a holiday takes some away?"
)
HABIT = (
    "Nothing about plan, weather or calendar is unusual, so only demand can tell. Put what was said beside what was "
    "probably asked for: not for all shelves, where a season hides it, but for some days against the others of the "
    "same kind of shop or article."
)


# --- the new model ----------------------------------------------------------------------------------------------------


def days_after(produced: Produced, truth: Truth) -> pd.DataFrame:
    """The open days since the change: mean (true), hit (bool), naive, and what the served and the new model say."""
    sales = truth.table("stream_habit", [*KEY, "was_open", "mean", "hit"])
    usual = truth.table("future", ["store", "sku", "naive"]).drop_duplicates()
    days = sales[sales.was_open].merge(usual, on=["store", "sku"])
    for name, said in (("served", read_served(produced)), ("new", read_new(produced))):
        days = days.merge(said[[*KEY, "mean"]].rename(columns={"mean": name}), on=KEY)
    since = pd.Timestamp(sales.date.min()) + pd.Timedelta(weeks=change_week(truth, "habit"))
    after: pd.DataFrame = days[pd.to_datetime(days.date) >= since]
    return after


def gain(days: pd.DataFrame) -> tuple[float, float]:
    """Skill of the served and of the new model; 0 is each shelf's average before as-of, 1 the true mean demand."""
    mean = days["mean"].to_numpy()
    naive, served, new = (expected_deviance(mean, days[name].to_numpy()) for name in ("naive", "served", "new"))
    return 1 - served / naive, 1 - new / naive


@check(skills=["build-models", "observe-and-test"], level=4, points=3)
def retraining_wins_back_skill(produced: Produced, truth: Truth) -> Measured:
    """On the shelves that the change touches, the new model is clearly better than the one that was served."""
    days = days_after(produced, truth)
    served, new = gain(days[days.hit])
    return at_least(
        new - served,
        WON_BACK,
        f"Where customers have changed, the served model has a skill of {served:.2f} since then, and the one that you "
        f"want in its place {new:.2f}. It was replaced because the world had changed, so it has to have learnt from "
        "days after the change: how many of these are there when the stream ends, and how much do they weigh beside "
        "all the old ones?",
        margin=0.03,
        found=f"{new - served:+.2f}",
    )


@check(skills=["build-models", "evaluate"], level=4, points=2)
def old_shelves_are_not_forgotten(produced: Produced, truth: Truth) -> Measured:
    """On shelves that the change does not touch, the new model is about as good as the old one."""
    days = days_after(produced, truth)
    served, new = gain(days[~days.hit])
    return at_least(
        new - served,
        OLD_SHELVES,
        f"On shelves that the change has nothing to do with, the served model has a skill of {served:.2f} and the new "
        f"one {new:.2f}. A few weeks hold one holiday and three wet Saturdays, and a model that has only seen these "
        "has forgotten what seven months had taught. What of the old model is still true, and how do you keep it?",
        margin=0.03,
        found=f"{new - served:+.2f}",
    )
