"""What is asked of deploy: that the service agrees with the batch, has manners, and is still there afterwards."""

from collections.abc import Callable
from typing import Any

import numpy as np
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
    find_faults,
    find_unrefused,
    health_fault,
    measure_latency,
    number_or_null,
    probability_of,
    read_kills,
    running_service,
    spoil_each,
    table,
    traits_in_common,
    version_fault,
)
from grading.kit.bodies import Body, Spoil, leave_out, put, put_text

FLIGHTS = {
    "flight_id": "string",
    "carrier": "string",
    "tailnum": "string?",
    "dest": "string",
    "sched_dep_ts": "timestamp",
    "sched_arr_ts": "timestamp",
    "dep_delay_min": "float?",
}
READINGS = ("visib_mi", "wind_mph", "precip_in")
WEATHER = {"observed_at": "timestamp", **dict.fromkeys(READINGS, "float?")}
PLANES = {"tailnum": "string", "built": "float?"}
PREDICTIONS = {"flight_id": "string", "probability": "float"}
JUDGED = ("probability",)

BEFORE, SHOWN = pd.Timedelta(hours=2), pd.Timedelta(hours=12)
TOLERANCE = 1e-3
DIFFERING = 0.01
# Of 80 flights from the corners: a model that only seems to answer says nothing about them.
LEAST_SPREAD = 0.2
FEWEST = 40
AT_ONCE = 4
CROWD = 12
ASKED_AGAIN = 20
TIMED = 25
MEDIAN_MS = 100
ENTRY, BUGS = "pipeline/serve.py", 10
# Ten bugs are few: whose tests find six of ten finds four on an unlucky day.
NOTICED = 0.35


# --- the questions that the desk would ask ----------------------------------------------------------------------------


def batch_answers(produced: Produced) -> pd.Series:
    """What the learner's own predict says about the sample: probability by flight_id."""
    rows = table(produced.probes["batch"], "predictions.parquet", columns=PREDICTIONS, key="flight_id")
    said = rows.set_index("flight_id").probability
    expect(
        len(said) >= FEWEST, f"pipeline.predict gave {counted(len(said), 'answer')} where 80 flights were asked about."
    )
    return said


def questions(produced: Produced) -> list[Body]:
    """The body of POST /predict for each flight of the sample, from the learner's own clean tables."""
    clean = produced.upstream["clean"]
    flights = table(clean, "flights.parquet", columns=FLIGHTS, key="flight_id").set_index("flight_id", drop=False)
    asked = batch_answers(produced).index
    unknown = asked.difference(flights.index)
    expect(
        not len(unknown),
        f"pipeline.predict answers about {counted(len(unknown), 'flight')} that your clean table lacks.",
    )
    weather = table(clean, "weather.parquet", columns=WEATHER).sort_values("observed_at", kind="stable")
    planes = table(clean, "planes.parquet", columns=PLANES, key="tailnum").set_index("tailnum").built
    left = flights.sched_dep_ts + pd.to_timedelta(flights.dep_delay_min, unit="m")
    return [
        {
            "flight": _flight(row),
            "built": _year(planes.get(row.tailnum)),
            "weather": _weather(weather, row.sched_dep_ts - BEFORE),
            "board": _board(flights, left, row.sched_dep_ts - BEFORE),
        }
        for row in each(flights.loc[asked])
    ]


def each(frame: pd.DataFrame) -> list[Any]:
    """Its rows as named tuples."""
    return list(frame.itertuples())


def _flight(row: Any) -> Body:
    moments = {name: getattr(row, name).isoformat() for name in ("sched_dep_ts", "sched_arr_ts")}
    return {"flight_id": row.flight_id, "carrier": row.carrier, "dest": row.dest, **moments}


def _weather(weather: pd.DataFrame, asked: pd.Timestamp) -> Body:
    """The last reading at or before that moment; nothing is known before the first."""
    place = int(weather.observed_at.searchsorted(asked, side="right")) - 1
    return {name: number_or_null(weather[name].iloc[place]) if place >= 0 else None for name in READINGS}


def _board(flights: pd.DataFrame, left: pd.Series, asked: pd.Timestamp) -> list[Body]:
    """Who left, or was to leave, in the twelve hours before; without a delay while they were still at the gate."""
    gone = left < asked
    shown = ((left >= asked - SHOWN) & gone) | flights.sched_dep_ts.between(asked - SHOWN, asked, inclusive="left")
    lines = zip(flights.sched_dep_ts[shown], flights.dep_delay_min[shown].where(gone[shown]), strict=True)
    return [{"sched_dep_ts": moment.isoformat(), "dep_delay_min": number_or_null(delay)} for moment, delay in lines]


def _year(built: float | None) -> int | None:
    return None if built is None or built != built else int(built)


# --- checks -----------------------------------------------------------------------------------------------------------


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
        f"{bad[0] if bad else ''}. At the desk that is an empty cell, and an empty cell is read as 'fine'. "
        "Among the questions are planes that nobody knows, readings that are null, and a board that is empty because "
        "it is five in the morning.",
    )
    other = version_fault(answers, service.get("/health"))
    expect(not other, f"/predict {other}.")


@check(skills=["serve", "prevent-leakage"], level=4, points=4)
def service_agrees_with_batch(produced: Produced, truth: Truth) -> None:
    """The service gives each flight the probability that your own batch run gives it."""
    batch, bodies = batch_answers(produced), questions(produced)
    answers = ask_once(running_service(produced), "/predict", bodies)
    apart = (pd.Series([probability_of(answer) for answer in answers], index=batch.index) - batch).abs()
    differ = ~(apart <= TOLERANCE)
    expect(
        differ.sum() <= DIFFERING * len(batch),
        f"{differ.sum()} of {len(batch)} flights get another probability from the service than from pipeline.predict, "
        f"by up to {apart.max():.3f}. The batch was judged, the service is believed, and they are two different "
        "models. The question holds only what was known two hours ahead, so a column that knew more cannot be made "
        "from it. Print the row of one flight from features.parquet beside the row that the service makes; the "
        "table says what the flights that differ have in common.",
        details=traits_in_common(bodies, differ, TRAITS, things="flights"),
    )
    expect(
        _tells_apart(batch, truth) >= LEAST_SPREAD,
        f"Service and pipeline.predict agree about these {len(batch)} flights, but what they say has next to nothing "
        "to do with what a model knows that was asked about all of them. Does pipeline.predict take another way "
        "when it is asked about few rows? The desk asks about one.",
    )


def _tells_apart(batch: pd.Series, truth: Truth) -> float:
    """The rank correlation with the maintainer's model, so that service and batch cannot agree on nonsense."""
    ours = truth.table("flights", ["flight_id", "anchor_p"]).set_index("flight_id").anchor_p.reindex(batch.index)
    if batch.nunique() < 2 or len(ours.dropna()) < FEWEST:
        return 0.0
    return float(np.corrcoef(batch.rank(), ours.rank())[0, 1])


TRAITS: dict[str, Callable[[Body], bool]] = {
    "an empty board": lambda body: not body["board"],
    "late departures on the board": lambda body: any((line["dep_delay_min"] or 0) > 30 for line in body["board"]),
    "flights still at the gate": lambda body: any(line["dep_delay_min"] is None for line in body["board"]),
    "an unknown visibility": lambda body: body["weather"]["visib_mi"] is None,
    "an unknown plane": lambda body: body["built"] is None,
}


@check(skills=["serve", "observe-and-test"], level=3)
def the_same_question_gets_the_same_answer(produced: Produced, truth: Truth) -> None:
    """Asked again, later, in another order or under another number, the service says the same."""
    service, bodies = running_service(produced), questions(produced)
    first, again = ask_once(service, "/predict", bodies)[:ASKED_AGAIN], bodies[:ASKED_AGAIN]
    differ = differing_replies(first, ask_backwards(service, "/predict", again), only=JUDGED)
    expect(
        differ == 0,
        f"{differ} of {ASKED_AGAIN} flights got another probability when we asked the same again, in another order. "
        "Two people at two desks would tell one family two things. What does the service keep from one request to "
        "the next? The board comes with the question, so that nothing has to be kept.",
    )
    renumbered = service.post_all("/predict", [_renumbered(body) for body in again], AT_ONCE)
    others = differing_replies(first, renumbered, only=JUDGED)
    expect(
        others == 0,
        f"{others} of {ASKED_AGAIN} flights got another probability under another flight_id. The id is a running "
        "number of ours and says nothing of a flight; tomorrow's are new. Does your service look its answers up?",
    )


def _renumbered(body: Body) -> object:
    return put("flight", "flight_id", to="f_" + body["flight"]["flight_id"][:1:-1])(body)


@check(skills=["serve", "validate"], level=3, points=3)
def malformed_requests_are_refused(produced: Produced, truth: Truth) -> None:
    """A malformed request gets a status of 400 to 499 and an answer that names the offending field."""
    sound = [body for body in questions(produced) if body["board"] and body["weather"]["visib_mi"] is not None]
    expect(sound, "None of your scored flights has a board and a visibility, so there is nothing to spoil.")
    rows = find_unrefused(running_service(produced), "/predict", spoil_each(sound[0], MALFORMED))
    expect(
        not rows,
        f"{len(rows)} of {len(MALFORMED)} malformed requests were not refused properly. An answer to nonsense is "
        "acted upon like any other; a 500 rings your telephone for somebody else's mistake; a refusal that names no "
        "field rings it too. Type and bound every field before anything is computed, and do not repeat what you "
        "refuse.",
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
        f"With {CROWD} questions at the same moment {len(silent)} of {len(together)} got no probability; the first of "
        f"these {silent[0] if silent else ''}. When a storm closes the airport, every desk asks at once.",
    )
    mixed = differing_replies(ask_once(service, "/predict", bodies), together, only=JUDGED)
    expect(
        mixed == 0,
        f"With {CROWD} questions at the same moment {mixed} of {len(together)} got another probability than alone: one "
        "passenger gets another one's answer. Look for anything that a request writes and that is not its own.",
    )


@check(skills=["serve", "observe-and-test"], level=3)
def answers_in_time(produced: Produced, truth: Truth) -> Measured:
    """Half of all answers arrive within 100 milliseconds, as on a host that does nothing else."""
    latency = measure_latency(running_service(produced), "/predict", encode_bodies(questions(produced))[:TIMED])
    return at_most(
        latency.quiet_ms,
        MEDIAN_MS,
        f"An answer takes {latency.quiet_ms:.0f} ms (the middle one of {TIMED}, one after the other, allowing for what "
        f"else our host was doing); the screen at the desk waits {MEDIAN_MS} ms and then shows nothing. What does your "
        "service do for each request that it could do once, at the start?",
        expected=f"{MEDIAN_MS} ms",
        found=f"{latency.quiet_ms:.0f} ms",
    )


# --- the code behind the service --------------------------------------------------------------------------------------


@check(skills=["observe-and-test"], level=3, points=2)
def their_own_tests_notice_bugs(produced: Produced, truth: Truth) -> None:
    """Your own tests pass on your own code, and some fail when we plant a bug in what the service is made of."""
    kills = read_kills(produced.probes["own_tests"], produced.sources, BUGS, entry=ENTRY)
    tried = len(kills.noticed) + len(kills.missed)
    expect(
        kills.rate >= NOTICED,
        f"We planted {counted(tried, 'bug')} in pipeline/serve.py and in what it imports, one at a time, and your own "
        f"tests noticed {len(kills.noticed)}. Somebody will change this code on the evening of a storm, and the tests "
        "are all that will tell them what they broke. Which of your functions could return something else and no "
        "test would mind?",
        expected=f"{NOTICED:.0%} of them",
        found=f"{kills.rate:.0%}",
        details=[{"planted in": bug.split(":")[0], "noticed": "no"} for bug in kills.missed],
    )


@check(skills=["reproduce", "observe-and-test"], level=2)
def ruff_finds_no_faults(produced: Produced, truth: Truth) -> None:
    """Ruff finds no name that nobody knows or uses, and none of the traps of its rules E9, F and B."""
    faults = find_faults(produced.sources)
    rows = [{"where": f"{fault.path}:{fault.line}", "rule": fault.code, "ruff says": fault.text} for fault in faults]
    expect(
        not faults,
        f"Ruff finds {counted(len(faults), 'fault')} in your repository. A name that does not exist fails on the day "
        "when its line runs for the first time, and one that nobody uses tells the next reader of something that is "
        "not there. Run `ruff check --select E9,F,B .` at home.",
        details=rows[:20],
    )


# --- malformed requests: what it is, the field that must be named ("" where there is none), and how to make it --------


def _in_no_time(body: Body) -> object:
    """It lands in the moment in which it leaves."""
    return put("flight", "sched_arr_ts", to=body["flight"]["sched_dep_ts"])(body)


def _from_the_future(body: Body) -> object:
    """The board knows how late the flight itself left."""
    return put("board", to=[{"sched_dep_ts": body["flight"]["sched_dep_ts"], "dep_delay_min": 45.0}])(body)


MALFORMED: list[tuple[str, str, Spoil]] = [
    ("an empty body", "", lambda body: b""),
    ("a body that breaks off", "", lambda body: b'{"flight": '),
    ("a list instead of an object", "", lambda body: b"[1, 2]"),
    ("three thousand nested lists", "", lambda body: b'{"flight":' + b"[" * 3000 + b"]" * 3000 + b"}"),
    ("flight is null", "flight", put("flight", to=None)),
    ("no carrier", "carrier", leave_out("flight", "carrier")),
    ("a number as carrier", "carrier", put("flight", "carrier", to=7)),
    ("no destination", "dest", leave_out("flight", "dest")),
    ("a departure without a zone", "sched_dep_ts", put("flight", "sched_dep_ts", to="2013-06-14 17:05:00")),
    ("the departure 1705", "sched_dep_ts", put("flight", "sched_dep_ts", to=1705)),
    ("no departure", "sched_dep_ts", put("flight", "sched_dep_ts", to=None)),
    ("an arrival before the departure", "sched_arr_ts", put("flight", "sched_arr_ts", to="2012-01-01T00:00:00+00:00")),
    ("an arrival in the moment of departure", "sched_arr_ts", _in_no_time),
    ("no weather", "weather", put("weather", to=None)),
    ("no visibility at all", "visib_mi", leave_out("weather", "visib_mi")),
    ("the visibility -1", "visib_mi", put("weather", "visib_mi", to=-1)),
    ("the visibility 999", "visib_mi", put("weather", "visib_mi", to=999)),
    ("the visibility NaN", "visib_mi", put_text("weather", "visib_mi", text="NaN")),
    ("the visibility 1e999", "visib_mi", put_text("weather", "visib_mi", text="1e999")),
    ('the wind "calm"', "wind_mph", put("weather", "wind_mph", to="calm")),
    ("a wind of 1,048 mph", "wind_mph", put("weather", "wind_mph", to=1048.4)),
    ("a plane built in the year 0", "built", put("built", to=0)),
    ("a board that is no list", "board", put("board", to="none")),
    (
        "a delay in words",
        "dep_delay_min",
        put("board", to=[{"sched_dep_ts": "2013-01-01T12:00:00Z", "dep_delay_min": "late"}]),
    ),
    ("a board from the future", "board", _from_the_future),
]
