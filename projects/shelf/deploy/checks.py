"""What is asked of deploy: that the service agrees with the batch, has manners, and is still there afterwards."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from grading.kit import (
    Produced,
    Truth,
    answer_fault,
    ask_backwards,
    ask_once,
    check,
    counted,
    differing_replies,
    encode_bodies,
    expect,
    find_unrefused,
    health_fault,
    malformed_bodies,
    measure_latency,
    running_service,
    spoil_each,
    table,
    traits_in_common,
    version_fault,
)
from grading.kit.bodies import Body, Spoil, put

SALES = {"store": "string", "sku": "string", "date": "date", "sold": "float?", "was_open": "bool", "stockout": "bool?"}
PLAN = {
    **dict.fromkeys(("promotion", "store", "sku"), "string"),
    **dict.fromkeys(("published_on", "starts_on", "ends_on"), "date"),
    "version": "int",
    "discount": "float",
    "cancelled": "bool",
}
SAID = {"issued_on": "date", "date": "date", "temp_c": "float", "rain_chance": "float"}
SEEN = {"date": "date", "temp_c": "float?"}
EVENTS = {"store": "string", "kind": "string", "date": "date"}
ARTICLES = {"sku": "string", "category": "string"}
STORES = {"store": "string", "kind": "string"}
FORECAST = {
    **dict.fromkeys(("store", "sku"), "string"),
    **dict.fromkeys(("date", "as_of"), "date"),
    "horizon": "int",
    **dict.fromkeys(("mean", "q10", "q50", "q90"), "float"),
}
ANSWER = {**dict.fromkeys(("mean", "q10", "q50", "q90"), "number"), "model_version": "string"}
NUMBERS = ("mean", "q10", "q50", "q90")

HISTORY, RECENT = 56, 28
TOLERANCE = 1e-3
DIFFERING = 0.02
FEWEST = 30
CROWD, ASKED_AGAIN, TIMED = 12, 20, 20
QUIET_MS = 100


# --- the questions that the ordering system would ask ---


def batch_answers(produced: Produced) -> pd.DataFrame:
    """What the learner's own predict says about the sample."""
    key = ["store", "sku", "as_of", "horizon"]
    rows = table(produced.probes["batch"], "forecast.parquet", columns=FORECAST, key=key)
    expect(
        len(rows) >= FEWEST,
        f"pipeline.predict gave {counted(len(rows), 'answer')}; it was asked about up to 70 shelves.",
    )
    return rows


@cache
def _clean(folder: Path) -> Mapping[str, pd.DataFrame]:
    clean = Produced(folder)
    schemas = {"sales_daily": SALES, "promotions": PLAN, "weather_said": SAID, "weather_seen": SEEN}
    schemas |= {"events": EVENTS, "articles": ARTICLES, "stores": STORES}
    return {name: table(clean, f"{name}.parquet", columns=columns) for name, columns in schemas.items()}


def questions(produced: Produced) -> list[Body]:
    """The body of POST /forecast for each row of the sample, from the learner's own clean tables."""
    clean = _clean(produced.upstream["clean"].folder)
    shelves = dict(list(clean["sales_daily"].groupby(["store", "sku"])))
    kinds = dict(zip(clean["stores"].store, clean["stores"].kind, strict=True))
    categories = dict(zip(clean["articles"].sku, clean["articles"].category, strict=True))
    asked = batch_answers(produced)
    foreign = ~asked.set_index(["store", "sku"]).index.isin(list(shelves))
    strangers = int(foreign.sum())
    expect(not strangers, f"pipeline.predict answers about {strangers} shelves that your clean table lacks.")
    return [
        {
            "store": row.store,
            "sku": row.sku,
            "as_of": row.as_of.isoformat(),
            "horizon": int(row.horizon),
            "article": {"category": categories[row.sku]},
            "shop": {"kind": kinds[row.store]},
            "history": _history(shelves[row.store, row.sku], row.as_of),
            "promotions": _plan(clean["promotions"], row.store, row.sku, row.as_of),
            "weather": _weather(clean, row.as_of, row.as_of + timedelta(days=int(row.horizon))),
            "events": _events(clean["events"], row.store, row.as_of),
        }
        for row in _each(asked)
    ]


def _each(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples(index=False))


def _known(value: Any) -> Any:
    """A plain value, None where nothing is known."""
    return None if value is None or value is pd.NA or value != value else value


def _history(shelf: pd.DataFrame, as_of: date) -> list[Body]:
    first = as_of - timedelta(days=HISTORY - 1)
    days = shelf[(shelf.date >= first) & (shelf.date <= as_of)].sort_values("date")
    return [
        {
            "date": row.date.isoformat(),
            "sold": _known(row.sold),
            "was_open": bool(row.was_open),
            "stockout": None if _known(row.stockout) is None else bool(row.stockout),
        }
        for row in _each(days)
    ]


def _plan(plan: pd.DataFrame, store: str, sku: str, as_of: date) -> list[Body]:
    known = plan[(plan.store == store) & (plan.sku == sku) & (plan.published_on <= as_of)]
    dates = ("published_on", "starts_on", "ends_on")
    return [
        {
            "promotion": row.promotion,
            "version": int(row.version),
            **{name: getattr(row, name).isoformat() for name in dates},
            "discount": float(row.discount),
            "cancelled": bool(row.cancelled),
        }
        for row in _each(known)
    ]


def _weather(clean: Mapping[str, pd.DataFrame], as_of: date, day: date) -> Body:
    said, seen = clean["weather_said"], clean["weather_seen"]
    found = said[(said.issued_on == as_of) & (said.date == day)]
    recent = seen[(seen.date > as_of - timedelta(days=RECENT)) & (seen.date <= as_of)].sort_values("date")
    return {
        "temp_c": float(found.temp_c.iloc[0]) if len(found) else None,
        "rain_chance": float(found.rain_chance.iloc[0]) if len(found) else None,
        "recent_temp_c": [_known(value) for value in recent.temp_c.tolist()],
    }


def _events(events: pd.DataFrame, store: str, as_of: date) -> list[Body]:
    first, last = as_of - timedelta(days=HISTORY), as_of + timedelta(days=16)
    near = events[(events.store == store) & (events.date >= first) & (events.date <= last)]
    return [{"kind": row.kind, "date": row.date.isoformat()} for row in _each(near)]


# --- checks -----------------------------------------------------------------------------------------------------------


@check(skills=["serve", "observe-and-test"], level=1, gate=True)
def health_is_told(produced: Produced, truth: Truth) -> None:
    """GET /health answers 200 with status ok and the version of the model."""
    answer = running_service(produced).get("/health")
    fault = health_fault(answer)
    expect(
        not fault,
        f"GET /health {fault}. Whoever is on call asks this first, and without the version nobody can tell which model "
        "ordered yesterday's bread. Start the service at home with MODEL_DIR set and ask it with curl; its own output "
        "is shown below.",
        found=answer.text,
    )


@check(skills=["serve"], level=2, gate=True)
def forecasts_keep_their_contract(produced: Produced, truth: Truth) -> None:
    """POST /forecast answers with a mean, three quantiles in order, and the version that /health names."""
    service = running_service(produced)
    answers = ask_once(service, "/forecast", questions(produced))
    faults = [fault for answer in answers if (fault := answer_fault(answer, ANSWER))]
    expect(
        not faults,
        f"{len(faults)} of {len(answers)} well-formed questions got no forecast; the first: "
        f"{faults[0] if faults else ''}. "
        "A shelf without an answer is ordered by habit. Among the questions are unknown days, nights without a count "
        "and shelves without any promotion.",
    )
    crossed = sum(not 0 <= a.json["q10"] <= a.json["q50"] <= a.json["q90"] for a in answers)
    expect(not crossed, f"In {crossed} answers the quantiles are below nought or cross each other.")
    other = version_fault(answers, service.get("/health"))
    expect(not other, f"/forecast {other}.")


@check(skills=["serve", "prevent-leakage"], level=4, points=4)
def service_agrees_with_batch(produced: Produced, truth: Truth) -> None:
    """The service gives each shelf the forecast that your own batch run gives it."""
    batch, bodies = batch_answers(produced), questions(produced)
    answers = ask_once(running_service(produced), "/forecast", bodies)
    said = pd.DataFrame([{name: answer.json[name] for name in NUMBERS} for answer in answers])
    apart = (said - batch[list(NUMBERS)].reset_index(drop=True)).abs()
    apart = apart.where(lambda gap: gap > TOLERANCE * (1 + batch[list(NUMBERS)].reset_index(drop=True).abs()), 0.0)
    differ = ~(apart == 0).all(axis=1)
    expect(
        differ.mean() <= DIFFERING,
        f"{int(differ.sum())} of {len(batch)} shelves get another forecast from the service than from "
        f"pipeline.predict, by up to {float(apart.max().max()):.2f} pieces. Everything was right in the back-test, "
        "and the lorry is loaded by other numbers. Print one row of features.parquet beside the row that the service "
        "makes of the question; the table says what the shelves that differ have in common.",
        details=traits_in_common(bodies, differ, TRAITS, things="shelves"),
    )


TRAITS: dict[str, Callable[[Body], bool]] = {
    "a promotion in the plan": lambda body: bool(body["promotions"]),
    "an unknown day": lambda body: any(day["sold"] is None for day in body["history"]),
    "a night without a count": lambda body: any(day["stockout"] is None for day in body["history"]),
    "an empty shelf": lambda body: any(day["stockout"] for day in body["history"]),
    "a festival or holiday near": lambda body: bool(body["events"]),
    "more than a week ahead": lambda body: body["horizon"] > 7,
}


@check(skills=["serve", "observe-and-test"], level=3)
def the_same_question_gets_the_same_answer(produced: Produced, truth: Truth) -> None:
    """Asked again, later and in another order, the service says the same."""
    service, bodies = running_service(produced), questions(produced)
    first = ask_once(service, "/forecast", bodies)[:ASKED_AGAIN]
    differ = differing_replies(first, ask_backwards(service, "/forecast", bodies[:ASKED_AGAIN]))
    expect(
        differ == 0,
        f"{differ} of {len(first)} shelves got another forecast when we asked the same again. So an answer depends on "
        "who asked before, and with two copies of the service on luck. All that it needs is in the question; what "
        "does it remember between two?",
    )


@check(skills=["serve", "validate"], level=3, points=3)
def malformed_requests_are_refused(produced: Produced, truth: Truth) -> None:
    """A malformed request gets a status of 400 to 499 and an answer that names the offending field."""
    sound = questions(produced)[0]
    asked = [*malformed_bodies(sound), *spoil_each(sound, MALFORMED)]
    rows = find_unrefused(running_service(produced), "/forecast", asked, patience_s=30)
    expect(
        not rows,
        f"{len(rows)} of {len(asked)} malformed requests were not refused properly. A 200 is an order made from "
        "nonsense; a 500 wakes you at night for somebody else's mistake; a refusal without the field's name makes them "
        "ring up. Check every field before you compute, and do not echo what you refuse.",
        details=rows,
    )


def plan(published: int, **spoilt: object) -> Spoil:
    """A body whose plan holds one promotion, published so many days after the evening, and otherwise as usual."""

    def spoil(body: Body) -> Body:
        days = {"published_on": published, "starts_on": published + 1, "ends_on": published + 7}
        dates = {name: _in_days(body, number) for name, number in days.items()}
        usual = {"promotion": "p_1", "version": 1, **dates, "discount": 0.25, "cancelled": False}
        return {**body, "promotions": [{**usual, **spoilt}]}

    return spoil


def _in_days(body: Body, number: int) -> str:
    return (date.fromisoformat(body["as_of"]) + timedelta(days=number)).isoformat()


MALFORMED: list[tuple[str, str, Spoil]] = [
    ("the horizon 0", "horizon", put("horizon", to=0)),
    ("the horizon 15", "horizon", put("horizon", to=15)),
    ("the horizon 2.5", "horizon", put("horizon", to=2.5)),
    ('the day "tomorrow"', "as_of", put("as_of", to="tomorrow")),
    ("a category that does not exist", "category", put("article", to={"category": "dragons"})),
    ("a kind of shop that does not exist", "kind", put("shop", to={"kind": "castle"})),
    ("a forecast of 451 degrees", "temp_c", put("weather", "temp_c", to=451.0)),
    ("a forecast of -273 degrees", "temp_c", put("weather", "temp_c", to=-273.0)),
    ("sold -3", "sold", put("history", -1, "sold", to=-3)),
    ('was_open "yes"', "was_open", put("history", -1, "was_open", to="yes")),
    ("a history that breaks off", "history", lambda body: {**body, "history": body["history"][:20]}),
    ("a promotion that nobody has published yet", "promotions", plan(published=30)),
    ("a discount of -0.25", "discount", plan(published=-3, discount=-0.25)),
    ('an event "dragons"', "kind", lambda body: {**body, "events": [{"kind": "dragons", "date": body["as_of"]}]}),
]


@check(skills=["serve", "observe-and-test"], level=2)
def still_there_after_the_abuse(produced: Produced, truth: Truth) -> None:
    """After all that the service is well and gives the same answers as before."""
    service, bodies = running_service(produced), questions(produced)
    health = service.get("/health")
    after = [service.post("/forecast", body) for body in bodies[:3]]
    expect(
        health.status == 200 and differing_replies(ask_once(service, "/forecast", bodies)[:3], after) == 0,
        f"After the malformed requests GET /health answers {health.status or 'nothing'}, or the first questions get "
        "other answers than before. One bad client must not spoil the order of all shops. What does a request leave "
        "behind?",
    )


@check(skills=["serve"], level=3)
def many_at_once(produced: Produced, truth: Truth) -> None:
    """Twelve questions at the same moment get the answers that they got a few at a time."""
    service, bodies = running_service(produced), encode_bodies(questions(produced))
    differ = differing_replies(ask_once(service, "/forecast", bodies), service.post_all("/forecast", bodies, CROWD))
    expect(
        differ == 0,
        f"With {CROWD} questions at the same moment {differ} of {len(bodies)} got another answer, or none. At six in "
        "the evening eight shops order at once. Look for anything that a request writes and that is not its own.",
    )


@check(skills=["serve", "observe-and-test"], level=4)
def answers_in_time(produced: Produced, truth: Truth) -> None:
    """Half of all answers arrive within 100 milliseconds, as on a host that does nothing else."""
    found = measure_latency(running_service(produced), "/forecast", encode_bodies(questions(produced))[:TIMED])
    expect(
        found.quiet_ms <= QUIET_MS,
        f"An answer takes {found.quiet_ms:.0f} ms (the middle one of {TIMED}, other load taken out); a full order is "
        "1,680 of them and Aylin waits in front of the screen. What does your service do for each question that it "
        "could do once, at the start?",
        expected=f"{QUIET_MS} ms",
        found=f"{found.quiet_ms:.0f} ms",
    )
