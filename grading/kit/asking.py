"""Asking a learner's service: once for all checks, backwards, with nonsense, and once more after it.

Knows HTTP and no project. A path is that of a POST ("/predict"); bodies are as for Service.post.
"""

import json
from collections.abc import Collection, Sequence
from functools import cache

from grading.kit.checking import DoesNotHold, expect
from grading.kit.http import Answer, Service
from grading.kit.malformed import Malformed
from grading.kit.produced import Produced
from grading.kit.serving import describe_answer, differing_replies, refusal_fault


def running_service(produced: Produced) -> Service:
    """The learner's service. Raises DoesNotHold when there is none."""
    if produced.service is None:
        raise DoesNotHold("There is no service to talk to: pipeline/serve.py has to hold an application called app.")
    return produced.service


def encode_bodies(bodies: Sequence[object]) -> tuple[bytes, ...]:
    """Each body as JSON, bytes as they are: encoded before a crowd is let loose, so that it comes at one moment."""
    return tuple(body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies)


def ask_once(
    service: Service, path: str, bodies: Sequence[object], *, at_once: int = 4, patience_s: float = 10.0
) -> tuple[Answer, ...]:
    """The service's first answers, in the order of the bodies: who asks the same again is told what was said then.

    at_once, patience_s: as for Service.post_all.
    """
    return _ask_once(service, path, encode_bodies(bodies), at_once, patience_s)


@cache
def _ask_once(
    service: Service, path: str, bodies: tuple[bytes, ...], at_once: int, patience_s: float
) -> tuple[Answer, ...]:
    return tuple(service.post_all(path, bodies, at_once, patience_s))


def ask_backwards(service: Service, path: str, bodies: Sequence[object]) -> list[Answer]:
    """Fresh answers, asked one by one and the last first; in the order of the bodies."""
    return service.post_all(path, bodies[::-1], at_once=1)[::-1]


def find_unrefused(
    service: Service, path: str, requests: Sequence[Malformed], *, patience_s: float = 10.0
) -> list[dict[str, object]]:
    """The malformed requests that were not refused as they should be, asked one by one: a row for each, for `details`.

    Columns: request (its name) and answer (what is wrong with it, see refusal_fault). patience_s: as for post_all.
    """
    answers = service.post_all(path, [request.data for request in requests], at_once=1, patience_s=patience_s)
    return [
        {"request": request.name, "answer": fault}
        for request, answer in zip(requests, answers, strict=True)
        if (fault := refusal_fault(answer, request.field, request.bearable))
    ]


def expect_unharmed(
    service: Service, path: str, body: object, before: Answer, *, only: Collection[str] | None = None
) -> None:
    """Raise DoesNotHold unless, after malformed requests, the service is well and answers as it did `before` them.

    before: its answer to this body then. only: the fields that are compared, to the last bit; all when None.
    """
    health = service.get("/health")
    expect(
        health.status == 200,
        f"After the malformed requests GET /health {describe_answer(health)}. One bad client must not take the "
        "service away from all others. Which of them was the last that you saw in your log?",
    )
    expect(
        differing_replies([before], [service.post(path, body)], tolerance=0, only=only) == 0,
        "After the malformed requests the service gives another answer to the first question than before: "
        "something of them has stayed. What does a request leave behind?",
    )
