"""A request that is larger than anything taken here is stopped before it is kept."""

import asyncio
from typing import Any

from config.bounds import bound_requests


def ask(body: list[bytes], announced: int | None = None, most: int = 10, path: str = "/") -> tuple[int, list[bytes]]:
    """The status of the answer, and what of the body reached the application."""
    sent: list[dict[str, Any]] = []
    reached: list[bytes] = []
    waiting = [{"type": "http.request", "body": part, "more_body": True} for part in body]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive()).get("more_body"):
            reached.append(message["body"])
        status = 499 if message["type"] == "http.disconnect" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})

    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    asyncio.run(bound_requests(application, most)({"type": "http", "path": path, "headers": headers}, receive, send))
    return sent[0]["status"], reached


def test_what_fits_goes_through_whole() -> None:
    assert ask([b"12345", b"67890"], announced=10) == (200, [b"12345", b"67890"])


def test_what_announces_too_much_is_refused_unread() -> None:
    assert ask([b"x" * 11], announced=11) == (413, [])


def test_what_announces_nothing_is_counted_and_cut_off() -> None:
    assert ask([b"12345"] * 5) == (499, [b"12345", b"12345"])


def test_a_push_is_cut_short_and_still_answered_and_only_one_without_end_is_cut_off() -> None:
    push = "/git/alice/tiny.git/git-receive-pack"
    assert ask([b"12345"] * 5, announced=25, path=push) == (200, [b"12345", b"12345", b"", b"", b""])
    assert ask([b"12345"] * 40, path=push)[0] == 499
