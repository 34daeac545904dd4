"""What is asked of deploy: that the service agrees with the batch, refuses wrong units, and bears broken sensors."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from grading.kit import (
    Answer,
    Malformed,
    Measured,
    Produced,
    Service,
    Truth,
    answer_fault,
    ask_backwards,
    ask_once,
    at_most,
    check,
    counted,
    differing_replies,
    encode_bodies,
    expect,
    find_unrefused,
    health_fault,
    malformed_bodies,
    measure_latency,
    number_or_null,
    refusal_fault,
    running_service,
    spoil_each,
    table,
    traits_in_common,
    version_fault,
)
from grading.kit.bodies import Body, Spoil, put

CHANNELS = ("vib", "temp_c", "pressure_bar", "load")
READINGS = {"pump_id": "string", "ts": "timestamp", **dict.fromkeys(CHANNELS, "float?")}
STOPS = {"pump_id": "string", "started_at": "timestamp", "ended_at": "timestamp?", "kind": "string"}
PUMPS = {"pump_id": "string", "make": "string", "commissioned": "timestamp"}
PREDICTIONS = {"row_id": "string", "probability": "float", "visit": "bool"}
ANSWER = {"probability": "number", "visit": "bool", "model_version": "string", "warnings": "list"}

WEEK = pd.Timedelta(hours=168)
MONTH = pd.Timedelta(days=30)
TOLERANCE = 1e-3
FEWEST = 20
CROWD = 12
ASKED_AGAIN = 12
TIMED = 20
MEDIAN_MS = 50
PATIENCE_S = 30
# A busy host makes an answer slower and never faster, so the quickest of some rounds is nearest to the truth.
ROUNDS = 3


# --- the questions that the control room would ask --------------------------------------------------------------------


def batch_answers(produced: Produced) -> pd.DataFrame:
    """What the learner's own predict says about the sample."""
    rows = table(produced.probes["batch"], "predictions.parquet", columns=PREDICTIONS, key="row_id")
    expect(len(rows) >= FEWEST, f"pipeline.predict gave {counted(len(rows), 'answer')} where 40 rows were asked about.")
    return rows.set_index("row_id")


def questions(produced: Produced) -> list[Body]:
    """The body of POST /predict for each row of the sample, from the learner's own clean tables."""
    clean = produced.upstream["clean"]
    readings = table(clean, "readings.parquet", columns=READINGS)
    stops = table(clean, "stops.parquet", columns=STOPS)
    pumps = table(clean, "pumps.parquet", columns=PUMPS, key="pump_id").set_index("pump_id")
    heard, stopped = dict(list(readings.groupby("pump_id"))), dict(list(stops.groupby("pump_id")))
    bodies = []
    for row_id in batch_answers(produced).index:
        pump, _, hour = str(row_id).partition("@")
        expect(pump in heard and pump in pumps.index, "pipeline.predict answers about pumps that your tables lack.")
        bodies.append(_ask_about(pump, pd.Timestamp(f"{hour}:00Z"), pumps, heard[pump], stopped.get(pump, stops[:0])))
    return bodies


def _ask_about(pump: str, at: pd.Timestamp, pumps: pd.DataFrame, readings: pd.DataFrame, stops: pd.DataFrame) -> Body:
    week = readings[(readings.ts >= at - WEEK) & (readings.ts < at)].drop_duplicates("ts")
    ended = stops.ended_at[stops.ended_at <= at].max()
    failed = stops.started_at[stops.kind == "failure"]
    known: list[Any] = list(week.sort_values("ts").itertuples())
    return {
        "pump": {
            "pump_id": pump,
            "make": pumps.make[pump],
            "commissioned": f"{pumps.commissioned[pump]:%Y-%m-%d}",
        },
        "at": at.isoformat(),
        "running_since": (readings.ts.min() if pd.isna(ended) else ended).isoformat(),
        "failures_30d": int(((failed >= at - MONTH) & (failed < at)).sum()),
        "readings": [
            {"ts": r.ts.isoformat(), **{name: number_or_null(getattr(r, name)) for name in CHANNELS}} for r in known
        ],
    }


def ask(service: Service, bodies: list[Body]) -> tuple[Answer, ...]:
    """The service's first answers; a week of readings takes longer to send and to read than a short question."""
    return ask_once(service, "/predict", bodies, patience_s=PATIENCE_S)


def fault_of(answer: Answer) -> str:
    fault = answer_fault(answer, ANSWER)
    if not fault and not 0 <= answer.json["probability"] <= 1:
        return "gives a probability outside 0 to 1"
    return fault


def sound_body(produced: Produced) -> Body:
    """A question with a whole week of readings, to be spoilt."""
    full = max(questions(produced), key=lambda body: sum(None not in reading.values() for reading in body["readings"]))
    whole = [reading for reading in full["readings"] if None not in reading.values()]
    expect(whole, "None of your scored rows has a reading with all four channels, so there is nothing to ask with.")
    return {**full, "readings": whole}


# --- checks -----------------------------------------------------------------------------------------------------------


@check(skills=["serve", "observe-and-test"], level=1, gate=True)
def health_is_told(produced: Produced, truth: Truth) -> None:
    """GET /health answers 200 with status ok and the version of the model."""
    fault = health_fault(running_service(produced).get("/health"))
    expect(
        not fault,
        f"GET /health {fault}. The control room asks this every "
        "minute and restarts what does not answer; without the version nobody knows which model sent the crew "
        "yesterday. Start it at home with MODEL_DIR set and ask it with curl; its own output is shown below.",
    )


@check(skills=["serve"], level=2, gate=True)
def predict_keeps_its_contract(produced: Produced, truth: Truth) -> None:
    """POST /predict answers with probability, visit, model_version and warnings, also soon after a repair."""
    service = running_service(produced)
    answers = ask(service, questions(produced))
    bad = [fault for answer in answers if (fault := fault_of(answer))]
    expect(
        not bad,
        f"{len(bad)} of {len(answers)} well-formed questions were not answered as promised; the first of these "
        f"{bad[0] if bad else ''}. At six in the morning Ivo sees a blank where a pump should be. Among the questions "
        "are windows of a few hours, after a repair, and readings of which single channels are null.",
    )
    other = version_fault(answers, service.get("/health"))
    expect(not other, f"/predict {other}.")


@check(skills=["serve", "prevent-leakage"], level=4, points=4)
def service_agrees_with_batch(produced: Produced, truth: Truth) -> None:
    """The service gives each pump the probability, and the visit, that your own batch run gives it."""
    batch, bodies = batch_answers(produced), questions(produced)
    answers = ask(running_service(produced), bodies)
    said = pd.Series([answer.json["probability"] for answer in answers], index=batch.index, dtype="float64")
    visits = pd.Series([bool(answer.json["visit"]) for answer in answers], index=batch.index)
    apart = (said - batch.probability).abs()
    differ = ~(apart <= TOLERANCE)
    expect(
        not differ.any(),
        f"{int(differ.sum())} of {len(batch)} rows get another probability from the service than from "
        f"pipeline.predict, by up to {apart.max():.3f}. The number that was validated is not the number that sends the "
        "crew. Take one row and print its columns in features.parquet beside those that the service makes of the "
        "question. The table says what the rows that differ have in common.",
        details=traits_in_common(bodies, differ, TRAITS, things="rows"),
    )
    unlike = int((visits != batch.visit).sum())
    expect(unlike == 0, f"{unlike} rows have the same probability and another visit: the price is kept in two places.")


TRAITS: dict[str, Callable[[Body], bool]] = {
    "a repair within the week": lambda body: _hours(body["at"], body["running_since"]) < 168,
    "a missing value": lambda body: any(None in reading.values() for reading in body["readings"]),
    "a missing hour": lambda body: len(body["readings"]) < min(168, int(_hours(body["at"], body["running_since"]))),
}


def _hours(later: str, earlier: str) -> float:
    return (pd.Timestamp(later) - pd.Timestamp(earlier)).total_seconds() / 3600


@check(skills=["serve", "validate"], level=3, points=2)
def wrong_units_are_refused(produced: Produced, truth: Truth) -> None:
    """A reading in a unit that no pump has (180 degrees, 72 bar, a load of 63) is refused by name."""
    sound, service = sound_body(produced), running_service(produced)
    wrong = {"temp_c": 180.0, "pressure_bar": 72.5, "load": 63.0, "vib": -4.0}
    answers = [service.post("/predict", _with_reading(sound, {name: value})) for name, value in wrong.items()]
    rows = [
        {"reading": f"{name} {value:g}", "answer": fault}
        for (name, value), answer in zip(wrong.items(), answers, strict=True)
        if (fault := refusal_fault(answer, name))
    ]
    expect(
        not rows,
        f"{len(rows)} of {len(wrong)} readings in an impossible unit got through (table). A new firmware will send "
        "Fahrenheit again one day, and a number made of it looks like any other: the crew drives out to a cold pump. "
        "What does the data dictionary say a running pump has, and who turns the rest away?",
        details=rows,
    )


@check(skills=["serve", "validate"], level=4, points=2)
def broken_sensors_are_borne(produced: Produced, truth: Truth) -> None:
    """With a channel empty all week, with few readings or none, and for a pump just started, there is an answer."""
    sound, service = sound_body(produced), running_service(produced)
    cases = {
        **{f"no {name} all week": _without_channel(sound, name) for name in CHANNELS},
        "three readings": {**sound, "readings": sound["readings"][-3:]},
        "no reading at all": {**sound, "readings": []},
        "a pump that has started in this moment": {**sound, "running_since": sound["at"]},
    }
    faults = {what: fault_of(service.post("/predict", body)) for what, body in cases.items()}
    rows = [{"window": what, "answer": fault} for what, fault in faults.items() if fault]
    expect(
        not rows,
        f"{len(rows)} of {len(cases)} windows with holes got no proper answer (table). Sensors die first on the pumps "
        "that shake most; a service that falls silent about those is silent when it matters. Follow an empty cell "
        "through your columns: where does it first become something that cannot be written as JSON?",
        details=rows,
    )


@check(skills=["serve", "observe-and-test"], level=3)
def stale_windows_are_flagged(produced: Produced, truth: Truth) -> None:
    """When the last reading is more than six hours old, warnings say so; when it is fresh, they are empty."""
    sound, service = sound_body(produced), running_service(produced)
    at = pd.Timestamp(sound["at"])
    old = [reading for reading in sound["readings"] if at - pd.Timestamp(reading["ts"]) > pd.Timedelta(hours=12)]
    newest = {**sound["readings"][-1], "ts": (at - pd.Timedelta(hours=1)).isoformat()}
    fresh = [reading for reading in sound["readings"] if reading["ts"] != newest["ts"]]
    stale = service.post("/predict", {**sound, "readings": old})
    calm = service.post("/predict", {**sound, "readings": [*fresh, newest]})
    for answer in (stale, calm):
        expect(not fault_of(answer), f"A window with its last readings cut off {fault_of(answer)}.")
    expect(
        stale.json["warnings"],
        "The last reading was more than twelve hours old, and the answer says nothing about it. Ivo reads yesterday's "
        "calm as today's. What is the newest hour in the window, and how far is it from `at`?",
    )
    expect(not calm.json["warnings"], "A fresh window carries a warning; warnings that always ring are soon unread.")


def _with_reading(body: Body, changed: Body) -> Body:
    return {**body, "readings": [*body["readings"][:-1], {**body["readings"][-1], **changed}]}


def _without_channel(body: Body, name: str) -> Body:
    return {**body, "readings": [{**reading, name: None} for reading in body["readings"]]}


@check(skills=["serve", "validate"], level=3, points=2)
def malformed_requests_are_refused(produced: Produced, truth: Truth) -> None:
    """A malformed request gets a status of 400 to 499 and an answer that names the offending field."""
    sound = sound_body(produced)
    sound = {**sound, "readings": sound["readings"][-6:]}
    asked = [*malformed_bodies(sound), *spoil_each(sound, _own_nonsense(sound))]
    rows = _unrefused_twice(running_service(produced), asked)
    expect(
        not rows,
        f"{len(rows)} of {len(asked)} malformed requests were not refused properly. A 200 is a number made of nonsense "
        "that somebody will act on; a 500 wakes you for somebody else's mistake; a refusal without the name of the "
        "field makes them ring you up. Check every field before you compute, and do not echo what you refuse.",
        details=rows,
    )


def _unrefused_twice(service: Service, asked: list[Malformed]) -> list[dict[str, object]]:
    """What was not refused, asked once more: on a busy host a deadline may pass once, and nonsense stays nonsense."""
    first = {row["request"] for row in find_unrefused(service, "/predict", asked, patience_s=PATIENCE_S)}
    again = [one for one in asked if one.name in first]
    return find_unrefused(service, "/predict", again, patience_s=PATIENCE_S)


def _own_nonsense(sound: Body) -> list[tuple[str, str, Spoil]]:
    """What only this project knows to be wrong: what it is, the field to be named, and how to make it."""
    last = sound["readings"][-1]
    later = (pd.Timestamp(sound["at"]) + pd.Timedelta(hours=2)).isoformat()
    return [
        ("a make that nobody builds", "make", put("pump", "make", to="Dragon")),
        ("a moment without a zone", "at", put("at", to="2024-05-10 06:00:00")),
        ("a reading of the future", "readings", put("readings", to=[*sound["readings"], {**last, "ts": later}])),
        ("two readings of one hour", "readings", put("readings", to=[*sound["readings"], last])),
        ("running since later", "running_since", put("running_since", to=later)),
        ("minus one failure", "failures_30d", put("failures_30d", to=-1)),
    ]


@check(skills=["serve", "observe-and-test"], level=3, points=2)
def the_same_question_gets_the_same_answer(produced: Produced, truth: Truth) -> None:
    """Asked again, backwards, with twelve at the same moment, and after all the nonsense, it says the same."""
    service, bodies = running_service(produced), questions(produced)
    first = ask(service, bodies)
    again = ask_backwards(service, "/predict", bodies[:ASKED_AGAIN])
    crowd = service.post_all("/predict", encode_bodies(bodies), CROWD, patience_s=PATIENCE_S)
    differ = differing_replies(first[:ASKED_AGAIN], again), differing_replies(first, crowd)
    expect(
        not any(differ),
        f"Asked again one by one, {differ[0]} of {ASKED_AGAIN} pumps got another answer; with {CROWD} questions at the "
        f"same moment {differ[1]} of {len(bodies)}. With two copies of the service running, it would depend on luck "
        "whether the crew goes. What does a request leave behind that the next one finds?",
    )


@check(skills=["serve", "observe-and-test"], level=3)
def answers_in_time(produced: Produced, truth: Truth) -> Measured:
    """Half of all answers arrive within 50 milliseconds on a quiet machine."""
    quiet_ms = _quickest(running_service(produced), questions(produced)[:TIMED])
    return at_most(
        quiet_ms,
        MEDIAN_MS,
        f"An answer takes {quiet_ms:.0f} ms (the middle one of {TIMED}, one after the other, a busy host "
        f"allowed for); the control room's wall asks about 90 pumps and shows what came within {MEDIAN_MS} ms each. "
        "What does your service do for every request that it could do once, at the start?",
        expected=f"{MEDIAN_MS} ms",
        found=f"{quiet_ms:.0f} ms",
    )


def _quickest(service: Service, bodies: list[Body]) -> float:
    """Milliseconds of the middle answer in the best of some rounds; one within the mark is enough."""
    best = float("inf")
    for _ in range(ROUNDS):
        best = min(best, measure_latency(service, "/predict", bodies).quiet_ms)
        if best <= MEDIAN_MS:
            break
    return best
