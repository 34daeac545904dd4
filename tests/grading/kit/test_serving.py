"""Answers of services, good and bad, and how long they take beside the reference."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grading.kit import (
    Answer,
    Latency,
    Service,
    answer_fault,
    describe_answer,
    differing_replies,
    health_fault,
    measure_latency,
    probability_of,
    refusal_fault,
    traits_in_common,
    version_fault,
)

FIELDS = {"probability": "number", "model_version": "string"}
GOOD = Answer(200, {"probability": 0.5, "model_version": "a"})


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (GOOD, ""),
        (Answer(0, problem="did not answer within 5 s"), "did not answer within 5 s"),
        (Answer(500, text="Traceback"), "answered 500: Traceback"),
        (Answer(404), "answered 404: nothing"),
        (Answer(200, {"probability": 0.5}), "answered, but the answer lacks 1 field: model_version."),
        (Answer(200, [1]), "answered, but the answer holds a list where an object ({...}) is promised."),
    ],
)
def test_an_answer_in_form_has_no_fault_and_any_other_has_words(answer: Answer, says: str) -> None:
    assert answer_fault(answer, FIELDS) == says


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(0, problem="closed the connection"), "closed the connection"),
        (Answer(503, text="busy"), "answered 503: busy"),
        (Answer(200, {"probability": 2}, text='{"probability": 2}'), 'answered 200: {"probability": 2}'),
    ],
)
def test_an_answer_that_was_not_wanted_is_told_in_a_clause(answer: Answer, says: str) -> None:
    assert describe_answer(answer) == says


@pytest.mark.parametrize(
    ("answer", "probability"),
    [
        (GOOD, 0.5),
        (Answer(200, {"probability": 1}), 1.0),
        (Answer(200, {"probability": 1.01}), None),
        (Answer(200, {"probability": True}), None),
        (Answer(200, {"probability": "0.5"}), None),
        (Answer(200, {}), None),
        (Answer(200, [0.5]), None),
        (Answer(500, {"probability": 0.5}), None),
    ],
)
def test_a_probability_is_a_number_from_0_to_1_in_a_good_answer(answer: Answer, probability: float | None) -> None:
    assert probability_of(answer) == probability


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(200, {"status": "ok", "model_version": "a"}), ""),
        (Answer(200, {"status": "ok", "model_version": " "}), 'does not say {"status": "ok", "model_version": "…"}'),
        (Answer(200, {"status": "ill", "model_version": "a"}), 'does not say {"status": "ok", "model_version": "…"}'),
        (Answer(200, {"status": "ok"}), 'does not say {"status": "ok", "model_version": "…"}'),
        (Answer(200, ["ok"]), 'does not say {"status": "ok", "model_version": "…"}'),
        (Answer(503), "answered 503: nothing"),
    ],
)
def test_health_says_ok_and_which_model_is_well(answer: Answer, says: str) -> None:
    assert health_fault(answer) == says


def test_answers_name_the_model_that_health_names() -> None:
    assert version_fault([GOOD, GOOD], Answer(200, {"model_version": "a"})) == ""
    others = [Answer(200, {"model_version": name}) for name in ("c", "b", "a")]
    assert version_fault(others, Answer(200, {"model_version": "a"})) == "names the model b, c and /health names a"
    assert version_fault([GOOD], Answer(0)) == "names the model a and /health names None"


@pytest.mark.parametrize(
    ("answer", "bearable", "says"),
    [
        (Answer(422, text='{"error": "amount is no number"}'), False, ""),
        (Answer(422, text="bad request"), False, "status 422, but amount is not named"),
        (Answer(200, text="amount"), False, "status 200"),
        (Answer(200, text="amount"), True, ""),
        (Answer(500, text="amount"), True, "status 500"),
        (Answer(0, problem="closed the connection"), True, "closed the connection"),
    ],
)
def test_a_refusal_is_a_status_of_the_four_hundreds_that_names_the_field(
    answer: Answer, bearable: bool, says: str
) -> None:
    assert refusal_fault(answer, "amount", bearable) == says


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"probability": 0.5 + 1e-12, "model_version": "a", "at": "now"}, 0),
        ({"probability": 0.51, "model_version": "a", "at": "now"}, 1),
        ({"probability": 0.5, "model_version": "b", "at": "now"}, 1),
        ({"probability": 0.5}, 1),
        ({"probability": True, "model_version": "a"}, 1),
        ([0.5], 1),
        (None, 1),
    ],
)
def test_two_answers_agree_in_shape_and_numbers_whatever_may_differ(other: object, differs: int) -> None:
    assert differing_replies([GOOD], [Answer(200, other)], ignore={"at"}) == differs
    nested = [Answer(200, {"all": [body]}) for body in (GOOD.json, GOOD.json)]
    assert differing_replies(nested[:1], nested[1:]) == 0


def test_only_what_is_asked_for_is_compared() -> None:
    other = Answer(200, {"probability": 0.5, "model_version": "b"})
    assert differing_replies([GOOD], [other], only=["probability"]) == 0
    assert differing_replies([GOOD], [Answer(200, {"model_version": "a"})], only=["probability"]) == 1
    assert differing_replies([GOOD], [Answer(503, GOOD.json)], only=["probability"]) == 1


def test_traits_of_all_questions_stand_beside_those_of_the_ones_that_differ() -> None:
    bodies = [{"history": []}, {"history": [1]}, {"history": [1]}, {"history": []}]
    traits = {"no history": lambda body: not body["history"]}
    rows = traits_in_common(bodies, [True, False, False, False], traits, things="sales")
    assert rows == [{"sales with": "no history", "of all asked": "50%", "of those that differ": "100%"}]
    assert traits_in_common(bodies, [False] * 4, traits, things="sales")[0]["of those that differ"] == "0%"


def test_a_refusal_agrees_with_nothing_and_lengths_must_be_equal() -> None:
    assert differing_replies([GOOD, Answer(503)], [GOOD, Answer(503)]) == 1
    with pytest.raises(ValueError, match="shorter"):
        differing_replies([GOOD], [])


@pytest.fixture
def slow_service(tmp_path: Path) -> Iterator[Service]:
    """Answers after twenty milliseconds; the third time with 500."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.sock"))
        listener.listen()

        def serve() -> None:
            while len(asked) < 3:
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(65536))
                    time.sleep(0.02)
                    status = b"500 Oops" if len(asked) == 3 else b"200 OK"
                    connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Service(tmp_path / "s.sock")
        thread.join(5)


def test_a_service_is_timed_beside_the_reference_and_a_refusal_takes_for_ever(slow_service: Service) -> None:
    found = measure_latency(slow_service, "/predict", [{"a": "x" * 100_000}, b"{}", {}], work_ms=2)
    assert all(20 <= ms < 1000 for ms in found.times[:2])
    assert found.times[2] == 5000
    assert len(found.reference) == 3
    assert all(0.1 < ms < 1000 for ms in found.reference)


def test_what_the_host_did_is_forgiven_up_to_twice() -> None:
    quiet, busy = Latency((10, 12, 90), (2, 2, 2), 2.0), Latency((20, 24, 180), (4, 4.0, 4.0), 2.0)
    assert quiet.quiet_ms == busy.quiet_ms == 12
    assert Latency((12,), (0.5,), 2.0).quiet_ms == 12
    assert Latency((150,), (80,), 20.0).slowed == 4
    assert Latency((150,), (80,), 20.0).quiet_ms == 75
