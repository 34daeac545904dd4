"""What is asked of monitor: silence in quiet weeks, the right alarm in others, and a new model only where it helps.

No year of ours has an answer key, so these weeks were made: whole days of the weeks that the model learnt from, drawn
again. That nothing but luck moves in the quiet ones is known, because they were made so; what changes in the others
was planted, and is known to the flight. What the true chances are, before or after, nobody knows: losses are those of
what happened, luck is bounded by drawing whole days again, and all that there is to win back is what a maintainer's
model wins that was told whom the change touches.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from grading.kit import (
    DoesNotHold,
    Measured,
    Produced,
    Truth,
    at_least,
    bootstrap_bound,
    change_week,
    check,
    expect,
    expect_alarm,
    expect_no_replacement,
    expect_quiet,
    expect_replacement,
    log_losses,
    model_file,
    read_alarms,
    read_decision,
    table,
)
from worlds.slices import ZONE

MODEL_FILES = ("model.json", "model.safetensors", "model.npz", "model.txt", "model.pkl", "model.joblib")
PREDICTIONS = {"flight_id": "string", "probability": "float"}

DELAY = {"contract": 1, "population": 2, "outcome": 4}
LAST_WEEK = 11
# Of what the maintainer's model wins back, who is told what a learner has to find.
WON_BACK = 0.5
# A new model may lose a little where nothing has changed: three weeks hold few days, and luck is as large.
UNTOUCHED = -0.25

Floats = npt.NDArray[np.float64]


def read_predictions(run: Produced) -> pd.Series:
    return table(run, "predictions.parquet", columns=PREDICTIONS, key="flight_id").set_index("flight_id").probability


@check(skills=["observe-and-test"], level=1, gate=True)
def files_are_in_form(produced: Produced, truth: Truth) -> None:
    """Alarms, a decision and a model that is data are there, and the model says something of every flight ahead."""
    for run in (produced, *(produced.probes[name] for name in ("quiet", "seconds", "population"))):
        read_alarms(run)
        read_decision(run)
    model_file(produced, MODEL_FILES)
    said = read_predictions(produced.probes["retrained"])
    expect(said.between(0, 1).all(), "Some probabilities of the weeks ahead lie outside 0 to 1.")
    flights = truth.table("stream_concept", ["flight_id", "hidden"])
    silent = int((~flights.flight_id[flights.hidden].isin(said.index)).sum())
    expect(
        silent == 0,
        f"Of the flights of the last three weeks {silent:,} got no word from the model that you hand over: "
        "features.parquet has no row for them, or predict drops it. Rosa asks about every one of them.",
    )


@check(skills=["observe-and-test"], level=3, points=2)
def quiet_weeks_are_quiet(produced: Produced, truth: Truth) -> None:
    """In twelve weeks of days that the model has learnt from at most one week rings, and nobody learns again."""
    expect_quiet(
        produced.probes["quiet"],
        opening="Nothing but luck moved in these twelve weeks, for they were made of your own days, drawn again;",
        hint=(
            "After the third false alarm nobody gets up, and a model that is replaced for no reason is only a noisier"
            " one. What varies here, flights or days? Two hundred late flights on the evening of one storm are one "
            "event, and a test that counts them as two hundred rings for the weather."
        ),
    )


@check(skills=["observe-and-test", "validate"], level=3, points=2)
def a_broken_unit_rings_at_once(produced: Produced, truth: Truth) -> None:
    """Delays that arrive in seconds ring the contract detector within two weeks, and nobody learns from them."""
    run = produced.probes["seconds"]
    expect_alarm(run, "contract", since=change_week(truth, "seconds"), within=DELAY["contract"], hint=SECONDS)
    expect_no_replacement(
        run,
        sentence=(
            "The delays of one carrier arrived in seconds and the model was learnt again on them. The model was "
            "right and the feed was wrong: what has to be mended is at the sender. Until then its flights look late "
            "to everybody, for the board is everybody's. If the outcome detector rang (table below): which weeks "
            "does it judge? If it did not: what else may ask for a new model?"
        ),
    )


@check(skills=["observe-and-test"], level=3, points=2)
def other_flights_are_noticed(produced: Produced, truth: Truth) -> None:
    """When a carrier gives up flights, the population detector rings within three weeks, and nobody learns again."""
    run = produced.probes["population"]
    expect_alarm(run, "population", since=change_week(truth, "population"), within=DELAY["population"], hint=POPULATION)
    expect_no_replacement(
        run,
        sentence=(
            "Other flights leave than before, each of them is as late as it was, and the model was learnt again. New "
            "company is a reason to look and not yet a reason to change. Only arrivals can say that a model is wrong."
        ),
    )


@check(skills=["observe-and-test", "evaluate"], level=4, points=3)
def another_cause_is_found_in_the_arrivals(produced: Produced, truth: Truth) -> None:
    """When flights are held in the air, the outcome detector rings within five weeks, and the model is replaced."""
    expect_alarm(produced, "outcome", since=change_week(truth, "concept"), within=DELAY["outcome"], hint=CONCEPT)
    expect_replacement(
        produced,
        since=change_week(truth, "concept"),
        last=LAST_WEEK,
        sentence=(
            "Arrivals have been other than the model says for weeks, and decision.json does not say from which week "
            "on a new model is wanted. The one in service goes on sending passengers to gates that are closed."
        ),
    )


SECONDS = (
    "Sixty times the delay of one carrier is easy to overlook in an average over all, on a stormy week above all. "
    "Which plain statement about delays was true in every week before, carrier by carrier?"
)
POPULATION = (
    "Compare, column by column, what share of this week's flights falls where a share fell before. Is it who flies "
    "that you compare, or what the sky and the calendar do anyway? And how many flights does each of your bins hold?"
)
CONCEPT = (
    "Nothing on the board and nothing in the timetable tells it, so only the arrivals can. Put what was said beside "
    "what happened, not only for all flights but for parts of them, by carrier and by hour; and let several weeks "
    "speak, for one has too few days."
)


# --- the new model ----------------------------------------------------------------------------------------------------


def weeks_ahead(produced: Produced, truth: Truth) -> pd.DataFrame:
    """The landed flights of the last three weeks: hit (bool), day, and the loss of everybody who said something.

    A flight without a word counts as the rate of the weeks to learn from.
    """
    columns = ["flight_id", "sched_dep_ts", "hidden", "late", "hit", "anchor_p", "refitted_p"]
    flights = truth.table("stream_concept", columns)
    flights = flights[flights.hidden & (flights.late >= 0)].set_index("flight_id")
    naive = float(truth.json("meta")["naive_rate"])
    said = {name: read_predictions(produced.probes[name]).reindex(flights.index) for name in ("served", "retrained")}
    said |= {"anchor": flights.anchor_p, "refitted": flights.refitted_p, "naive": pd.Series(naive, flights.index)}
    losses = {name: log_losses(flights.late, words.fillna(naive)) for name, words in said.items()}
    days = flights.sched_dep_ts.dt.tz_convert(ZONE).dt.normalize()
    if not flights.hit.any():
        raise DoesNotHold("There is nothing to learn in this stream.")
    return flights[["hit"]].assign(day=days, **losses)


def bounds(flights: pd.DataFrame, per_flight: pd.Series) -> tuple[float, float]:
    """Of the mean, if the days had fallen otherwise."""
    sums = per_flight.groupby(flights.day).sum().to_numpy(dtype="float64")
    return bootstrap_bound(sums * len(sums) / len(per_flight))


@check(skills=["build-models", "observe-and-test"], level=4, points=3)
def retraining_wins_back_skill(produced: Produced, truth: Truth) -> Measured:
    """In the weeks ahead the new model is better than what was served, by at least half of what there is to win."""
    flights = weeks_ahead(produced, truth)
    # The served model or our own old one, whichever did better: nobody gains by having served a bad one.
    before = flights.served if flights.served.mean() < flights.anchor.mean() else flights.anchor
    reach = float((flights.anchor - flights.refitted).mean())
    won = (before - flights.retrained) / reach
    low, high = bounds(flights, won)
    sentence = (
        f"In three weeks after the change that no model has learnt from, yours wins back {won.mean():.0%} of the loss "
        f"that a maintainer's model wins back, who was told which flights have changed ({low:.0%} to {high:.0%} if the "
        "days had fallen otherwise). It was replaced because something had changed, so it has to have learnt from "
        "flights after the change: how many such weeks are there when the arrivals end, and how much do they weigh "
        "beside half a year of old ones?"
    )
    expect(low > 0, sentence, expected="a gain, whatever the days", found=f"{low:.0%} to {high:.0%}")
    return at_least(float(won.mean()), WON_BACK, sentence, margin=0.05, found=f"{won.mean():.0%}")


@check(skills=["build-models", "evaluate"], level=4, points=2)
def untouched_flights_are_not_forgotten(produced: Produced, truth: Truth) -> Measured:
    """On flights that the change does not touch, the new model is about as good as the one that was served."""
    flights = weeks_ahead(produced, truth)
    flights = flights[~flights.hit]
    reach = float((flights.naive - flights.anchor).mean())
    kept = (flights.served - flights.retrained) / max(reach, 1e-6)
    low, high = bounds(flights, kept)
    # A few weeks of one airport: where little can be known of them, good work was 0.44 worse by luck alone.
    return at_least(
        high,
        UNTOUCHED,
        f"On flights that the change has nothing to do with, the new model's skill is {kept.mean():+.2f} against that "
        f"of the served one ({low:+.2f} to {high:+.2f} if the days had fallen otherwise; 1 is what a model of ours "
        f"knows more than the average), and down to {UNTOUCHED} may be luck. A few weeks know little about fog and "
        "rare carriers, and a model that has only seen these weeks has forgotten what five months had taught. What "
        "of the old model is still true, and how do you keep it?",
        margin=0.03,
        expected=f"{UNTOUCHED} or better, if the days had fallen well",
        found=f"{high:+.2f}, if they had",
    )
