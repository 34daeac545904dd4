"""What is asked of deploy: that the service agrees with the batch, has manners, and is still there afterwards."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from grading.kit import (
    Measured,
    Produced,
    Truth,
    ask_backwards,
    ask_once,
    at_most,
    check,
    counted,
    describe_answer,
    differing_replies,
    encode_bodies,
    expect,
    expect_unharmed,
    find_unrefused,
    health_fault,
    histogram,
    measure_latency,
    number_or_null,
    probability_of,
    running_service,
    skill_score,
    spoil_each,
    table,
    traits_in_common,
    version_fault,
)
from grading.kit.bodies import Body, Spoil, leave_out, put, put_text

SALES = {
    "txn_id": "string",
    "event_ts": "timestamp",
    "customer_id": "string",
    "merchant_id": "string",
    "amount_eur": "float?",
    "channel": "string",
    "device_age_days": "float?",
}
MERCHANTS = {"merchant_id": "string", "category": "string", "country": "string"}
CUSTOMERS = {"customer_id": "string", "country": "string", "signup_date": "timestamp"}
FEES = {"txn_id": "string", "fee_bps": "int"}
PREDICTIONS = {"txn_id": "string", "probability": "float"}
JUDGED = ("probability",)

TOLERANCE, DIFFERING = 1e-3, 0.01
# Of 80 sales from the corners; a constant has 0.07 at most there.
LEAST_SKILL, FEWEST = 0.3, 40
AT_ONCE, CROWD = 4, 12
ASKED_AGAIN = 20
NEVER_ASKED, MOST_STRANGE = 40, 0.1
TIMED, MEDIAN_MS = 25, 100


def batch_answers(produced: Produced) -> pd.Series:
    """What the learner's own predict says about the sample: probability by txn_id."""
    rows = table(produced.probes["batch"], "predictions.parquet", columns=PREDICTIONS, key="txn_id")
    said = rows.set_index("txn_id").probability
    expect(
        len(said) >= FEWEST, f"pipeline.predict gave {counted(len(said), 'answer')} where 80 sales were asked about."
    )
    return said


def questions(produced: Produced) -> list[Body]:
    """The body of POST /predict for each sale of the sample, from the learner's own earlier artefacts."""
    clean, feature = produced.upstream["clean"], produced.upstream["feature"]
    sales = table(clean, "transactions.parquet", columns=SALES)
    asked = batch_answers(produced).index
    unknown = asked.difference(pd.Index(sales.txn_id))
    expect(
        not len(unknown), f"pipeline.predict answers about {counted(len(unknown), 'sale')} that your clean table lacks."
    )
    merchants = table(clean, "merchants.parquet", columns=MERCHANTS, key="merchant_id").set_index("merchant_id")
    customers = table(clean, "customers.parquet", columns=CUSTOMERS, key="customer_id").set_index("customer_id")
    fees = table(feature, "features.parquet", columns=FEES, key="txn_id").set_index("txn_id").fee_bps
    rows = sales.set_index("txn_id", drop=False).loc[asked]
    past = dict(list(sales[sales.customer_id.isin(rows.customer_id)].sort_values("event_ts").groupby("customer_id")))
    return [
        {
            "transaction": _transaction(row),
            "merchant": {
                "category": merchants.category[row.merchant_id],
                "country": merchants.country[row.merchant_id],
            },
            "customer": _customer(customers.loc[row.customer_id]),
            "fee_bps": int(fees[row.txn_id]),
            "history": _history(past[row.customer_id], row.event_ts),
        }
        for row in each(rows)
    ]


def each(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples())


def _transaction(row: Any) -> Body:
    return {
        "txn_id": row.txn_id,
        "event_ts": row.event_ts.isoformat(),
        "customer_id": row.customer_id,
        "merchant_id": row.merchant_id,
        "amount_eur": number_or_null(row.amount_eur),
        "channel": row.channel,
        "device_age_days": number_or_null(row.device_age_days),
    }


def _customer(row: Any) -> Body:
    return {"country": row.country, "signup_date": f"{row.signup_date:%Y-%m-%d}"}


def _history(sales: pd.DataFrame, until: pd.Timestamp) -> list[Body]:
    return [
        {
            "event_ts": row.event_ts.isoformat(),
            "merchant_id": row.merchant_id,
            "amount_eur": number_or_null(row.amount_eur),
        }
        for row in each(sales[sales.event_ts < until])
    ]


@check(skills=["serve", "observe-and-test"], level=1, gate=True)
def health_is_told(produced: Produced, truth: Truth) -> None:
    """GET /health answers 200 with status ok and the version of the model."""
    answer = running_service(produced).get("/health")
    fault = health_fault(answer)
    expect(
        not fault,
        f"GET /health {fault}. Whoever is on call asks this first, and a service that does not say that it is well is "
        "restarted; without the version nobody can tell which model made yesterday's decisions. Start it at home with "
        "MODEL_DIR set and ask it with curl; its own output is shown below.",
        found=answer.text,
    )


@check(skills=["serve"], level=2, gate=True)
def predict_keeps_its_contract(produced: Produced, truth: Truth) -> None:
    """POST /predict answers with a probability from 0 to 1 and the version that /health names."""
    service = running_service(produced)
    answers = ask_once(service, "/predict", questions(produced))
    bad = [describe_answer(answer) for answer in answers if probability_of(answer) is None]
    expect(
        not bad,
        f"{len(bad)} of {len(answers)} well-formed questions got no probability; the first of these "
        f"{bad[0] if bad else ''}. A sale that gets no answer is let through unseen. Among the "
        "questions are unknown amounts, unknown devices (both null) and customers without a history.",
    )
    other = version_fault(answers, service.get("/health"))
    expect(not other, f"/predict {other}.")


@check(skills=["serve", "prevent-leakage", "engineer-features"], level=4, points=4)
def service_agrees_with_batch(produced: Produced, truth: Truth) -> None:
    """The service gives each sale the probability that your own batch run gives it."""
    batch, bodies = batch_answers(produced), questions(produced)
    answers = ask_once(running_service(produced), "/predict", bodies)
    apart = (pd.Series([probability_of(answer) for answer in answers], index=batch.index) - batch).abs()
    differ = ~(apart <= TOLERANCE)
    expect(
        differ.sum() <= DIFFERING * len(batch),
        f"{differ.sum()} of {len(batch)} sales get another probability from the service than from "
        f"pipeline.predict, by up to {apart.max():.3f}. That is training-serving skew: everything was right in "
        "the notebook, and Marta sees other numbers. Take one sale and print its row in features.parquet "
        "beside the row that the service makes of the question. The table says what the sales that differ "
        "have in common.",
        details=traits_in_common(bodies, differ, TRAITS, things="sales"),
    )
    expect(
        _skill_on_the_sample(batch, truth) >= LEAST_SKILL,
        f"Service and pipeline.predict agree about these {len(batch)} sales, but what they say has next to nothing to "
        "do with them, while your model did well on the whole month. Does pipeline.predict take another way when it "
        "is asked about few rows? Marta's till asks about one.",
    )


def _skill_on_the_sample(batch: pd.Series, truth: Truth) -> float:
    """So that a service and a batch cannot agree on nonsense: the model was judged on other rows than these."""
    sales = truth.table("transactions", ["txn_id", "p_true", "oracle_p"]).set_index("txn_id")
    known = sales.reindex(batch.index).dropna()
    if len(known) < FEWEST:
        return 0.0
    try:
        return skill_score(known.p_true, batch[known.index], truth.json("meta")["naive_rate"], known.oracle_p)
    except ValueError:  # they were chosen so that there is nothing to know about them
        return 0.0


TRAITS: dict[str, Callable[[Body], bool]] = {
    "no history": lambda body: not body["history"],
    "unknown device age": lambda body: body["transaction"]["device_age_days"] is None,
    "unknown amount": lambda body: body["transaction"]["amount_eur"] is None,
    "merchant abroad": lambda body: bool(body["merchant"]["country"] != body["customer"]["country"]),
    "merchant in the history": lambda body: any(
        sale["merchant_id"] == body["transaction"]["merchant_id"] for sale in body["history"]
    ),
}


@check(skills=["serve", "observe-and-test"], level=3)
def the_same_question_gets_the_same_answer(produced: Produced, truth: Truth) -> None:
    """Asked again, later, in another order, after a restart or under another number, the service says the same."""
    service, bodies = running_service(produced), questions(produced)
    first, again = ask_once(service, "/predict", bodies)[:ASKED_AGAIN], bodies[:ASKED_AGAIN]
    differ = differing_replies(first, ask_backwards(service, "/predict", again), only=JUDGED)
    expect(
        differ == 0,
        f"{differ} of {ASKED_AGAIN} sales got another probability when we asked the same again. So an answer "
        "depends on who asked before, and with two copies of the service running, on luck. What does the "
        "service remember between two requests? All that it needs is in the question.",
    )
    fresh = produced.restarted.post_all("/predict", again, AT_ONCE) if produced.restarted else first
    moved = differing_replies(first, fresh, only=JUDGED)
    expect(
        moved == 0,
        f"{moved} of {ASKED_AGAIN} sales got another probability from a second copy of the service, freshly started on "
        "the same model. It will be restarted on a Friday evening, and a sale that was let through before is then "
        "held. What is drawn, counted or named anew each time that it starts?",
    )
    renumbered = service.post_all("/predict", [_renumbered(body) for body in again], AT_ONCE)
    others = differing_replies(first, renumbered, only=JUDGED)
    expect(
        others == 0,
        f"{others} of {ASKED_AGAIN} sales got another probability under another txn_id. A number says nothing of a "
        "sale, and tomorrow's sales have numbers that nobody has seen: does your service look its answers up?",
    )


def _renumbered(body: Body) -> object:
    return put(SALE, "txn_id", to="t_" + body["transaction"]["txn_id"][:1:-1])(body)


@check(skills=["serve", "prevent-leakage"], level=4, points=2)
def answers_follow_the_sale(produced: Produced, truth: Truth) -> None:
    """Sales that nobody had before are answered by the model: nearly equal ones nearly alike, riskier ones higher."""
    service = running_service(produced)
    bodies = [body for body in questions(produced) if body["transaction"]["amount_eur"]][:NEVER_ASKED]
    expect(bodies, "None of your scored sales has an amount.")
    asked = {"as they are": bodies}
    asked |= {name: [vary(body) for body in bodies] for name, vary in _variants(truth).items()}
    said = {
        name: [probability_of(answer) for answer in ask_once(service, "/predict", varied)]
        for name, varied in asked.items()
    }
    strange = sum(_strange(a, b) for a, b in zip(said["as they are"], said["nearly the same"], strict=True))
    expect(
        strange <= MOST_STRANGE * len(bodies),
        f"{strange} of {len(bodies)} sales got quite another probability when they came seven seconds later and cost a "
        "little more. Tomorrow's sales are none that you have ever seen; each of them is like some that you have. Is "
        "the answer computed from the question, or found somewhere?",
    )
    blind = sum(not (a or 0) > (b or 0) for a, b in zip(said["riskier"], said["safer"], strict=True))
    expect(
        blind <= MOST_STRANGE * len(bodies),
        f"We asked about {len(bodies)} sales twice, once with the amount and the device that in your world mean more "
        f"risk and once with those that mean less; {blind} of them did not get the higher probability for the former. "
        "So the answer does not follow from what was asked. What does your service do with a sale that is not among "
        "those that it was made from?",
    )


def _strange(first: float | None, second: float | None) -> bool:
    """Whether these are so far apart that a step of a tree would not explain it."""
    return first is None or second is None or abs(first - second) > max(0.02, 0.3 * first)


def _variants(truth: Truth) -> dict[str, Callable[[Body], Body]]:
    """Sales that nobody had: one nearly the same, one with more and one with less risk by the world's own causes."""
    causes = truth.json("meta")["mechanism"]["params"]
    dearer, newer = (1 if causes[name] > 0 else -1 for name in ("b_amount", "b_device"))
    return {
        "nearly the same": lambda body: _varied(body, 1.003, 7, body["transaction"]["device_age_days"]),
        "riskier": lambda body: _varied(body, 3.1**dearer, 11, 1.0 if newer > 0 else 600.0),
        "safer": lambda body: _varied(body, 3.1**-dearer, 11, 600.0 if newer > 0 else 1.0),
    }


def _varied(body: Body, factor: float, seconds: int, device_age: float | None) -> Body:
    sale = body["transaction"]
    later = (pd.Timestamp(sale["event_ts"]) + pd.Timedelta(seconds=seconds)).isoformat()
    changed = {"event_ts": later, "amount_eur": round(sale["amount_eur"] * factor, 4), "device_age_days": device_age}
    return {**body, "transaction": {**sale, **changed, "txn_id": "t_9000001"}}


@check(skills=["serve", "validate"], level=3, points=3)
def malformed_requests_are_refused(produced: Produced, truth: Truth) -> None:
    """A malformed request gets a status of 400 to 499 and an answer that names the offending field."""
    sound = [body for body in questions(produced) if body["history"] and body["transaction"]["amount_eur"]]
    expect(sound, "None of your scored sales has an amount and a history, so there is nothing to spoil.")
    rows = find_unrefused(running_service(produced), "/predict", spoil_each(sound[0], MALFORMED))
    expect(
        not rows,
        f"{len(rows)} of {len(MALFORMED)} malformed requests were not refused properly. A 200 is a number that "
        "somebody will act on, made from nonsense; a 500 wakes you at night for somebody else's mistake; a "
        "refusal without the name of the field makes them ring you up. Check every field before you compute, "
        "and do not echo what you refuse.",
        details=rows,
    )


@check(skills=["serve", "observe-and-test"], level=2)
def still_there_after_the_abuse(produced: Produced, truth: Truth) -> None:
    """After all that the service is well and gives the same answers as before."""
    service, bodies = running_service(produced), questions(produced)
    expect_unharmed(service, "/predict", bodies[0], ask_once(service, "/predict", bodies)[0], only=JUDGED)


@check(skills=["serve"], level=3)
def many_at_once(produced: Produced, truth: Truth) -> None:
    """Twelve questions at the same moment get the answers that they got one by one."""
    service, bodies = running_service(produced), encode_bodies(questions(produced))
    together = service.post_all("/predict", bodies, CROWD)
    silent = [describe_answer(answer) for answer in together if probability_of(answer) is None]
    expect(
        not silent,
        f"With {CROWD} questions at the same moment {len(silent)} of {len(together)} got no probability; the "
        f"first of these {silent[0] if silent else ''}. Friday evening is when the sales are, and "
        "the fraud.",
    )
    mixed = differing_replies(ask_once(service, "/predict", bodies), together, only=JUDGED)
    expect(
        mixed == 0,
        f"With {CROWD} questions at the same moment {mixed} of {len(together)} got another probability than "
        "alone: requests get into each other's way. Look for anything that a request writes and that is not "
        "its own.",
    )


@check(skills=["serve", "observe-and-test"], level=3)
def answers_in_time(produced: Produced, truth: Truth) -> Measured:
    """Half of all answers arrive within 100 milliseconds on a quiet host."""
    latency = measure_latency(running_service(produced), "/predict", encode_bodies(questions(produced))[:TIMED])
    return at_most(
        latency.quiet_ms,
        MEDIAN_MS,
        f"An answer takes {latency.quiet_ms:.0f} ms (the middle one of {TIMED}, one after the other, allowing for what "
        f"else our host was doing); the till waits {MEDIAN_MS} ms and then lets the sale through unseen. What does "
        "your service do for each request that it could do once, at the start?",
        expected=f"{MEDIAN_MS} ms",
        found=f"{latency.quiet_ms:.0f} ms",
        plot=histogram(latency.times, title="How long each answer took", value="milliseconds", count="answers"),
    )


# --- malformed requests: what it is, the field that must be named ("" where there is none), and how to make it --------

SALE = "transaction"
FROM_THE_FUTURE = [{"event_ts": "2031-01-01T00:00:00+00:00", "merchant_id": "m_1", "amount_eur": 1.0}]
MALFORMED: list[tuple[str, str, Spoil]] = [
    ("an empty body", "", lambda body: b""),
    ("a body that breaks off", "", lambda body: b'{"transaction": '),
    ("a list instead of an object", "", lambda body: b"[1, 2]"),
    ("three thousand nested lists", "", lambda body: b'{"transaction":' + b"[" * 3000 + b"]" * 3000 + b"}"),
    ("transaction is null", "transaction", put(SALE, to=None)),
    ("no amount at all", "amount_eur", leave_out(SALE, "amount_eur")),
    ("no merchant_id", "merchant_id", leave_out(SALE, "merchant_id")),
    ('the amount "12,50"', "amount_eur", put(SALE, "amount_eur", to="12,50")),
    ("the amount -5", "amount_eur", put(SALE, "amount_eur", to=-5)),
    ("the amount 0", "amount_eur", put(SALE, "amount_eur", to=0)),
    ("the amount NaN", "amount_eur", put_text(SALE, "amount_eur", text="NaN")),
    ("the amount 1e999", "amount_eur", put_text(SALE, "amount_eur", text="1e999")),
    ("a list as amount", "amount_eur", put(SALE, "amount_eur", to=[12.5])),
    ("a channel that does not exist", "channel", put(SALE, "channel", to="fax")),
    ("a time without a zone", "event_ts", put(SALE, "event_ts", to="2024-06-01 12:00:00")),
    ('the time "yesterday"', "event_ts", put(SALE, "event_ts", to="yesterday")),
    ("no time", "event_ts", put(SALE, "event_ts", to=None)),
    ("the device age -999", "device_age_days", put(SALE, "device_age_days", to=-999)),
    ("no country of the merchant", "country", leave_out("merchant", "country")),
    ("a category that does not exist", "category", put("merchant", "category", to="dragons")),
    ("no sign-up date", "signup_date", leave_out("customer", "signup_date")),
    ("a fee in words", "fee_bps", put("fee_bps", to="two per cent")),
    ("a history that is no list", "history", put("history", to="none")),
    ("a history from the future", "history", put("history", to=FROM_THE_FUTURE)),
]
