"""What is asked of model: that its probabilities are good and mean what they say, and that its claim is honest."""

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
    entropy,
    expect,
    expected_log_loss,
    log_losses,
    model_file,
    printable,
    read_mark,
    read_regular,
    relative_gain,
    skill_score,
    table,
)

MODEL_FILES = ("model.json", "model.safetensors", "model.npz", "model.txt", "model.pkl", "model.joblib")
PREDICTIONS = {"txn_id": "string", "probability": "float"}
REPORT = {
    "claimed_logloss": "number",
    "claimed_base_logloss": "number",
    "validation_from": "string",
    "validation_to": "string",
    "features": "list",
}
FEATURES = {"txn_id": "string", "split": "string"}

PASS_MARK = read_mark(__file__, "skill_is_enough")
REVIEWED = 0.02
WORTH_REVIEWING = 0.65
RATIO = (0.67, 1.5)
LOST_SKILL = 0.2
OVERCLAIM, UNDERCLAIM = 0.10, 0.20
# The validation period ends with the last sales whose outcome is known, and begins after this share of their time.
LATEST, UNSEEN = pd.Timedelta(days=7), 0.25
SAME = 1e-9

Floats = npt.NDArray[np.float64]


def read_predictions(run: Produced) -> pd.Series:
    """Probability by txn_id, as predict wrote it."""
    rows = table(run, "predictions.parquet", columns=PREDICTIONS, key="txn_id")
    return rows.set_index("txn_id").probability


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


def hidden_month(produced: Produced, truth: Truth) -> tuple[pd.DataFrame, Floats, float]:
    """The sales to be scored, what was said about each, and the rate that somebody without a model would say.

    A sale without a prediction counts as that rate.
    """
    sales = truth.table("transactions", ["txn_id", "hidden", "p_true", "oracle_p", "merchant_id", "channel"])
    sales = sales[sales.hidden].set_index("txn_id")
    naive = float(truth.json("meta")["naive_rate"])
    said = read_predictions(produced.probes["predictions"]).reindex(sales.index).fillna(naive)
    return sales, said.to_numpy(dtype="float64"), naive


@check(skills=["build-models"], level=1, gate=True)
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
def every_sale_is_scored(produced: Produced, truth: Truth) -> None:
    """Predict gives one probability for each row that it was given."""
    asked = table(produced.upstream["feature"], "features.parquet", columns=FEATURES)
    wanted = asked.txn_id[asked.split == "score"]
    ids = compare_ids(pd.Series(read_predictions(produced.probes["predictions"]).index), wanted)
    expect(
        ids.same,
        f"Predict was asked about {len(wanted):,} sales and is silent about {len(ids.missing):,} of them; "
        f"{len(ids.extra):,} answers are about others. A sale without a score is a sale that nobody looks at. "
        "Which rows drop out: those with an empty cell, perhaps?",
        expected=f"{len(wanted):,} predictions",
        found=f"{len(wanted) - len(ids.missing):,} of them",
    )


@check(skills=["evaluate", "build-models"], level=3, points=2)
def probabilities_are_calibrated(produced: Produced, truth: Truth) -> None:
    """Of sales called eight per cent, about eight in a hundred are disputed."""
    sales, said, naive = hidden_month(produced, truth)
    found = calibration(sales.p_true, said)
    reach = expected_log_loss(sales.p_true, np.full(len(sales), naive)) - expected_log_loss(
        sales.p_true, sales.oracle_p
    )
    lost = found.lost / reach
    expect(
        RATIO[0] < found.ratio < RATIO[1] and lost < LOST_SKILL,
        f"You say {found.mean_predicted:.1%} on average where the truth is {found.mean_true:.1%}, and being "
        f"wrong about the level or too sure of itself costs the model {lost:.2f} of skill. Marta plans her "
        "team's week by the sum of these numbers. Re-weighting, over-sampling and very deep models shift "
        "probabilities; sort your validation rows into ten equal groups and compare what was said with what "
        "happened.",
        expected=f"{found.mean_true:.1%} on average",
        found=f"{found.mean_predicted:.1%} on average",
    )


@check(skills=["evaluate"], level=4, points=3)
def the_claim_is_honest(produced: Produced, truth: Truth) -> None:
    """The model does on the next month what report.json says it does."""
    claimed, base = read_report(produced)
    sales, said, _ = hidden_month(produced, truth)
    promise = relative_gain(claimed, base)
    kept = relative_gain(expected_log_loss(sales.p_true, said), _constant_loss(sales.p_true))
    expect(
        promise - kept <= OVERCLAIM,
        f"You reported that the model removes {promise:.0%} of the uncertainty; on the next month it removes "
        f"{kept:.0%}. Somebody will hire six people on the strength of that number. Are both losses in "
        "report.json log losses, on the same rows, from a later period than the model learnt from, and has "
        "the model not seen these rows before?",
        expected=f"at most {kept + OVERCLAIM:.0%} claimed",
        found=f"{promise:.0%} claimed",
    )
    expect(
        kept - promise <= UNDERCLAIM,
        f"You reported that the model removes {promise:.0%} of the uncertainty; on the next month it removes "
        f"{kept:.0%}. A little better than you said is modesty; this is a measurement that went wrong, and nobody "
        "would have put this model in service. Does each probability stand beside the outcome of its own sale when "
        "you compute the loss?",
        expected=f"at least {kept - UNDERCLAIM:.0%} claimed",
        found=f"{promise:.0%} claimed",
    )


@check(skills=["evaluate", "prevent-leakage"], level=3)
def validation_comes_last(produced: Produced, truth: Truth) -> None:
    """The claim was measured on the latest sales whose outcome is known, after others to learn from."""
    since, until = read_period(produced)
    rows = table(produced.upstream["feature"], "features.parquet", columns={"split": "string", "event_ts": "timestamp"})
    known = rows.event_ts[rows.split == "train"]
    first, last = known.min(), known.max()
    early, late = (until - last) < -LATEST, (until - last) > LATEST
    crowded = since < first + UNSEEN * (last - first)
    expect(
        not (early or late or crowded or since >= until),
        f"You validated on sales from {since:%Y-%m-%d} to {until:%Y-%m-%d}; outcomes are known of those from "
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}. {_why_not_last(early, late, crowded)} The service will only ever be "
        "asked about a time that comes after all that it learnt from, and Marta wants to know how good it is then. Lay "
        "the two periods, that of learning and that of measuring, on a line.",
    )


def read_period(produced: Produced) -> tuple[pd.Timestamp, pd.Timestamp]:
    """When the validation period begins and ends, as report.json says it, in UTC."""
    report = document(produced, "report.json", fields=REPORT)
    return _read_moment(report["validation_from"]), _read_moment(report["validation_to"])


def _read_moment(text: str) -> pd.Timestamp:
    try:
        moment = pd.Timestamp(datetime.fromisoformat(text.strip()))
        return moment.tz_localize("UTC") if moment.tzinfo is None else moment.tz_convert("UTC")
    except (ValueError, OverflowError):
        raise DoesNotHold(
            f"report.json says {printable(text, 40)!r} where the date of a validation period belongs, as in 2024-05-30."
        ) from None


def _why_not_last(early: bool, late: bool, crowded: bool) -> str:
    if early:
        return "So what came later was known to the model that was measured, or left unused."
    if late:
        return "So among them are sales whose disputes have not had their time."
    return "So next to nothing came before it to learn from." if crowded else "That is no period."


def _constant_loss(p_true: pd.Series) -> float:
    """The expected log loss of the best constant m = mean p: -(m ln m + (1 - m) ln(1 - m)), its entropy."""
    return entropy(float(p_true.mean()))


@check(skills=["reproduce"], level=3)
def training_again_gives_the_same_model(produced: Produced, truth: Truth) -> None:
    """Two trainings with the same seed on the same data write the same model file, byte for byte."""
    name = next((n for n in MODEL_FILES if (produced.folder / n).exists()), MODEL_FILES[0])
    first, second = (read_regular(run, name, 6) for run in (produced, produced.probes["again"]))
    expect(
        first == second,
        f"Trained twice with the same --seed on the same table, {name} is not the same file. When a "
        "cardholder's lawyer asks why her sale was held, the model of that day has to be made again. Look for "
        "randomness that does not come from --seed, for sets whose order changes from run to run, and for a "
        "time stamp in the file.",
    )


@check(skills=["build-models", "serve"], level=2)
def order_does_not_matter(produced: Produced, truth: Truth) -> None:
    """A sale gets the same probability whatever rows it is asked with, in whatever order."""
    together = read_predictions(produced.probes["predictions"])
    apart = read_predictions(produced.probes["shuffled"])
    ids = compare_ids(pd.Series(apart.index), together.index)
    differ = differing_answers(apart[among(apart.index, together.index)], together, SAME)
    expect(
        differ == 0 and not len(ids.extra),
        f"We asked about half of the sales again, in another order: {differ:,} of {len(apart):,} got another "
        "probability. The service will ask about one at a time, and would disagree with your batch. Does "
        "predict work out something from the rows that it is given (a mean, a scale, a rank, the categories) "
        "instead of taking it from the model?",
    )


@check(skills=["build-models", "engineer-features"], level=3, points=4, gate=True)
def skill_is_enough(produced: Produced, truth: Truth) -> Measured:
    """The model closes enough of the gap between always saying the average and the best that could be known."""
    sales, said, naive = hidden_month(produced, truth)
    skill = skill_score(sales.p_true, said, naive, sales.oracle_p)
    return at_least(
        skill,
        PASS_MARK,
        f"On the month that nobody has seen, the skill of your model is {skill:.2f}; {PASS_MARK} is needed, 0 "
        f"is always saying {naive:.1%}, 1 is the best that could be known, below 0 is worse than no model. "
        "Marta would look at the wrong sales. If the calibration check fails as well, begin there. If not, it "
        "is the columns: what do customers do in the hour of a fraud, and which merchants had trouble before? The "
        "table says where the model loses most.",
        margin=0.03,
        details=_where_it_loses(sales, said, truth),
    )


def _where_it_loses(sales: pd.DataFrame, said: Floats, truth: Truth) -> list[dict[str, object]]:
    """Loss above the best that could be known, in nats per sale, by slice; the worst first."""
    lost = log_losses(sales.p_true, said) - log_losses(sales.p_true, sales.oracle_p)
    category = sales.merchant_id.map(truth.table("merchants").set_index("merchant_id").category)
    rows = []
    for name, codes in (("category", category), ("channel", sales.channel)):
        for code in sorted(codes.unique()):
            part = lost[(codes == code).to_numpy()]
            low, high = bootstrap_bound(part)
            told = {"slice": f"{name} {code}", "sales": len(part), "lost": float(_print_nats(part.mean()))}
            rows.append({**told, "between": f"{_print_nats(low)} and {_print_nats(high)}"})
    return sorted(rows, key=lambda row: -float(str(row["lost"])))


def _print_nats(nats: float) -> str:
    """Two digits, and no more than four decimals: what lies below is no loss, and no power of ten is printed."""
    return f"{round(nats, 4):.2g}"


@check(skills=["evaluate", "build-models"], level=4, points=2)
def two_in_a_hundred_are_worth_reviewing(produced: Produced, truth: Truth) -> Measured:
    """Among the two sales in a hundred that Marta's team can review are most of the disputes that could be there."""
    sales, said, _ = hidden_month(produced, truth)
    budget = max(1, int(REVIEWED * len(sales)))
    caught, possible = (_caught(sales.p_true, score, budget) for score in (said, sales.oracle_p.to_numpy()))
    return at_least(
        caught / possible,
        WORTH_REVIEWING,
        f"Marta's team reviews the {budget} sales that you put first. {caught:.0f} disputes are to be expected among "
        f"them; the best that could be known would find {possible:.0f}. What lies in between is money and six "
        "people's days. Look at the top of your own validation period: which disputes are not there, and what did "
        "you know about them?",
        margin=0.03,
        found=f"{caught / possible:.0%} of what could be found",
        expected=f"{WORTH_REVIEWING:.0%}",
    )


def _caught(p_true: pd.Series, score: Floats, budget: int) -> float:
    """Disputes to be expected among the `budget` sales with the highest score."""
    return float(p_true.to_numpy()[np.argsort(-score, kind="stable")[:budget]].sum())
