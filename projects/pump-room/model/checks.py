"""What is asked of model: probabilities that mean what they say, honest validation, visits where they pay."""

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
    at_most,
    calibration,
    check,
    compare_ids,
    counted,
    differing_answers,
    document,
    expect,
    expected_log_loss,
    log_losses,
    model_file,
    read_mark,
    read_regular,
    skill_score,
    table,
)

MODEL_FILES = ("model.safetensors", "model.json", "model.npz", "model.txt", "model.pt", "model.pkl", "model.joblib")
DATA_FILES = MODEL_FILES[:4]
PREDICTIONS = {"row_id": "string", "probability": "float", "visit": "bool"}
VALIDATION = {"row_id": "string", "fold": "int", "probability": "float"}
REPORT = {
    "claimed_logloss": "number",
    "claimed_base_logloss": "number",
    "validation_from": "string",
    "validation_to": "string",
}
FEATURES = {"row_id": "string", "pump_id": "string", "ts": "timestamp", "split": "string", "y": "int"}

MARK = read_mark(__file__, "skill_is_enough")
MARGIN = 0.03
RATIO = (0.5, 1.9)
LOST_SKILL = 0.2
OVERCLAIM = 0.2
RECOMPUTED = 0.005
FEWEST_VALIDATED = 800
WHOLE_BLOCK = 0.8
# Two folds of whole pumps are never quite halves; a fold beyond this leaves too little to have learnt elsewhere.
LARGEST_FOLD = 0.6
# Of what visits can save; how good the probabilities are is asked elsewhere.
WASTED = 0.05
FAILURE_EUR, VISIT_EUR = 4000, 300
SAME = 1e-6

Floats = npt.NDArray[np.float64]


def read_predictions(run: Produced) -> pd.DataFrame:
    """Probability and visit by row_id, as predict wrote them."""
    return table(run, "predictions.parquet", columns=PREDICTIONS, key="row_id").set_index("row_id")


def read_report(produced: Produced) -> tuple[float, float]:
    """The claimed loss and the claimed loss of always saying the average."""
    report = document(produced, "report.json", fields=REPORT)
    claimed, base = float(report["claimed_logloss"]), float(report["claimed_base_logloss"])
    if not (claimed >= 0 and 0 < base < 10):
        raise DoesNotHold(
            f"report.json claims a log loss of {claimed:g} against {base:g} for the average: a log loss is not "
            "negative, and that of the average lies between 0 and 1."
        )
    return claimed, base


def read_features(produced: Produced) -> pd.DataFrame:
    return table(produced.upstream["feature"], "features.parquet", columns=FEATURES)


def read_validation(produced: Produced) -> pd.DataFrame:
    """The rows that the claim rests on, with pump, moment and outcome from the learner's own feature table."""
    said = table(produced, "validation.parquet", columns=VALIDATION, key="row_id").set_index("row_id")
    known = read_features(produced).set_index("row_id")
    return said.join(known[known.split == "train"][["pump_id", "ts", "y"]], how="inner")


def coming_weeks(produced: Produced, truth: Truth) -> tuple[pd.DataFrame, Floats, float]:
    """The rows to be scored, what was said about each, and the rate that somebody without a model would say.

    A row without a prediction counts as that rate.
    """
    rows = truth.table("rows", ["row_id", "hidden", "p_true", "oracle_p"])
    rows = rows[rows.hidden].set_index("row_id")
    naive = float(truth.json("meta")["naive_rate"])
    said = read_predictions(produced.probes["predictions"]).probability.reindex(rows.index).fillna(naive)
    return rows, said.to_numpy(dtype="float64"), naive


@check(skills=["build-models", "reproduce"], level=1, gate=True)
def files_are_in_form(produced: Produced, truth: Truth) -> None:
    """report.json, validation.parquet and the predictions are there as promised, with probabilities from 0 to 1."""
    read_report(produced)
    validated = table(produced, "validation.parquet", columns=VALIDATION, key="row_id")
    said = [validated.probability]
    said += [read_predictions(produced.probes[name]).probability for name in ("predictions", "shuffled")]
    outside = sum(int((~part.between(0, 1)).sum()) for part in said)
    expect(
        outside == 0,
        f"{counted(outside, 'number')} lie outside 0 to 1: they are scores and no probabilities yet. Ivo multiplies "
        "them by 4,000 euros.",
    )


@check(skills=["build-models", "serve"], level=2)
def model_is_data_not_code(produced: Produced, truth: Truth) -> None:
    """The model is one file of at most 5 MB that can be opened without running anything."""
    model_file(produced, MODEL_FILES)


@check(skills=["build-models", "validate"], level=2)
def every_row_is_scored(produced: Produced, truth: Truth) -> None:
    """Predict gives one probability for each row that it was given, holes in the window or not."""
    asked = read_features(produced)
    wanted = asked.row_id[asked.split == "score"]
    ids = compare_ids(pd.Series(read_predictions(produced.probes["predictions"]).index), wanted)
    expect(
        ids.same,
        f"Predict was asked about {len(wanted):,} rows and is silent about {len(ids.missing):,} of them; "
        f"{len(ids.extra):,} answers are about others. A pump without a number is a pump that nobody visits, and holes "
        "are most common where sensors suffer. Which rows drop out: those whose window reaches back to a repair?",
        expected=f"{len(wanted):,} predictions",
        found=f"{len(wanted) - len(ids.missing):,} of them",
    )


@check(skills=["build-models", "engineer-features"], level=3, points=4)
def skill_is_enough(produced: Produced, truth: Truth) -> Measured:
    """The model closes enough of the gap between always saying the average and the best that could be known."""
    rows, said, naive = coming_weeks(produced, truth)
    skill = skill_score(rows.p_true, said, naive, rows.oracle_p)
    return at_least(
        skill,
        MARK,
        f"On weeks that nobody has seen, the skill of your model is {skill:.2f}; {MARK:.2f} is needed, 0 is always "
        f"saying {naive:.0%}, 1 is the best that could be known from the sensors, below 0 is worse than no model. Ivo "
        "would do better with a calendar. If calibration fails as well, begin there. If not, ask what the model is "
        "shown: a single reading is mostly noise, and a pump under load shakes without being worn. What does a whole "
        "week say that one hour does not?",
        margin=MARGIN,
    )


@check(skills=["evaluate", "build-models"], level=3, points=2)
def probabilities_are_calibrated(produced: Produced, truth: Truth) -> None:
    """Of pumps called ten per cent, about ten in a hundred fail."""
    rows, said, naive = coming_weeks(produced, truth)
    found = calibration(rows.p_true, said)
    reach = expected_log_loss(rows.p_true, np.full(len(rows), naive)) - expected_log_loss(rows.p_true, rows.oracle_p)
    lost = found.lost / reach
    expect(
        RATIO[0] < found.ratio < RATIO[1] and lost < LOST_SKILL,
        f"You say {found.mean_predicted:.1%} on average where the truth is {found.mean_true:.1%}, and being wrong "
        f"about the level or too sure of itself costs the model {lost:.2f} of skill. Ivo weighs every number against "
        "the price of a visit, so a number twice too large sends the crew out twice too often. Re-weighted classes and "
        "long training shift probabilities; sort your validation rows into ten groups and compare what was said with "
        "what happened.",
        expected=f"{found.mean_true:.1%} on average",
        found=f"{found.mean_predicted:.1%} on average",
    )


@check(skills=["evaluate", "prevent-leakage"], level=3, points=3)
def validation_is_in_blocks(produced: Produced, truth: Truth) -> None:
    """The rows that the claim rests on are whole stretches of pumps' time, not rows picked out between others."""
    validated = read_validation(produced)
    expect(
        len(validated) >= FEWEST_VALIDATED,
        f"validation.parquet holds {len(validated):,} rows of your split train; fewer than {FEWEST_VALIDATED} say "
        "little about anything.",
    )
    train = read_features(produced)
    train = train[train.split == "train"]
    within = 0
    for (pump, _), block in validated.groupby(["pump_id", "fold"]):
        times = train.ts[train.pump_id == pump]
        within += int(times.between(block.ts.min(), block.ts.max()).sum())
    share = len(validated) / max(1, within)
    expect(
        share >= WHOLE_BLOCK,
        f"Between the first and the last row of a pump in a fold you validated on {share:.0%} of its rows; the others "
        "were left for learning. Two rows of one pump six hours apart share 27 of 28 steps of their window and nearly "
        "always their outcome, so a row between two rows that were learnt is no test but a memory. Ivo was burnt by "
        "such a number before. How would you cut the table so that no row stands next to one that was learnt?",
        expected=f"at least {WHOLE_BLOCK:.0%}",
        found=f"{share:.0%}",
    )


@check(skills=["evaluate", "prevent-leakage"], level=3, points=2)
def enough_is_left_to_learn_from(produced: Produced, truth: Truth) -> None:
    """No fold is so large that a model which had not learnt from it had too little to learn from."""
    validated = read_validation(produced)
    train = int((read_features(produced).split == "train").sum())
    share = int(validated.fold.value_counts().max()) / train if len(validated) else 0.0
    expect(
        share <= LARGEST_FOLD,
        f"One fold of validation.parquet holds {share:.0%} of your split train. Its rows are to be judged by a model "
        "that had not learnt from them, and what would that one have learnt from? Either it has seen these rows "
        "before, and the claim is a memory, or it is far worse than the one that you hand in. Which rows do you leave "
        "out when you fit the model that you judge?",
        expected=f"at most {LARGEST_FOLD:.0%}",
        found=f"{share:.0%}",
    )


@check(skills=["evaluate"], level=4, points=3)
def the_claim_is_honest(produced: Produced, truth: Truth) -> None:
    """The losses in report.json are those of validation.parquet, and the coming weeks confirm them."""
    claimed, base = read_report(produced)
    validated = read_validation(produced)
    expect(len(validated) > 0, "validation.parquet has no row of your split train, so the claim rests on nothing.")
    y, said = validated.y.to_numpy(dtype="float64"), validated.probability
    again = float(log_losses(y, said).mean())
    expect(
        abs(again - claimed) <= RECOMPUTED,
        f"report.json claims a log loss of {claimed:.3f}; worked out from validation.parquet and your own y it is "
        f"{again:.3f}. A claim that cannot be worked out again is an opinion. Is it a log loss, on these rows, of "
        "these probabilities?",
        expected=f"{again:.3f}",
        found=f"{claimed:.3f}",
    )
    known = truth.table("rows", ["row_id", "oracle_p"]).set_index("row_id").oracle_p.reindex(validated.index)
    best = float(log_losses(y, known.fillna(y.mean()).to_numpy(dtype="float64")).mean())
    promise = (base - claimed) / max(base - best, 1e-3)
    rows, said_then, naive = coming_weeks(produced, truth)
    kept = skill_score(rows.p_true, said_then, naive, rows.oracle_p)
    expect(
        promise - kept <= OVERCLAIM,
        f"On your validation rows you claim {promise:.0%} of what could be known there; on the coming weeks the model "
        f"reaches {kept:.0%}. Ivo gives up his calendar on the strength of the first number. Had the model, or the "
        "choice of when to stop training, seen these rows before? Is the loss of the average worked out on "
        "the same rows?",
        expected=f"at most {kept + OVERCLAIM:.0%} claimed",
        found=f"{promise:.0%} claimed",
    )


@check(skills=["evaluate", "build-models"], level=4, points=2)
def visits_are_worth_their_cost(produced: Produced, truth: Truth) -> Measured:
    """`visit` sends the crew where a visit of 300 euros costs less than the failure of 4,000 that it prevents."""
    rows, _, _ = coming_weeks(produced, truth)
    answers = read_predictions(produced.probes["predictions"])
    # Silence is the business of another check.
    rows = rows[rows.index.isin(answers.index)]
    said, goes = (answers.reindex(rows.index)[name].to_numpy() for name in ("probability", "visit"))
    expect(len(rows), "No row of the coming weeks has a prediction.")
    p = rows.p_true.to_numpy()
    mine, line = _cost(p, goes.astype(bool)), _cost(p, said * FAILURE_EUR > VISIT_EUR)
    habit = min(_cost(p, np.zeros(len(p), dtype=bool)), _cost(p, np.ones(len(p), dtype=bool)))
    best = _cost(p, rows.oracle_p.to_numpy() * FAILURE_EUR > VISIT_EUR)
    wasted = (mine - line) / max(habit - best, 1.0)
    return at_most(
        wasted,
        WASTED,
        f"Your visits cost {mine:.0f} euros per row, failures included. With the very same probabilities and a visit "
        f"wherever it costs less than what it prevents, it would be {line:.0f} euros (without a model {habit:.0f}, "
        f"with all that could be known {best:.0f}). You visit {goes.mean():.0%} of the time. Ivo is paid for the "
        "difference. At which probability does a visit cost as much as staying at home? It is not one half.",
        expected=f"at most {WASTED:.0%} of what can be saved is given away",
        found=f"{wasted:.0%}",
    )


def _cost(p: Floats, goes: npt.NDArray[np.bool_]) -> float:
    return float(np.where(goes, VISIT_EUR, p * FAILURE_EUR).mean())


@check(skills=["reproduce"], level=3)
def training_again_gives_the_same_model(produced: Produced, truth: Truth) -> None:
    """Two trainings with the same seed on the same data write the same model file, byte for byte."""
    name = next((n for n in DATA_FILES if (produced.folder / n).exists()), DATA_FILES[0])
    first, second = (read_regular(run, name, 6) for run in (produced, produced.probes["again"]))
    expect(
        first == second,
        f"Trained twice with the same --seed on the same table, {name} is not the same file. When a main bursts, the "
        "model of that morning has to be made again for the inquiry. Look for randomness that does not come from "
        "--seed (weights at the beginning, the order of batches), for more than one thread, and for a time stamp.",
    )


@check(skills=["build-models", "serve"], level=2)
def order_does_not_matter(produced: Produced, truth: Truth) -> None:
    """A row gets the same probability whatever rows it is asked with, in whatever order."""
    together = read_predictions(produced.probes["predictions"]).probability
    apart = read_predictions(produced.probes["shuffled"]).probability
    ids = compare_ids(pd.Series(apart.index), together.index)
    differ = differing_answers(apart[among(apart.index, together.index)], together, SAME)
    expect(
        differ == 0 and not len(ids.extra),
        f"We asked about half of the rows again, in another order: {differ:,} of {len(apart):,} got another "
        "probability. The service will ask about one pump at a time, and would disagree with your batch. Does predict "
        "work out something from the rows that it is given (a mean, a scale, a batch norm) instead of taking "
        "it from the model?",
    )
