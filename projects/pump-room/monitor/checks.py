"""What is asked of monitor: silence in quiet weeks, the right alarm in others, and a new model only where it helps."""

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

MODEL_FILES = ("model.safetensors", "model.json", "model.npz", "model.txt", "model.pt", "model.pkl", "model.joblib")
SCORES = {"row_id": "string", "probability": "float"}

WON_BACK = 0.25
# A new model may lose a little where nothing has changed: it has seen few failures.
OLD_SLICES = -0.1
DELAY = {"contract": 1, "population": 2, "outcome": 5}
LAST_WEEK = 11


@check(skills=["observe-and-test"], level=1, gate=True)
def files_are_in_form(produced: Produced, truth: Truth) -> None:
    """Alarms, a decision, what the served model said and a model that is data are there for each stream."""
    for run in (produced, *(produced.probes[name] for name in ("quiet", "unit", "population"))):
        read_alarms(run)
        read_decision(run)
    for said in (read_served(produced), read_scores(produced.probes["retrained"], "predictions.parquet")):
        expect(said.between(0, 1).all(), "Some probabilities of the stream's rows lie outside 0 to 1.")
    model_file(produced, MODEL_FILES)


def read_served(produced: Produced) -> pd.Series:
    return read_scores(produced, "served.parquet")


def read_scores(run: Produced, name: str) -> pd.Series:
    return table(run, name, columns=SCORES, key="row_id").set_index("row_id").probability


@check(skills=["observe-and-test"], level=3, points=2)
def quiet_weeks_are_quiet(produced: Produced, truth: Truth) -> None:
    """In twelve weeks in which nothing happens at most one week rings, and nobody learns again."""
    expect_quiet(
        produced.probes["quiet"],
        opening="Nothing happened in these twelve weeks, and",
        hint=(
            "Ivo has one crew and drove out for nothing; the fourth time he stays in the van. Six thousand readings a"
            " week make every difference significant, and twelve rows before one failure are one event and not "
            "twelve. How large is what rang, and how much of it could be luck? The table says which detector it was."
        ),
    )


@check(skills=["observe-and-test", "validate"], level=3, points=2)
def a_wrong_unit_rings_at_once(produced: Produced, truth: Truth) -> None:
    """A station that sends another unit rings the contract detector within two weeks, and nobody learns from it."""
    run = produced.probes["unit"]
    expect_alarm(run, "contract", since=change_week(truth, "unit"), within=DELAY["contract"], hint=UNIT)
    expect_no_replacement(
        run,
        sentence=(
            "One station's readings arrived in another unit, and the model was learnt again on them. The model was "
            "right and the firmware was wrong: what has to be mended is in the devices, and until then these "
            "readings should teach nobody anything. If the outcome detector rang (table below): which rows does it "
            "count, and how far back does the window of a row reach? If it did not: what else may ask for a new "
            "model?"
        ),
    )


@check(skills=["observe-and-test"], level=3, points=2)
def other_pumps_are_noticed(produced: Produced, truth: Truth) -> None:
    """When a third of the pumps is new, the population detector rings within three weeks, and nobody learns again."""
    run = produced.probes["population"]
    expect_alarm(run, "population", since=change_week(truth, "population"), within=DELAY["population"], hint=POPULATION)
    expect_no_replacement(
        run,
        sentence=(
            "The pumps are other ones than before, they wear as your model says they do, and it was learnt again. New "
            "pumps are a reason to look and not yet a reason to change. Only outcomes can say that a model is wrong."
        ),
    )


@check(skills=["observe-and-test", "evaluate"], level=4, points=3)
def other_wear_is_found_in_the_outcomes(produced: Produced, truth: Truth) -> None:
    """When wear looks different, the outcome detector rings once failures can tell, and the model is replaced."""
    expect_alarm(produced, "outcome", since=change_week(truth, "cause"), within=DELAY["outcome"], hint=CAUSE)
    expect_replacement(
        produced,
        since=change_week(truth, "cause"),
        last=LAST_WEEK,
        sentence=(
            "Pumps have failed for weeks of which the model said nothing, and decision.json does not say from which "
            "week on a new model is wanted. The one in service goes on sending Ivo's crew to the wrong pumps."
        ),
    )


UNIT = (
    "A station is a third of all readings, and in an average over three stations a fever of its devices looks like a "
    "warm week. Which plain statement of the data dictionary about a running pump was true of every station before?"
)
POPULATION = (
    "What a pump's sensors say hides who it is: the readings of new pumps look like those of old ones. Compare the "
    "pumps themselves, those that were heard of this week with those that the model learnt from. And does what you "
    "compare grow with the calendar anyway?"
)
CAUSE = (
    "No reading is unusual by itself, so only failures can tell, three days later. Put what was said beside what "
    "happened, not only for all pumps but for parts of them, and over more than one week: a week has a handful of "
    "failures. Does a pump that was stopped in time count as one that did not fail?"
)


# --- the new model ----------------------------------------------------------------------------------------------------


def stream_after(produced: Produced, truth: Truth) -> pd.DataFrame:
    """The rows from the change on: p_true, oracle_p, hit (bool), and what the served and the new model say of each."""
    rows = truth.table("stream_rows", ["row_id", "ts", "p_true", "oracle_p", "hit"]).set_index("row_id")
    first = rows.ts.min().floor("D") - pd.Timedelta(weeks=1)
    naive = float(truth.json("meta")["naive_rate"])
    new = read_scores(produced.probes["retrained"], "predictions.parquet")
    said = {"served": read_served(produced), "new": new}
    rows = rows.assign(**{name: scores.reindex(rows.index).fillna(naive) for name, scores in said.items()})
    after: pd.DataFrame = rows[rows.ts >= first + pd.Timedelta(weeks=change_week(truth, "cause"))]
    return after


def gain(rows: pd.DataFrame, truth: Truth) -> tuple[float, float]:
    """Skill of the served and of the new model on these rows; 1 is the best that could be known from the sensors."""
    naive = float(truth.json("meta")["naive_rate"])
    try:
        served, new = (skill_score(rows.p_true, rows[name], naive, rows.oracle_p) for name in ("served", "new"))
    except ValueError as nothing:
        raise DoesNotHold("There is nothing to learn in the rows of this stream.") from nothing
    return served, new


@check(skills=["build-models", "observe-and-test"], level=4, points=3)
def retraining_wins_back_skill(produced: Produced, truth: Truth) -> Measured:
    """On the weeks since the change, the new model is clearly better than the one that was served."""
    served, new = gain(stream_after(produced, truth), truth)
    return at_least(
        new - served,
        WON_BACK,
        f"Since the change the served model has a skill of {served:.2f}, and the one that you want in its place "
        f"{new:.2f}. It was replaced because worn pumps look different now, so it has to have learnt from weeks after "
        "the change, and from rows whose 72 hours are over: how many failures are there when the stream ends, "
        "and how much do they weigh beside all the old ones?",
        margin=0.05,
        found=f"{new - served:+.2f}",
    )


@check(skills=["build-models", "evaluate"], level=4, points=2)
def old_pumps_are_not_forgotten(produced: Produced, truth: Truth) -> Measured:
    """On the pumps that wear as they always did, the new model is about as good as the old one."""
    rows = stream_after(produced, truth)
    served, new = gain(rows[~rows.hit], truth)
    return at_least(
        new - served,
        OLD_SLICES,
        f"On pumps that the change has nothing to do with, the served model has a skill of {served:.2f} and the new "
        f"one {new:.2f}. What is new about some pumps was learnt for all of them, or some weeks had to teach again "
        "what a quarter of a year had taught. Of which pumps did the old model stay right, and how do you keep it "
        "for those?",
        margin=0.03,
        found=f"{new - served:+.2f}",
    )
