"""Judging what a service answers: in form, refused properly, the same again, in time. Knows HTTP and no project."""

import hashlib
import socket
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from grading.kit.bodies import Body
from grading.kit.checking import DoesNotHold
from grading.kit.documents import expect_object
from grading.kit.http import Answer, Service
from grading.kit.printing import listed, printable

# Of PBKDF2-SHA256, on one processor of the host on which marks are set.
ROUNDS_A_MS = 4000
# A busy host slows what computes, but not what waits; so what is forgiven has an end.
MOST_FORGIVEN = 2.0
HEALTH = {"status": "string", "model_version": "string"}


def answer_fault(answer: Answer, fields: Mapping[str, str]) -> str:
    """What is wrong with an answer that should have been given, as a clause; "" when nothing is.

    fields: as for document: field -> "string", "int", "number", "bool", "list" or "object", with a `?` where null will
    do. "answered 500: ...", "did not answer within 5 s", "lacks 1 field: probability."
    """
    if answer.problem or answer.status != 200:
        return describe_answer(answer)
    try:
        expect_object("the answer", answer.json, fields)
    except DoesNotHold as no:
        return f"answered, but {no.sentence}"
    return ""


def describe_answer(answer: Answer) -> str:
    """An answer that was not wanted, as a clause: "answered 503: busy", "did not answer within 5 s"."""
    return answer.problem or f"answered {answer.status}: {printable(answer.text, 120) or 'nothing'}"


def probability_of(answer: Answer, field: str = "probability") -> float | None:
    """The probability (0..1) in this field of an answer of status 200; None where there is none."""
    said = answer.json.get(field) if answer.status == 200 and isinstance(answer.json, dict) else None
    if not isinstance(said, int | float) or isinstance(said, bool) or not 0 <= said <= 1:
        return None
    return float(said)


def health_fault(answer: Answer) -> str:
    """What is wrong with an answer of GET /health, as a clause; "" when it says status ok and a model_version."""
    if answer.problem or answer.status != 200:
        return describe_answer(answer)
    well = not answer_fault(answer, HEALTH) and answer.json["status"] == "ok" and answer.json["model_version"].strip()
    return "" if well else 'does not say {"status": "ok", "model_version": "…"}'


def version_fault(answers: Sequence[Answer], health: Answer) -> str:
    """Which other models than /health these answers name in model_version, as a clause; "" when they name the same.

    "names the model b and /health names a". answers: of status 200, with an object as body. health: of GET /health.
    """
    wanted = health.json.get("model_version") if isinstance(health.json, dict) else None
    others = {str(answer.json.get("model_version")) for answer in answers} - {str(wanted)}
    return f"names the model {listed(sorted(others))} and /health names {printable(wanted, 40)}" if others else ""


def refusal_fault(answer: Answer, field: str = "", bearable: bool = False) -> str:
    """What is wrong with the answer to a malformed request, as a clause; "" when it was refused as it should be.

    A refusal has a status from 400 to 499 and, where `field` is not "", names it. bearable: an answer of 200 will do.
    """
    if not answer.status:
        return answer.problem
    if bearable and answer.status < 300:
        return ""
    if not 400 <= answer.status < 500:
        return f"status {answer.status}"
    return "" if field in answer.text else f"status {answer.status}, but {field} is not named"


def differing_replies(
    first: Sequence[Answer],
    second: Sequence[Answer],
    *,
    tolerance: float = 1e-9,
    ignore: Collection[str] = (),
    only: Collection[str] | None = None,
) -> int:
    """How many pairs of answers to the same questions differ: asked again, together, backwards, after a restart.

    Two answers agree when both have status 200 and bodies of the same shape whose numbers differ by at most
    `tolerance`. ignore: fields of the body that may differ (a time stamp, a request number). only: the fields that are
    compared; all when None. Raises ValueError when the lengths differ.
    """
    pairs = zip(first, second, strict=True)
    return sum(
        not (a.status == b.status == 200 and _same(_part(a.json, ignore, only), _part(b.json, ignore, only), tolerance))
        for a, b in pairs
    )


def _part(body: object, ignore: Collection[str], only: Collection[str] | None) -> object:
    if not isinstance(body, dict):
        return body
    return {name: part for name, part in body.items() if name not in ignore and (only is None or name in only)}


def _same(a: object, b: object, tolerance: float) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[name], b[name], tolerance) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if (
        isinstance(a, int | float)
        and isinstance(b, int | float)
        and not isinstance(a, bool)
        and not isinstance(b, bool)
    ):
        return abs(a - b) <= tolerance
    return type(a) is type(b) and a == b


def traits_in_common(
    bodies: Sequence[Body], differ: Iterable[bool], traits: Mapping[str, Callable[[Body], bool]], *, things: str
) -> list[dict[str, object]]:
    """What the questions have in common whose answers differ: a row for each trait, for `details`.

    differ: for each body, whether its answer differs. traits: name -> whether a body has it. things: what is asked
    about, in the plural: the columns are "sales with" (the trait's name), "of all asked" and "of those that differ",
    both in per cent; "0%" where nothing differs.
    """
    odd = [body for body, other in zip(bodies, differ, strict=True) if other]
    return [
        {f"{things} with": name, "of all asked": _share(bodies, has), "of those that differ": _share(odd, has)}
        for name, has in traits.items()
    ]


def _share(bodies: Sequence[Body], has: Callable[[Body], bool]) -> str:
    return f"{sum(map(has, bodies)) / max(1, len(bodies)):.0%}"


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds for one answer each, the learner's service and the reference asked in turns.

    times, reference: in the order of asking, of equal length. work_ms: what the reference takes on a quiet host.
    """

    times: tuple[float, ...]
    reference: tuple[float, ...]
    work_ms: float

    @property
    def slowed(self) -> float:
        """How many times longer the reference took, by its median, than on a quiet host: 1 or more."""
        return max(1.0, median(self.reference) / self.work_ms)

    @property
    def quiet_ms(self) -> float:
        """The median answer, divided by how much this host was slowed, but by 2 at most: milliseconds to hold against a
        mark. An answer that waits (for a lock, a file, a clock) is judged as kindly as one that computes; so a wrong
        tree that only sleeps has to sleep for more than twice the mark."""
        return median(self.times) / min(self.slowed, MOST_FORGIVEN)


def measure_latency(service: Service, path: str, bodies: Sequence[object], work_ms: float = 20) -> Latency:
    """POST the bodies one after the other, each followed by a question to a reference service of our own.

    The reference computes for `work_ms` milliseconds (of a quiet host) in this very process, over a socket like the
    learner's, so that whatever else the host is doing slows both, and a busy host fails nobody. work_ms: of the order
    of the mark, for a scheduler treats long work otherwise than short. An answer that is not 200 counts as the whole
    deadline.
    """
    times, reference = [], []
    with _reference(round(work_ms * ROUNDS_A_MS)) as other:
        for body in bodies:
            answer = service.post(path, body)
            times.append(answer.ms if answer.status == 200 else service.deadline_s * 1000)
            reference.append(other.post(path, body).ms)
    return Latency(tuple(times), tuple(reference), work_ms)


@contextmanager
def _reference(rounds: int) -> Iterator[Service]:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        address = Path(folder) / "reference.sock"
        listener.bind(str(address))
        listener.listen()
        thread = threading.Thread(target=_answer_all, args=(listener, rounds), daemon=True)
        thread.start()
        try:
            yield Service(address)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _answer_all(listener: socket.socket, rounds: int) -> None:
    with suppress(OSError):  # the listener was shut: nobody asks any more
        while True:
            connection, _ = listener.accept()
            with connection:
                _answer_one(connection, rounds)


def _answer_one(connection: socket.socket, rounds: int) -> None:
    received = connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length and (more := connection.recv(65536)):
        body += more
    hashlib.pbkdf2_hmac("sha256", body, b"", rounds)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
