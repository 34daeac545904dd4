"""Stops requests that are larger than anything this server takes, before a byte of them is kept."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
# The media type and the words for whoever asked at this path; None for the sentence.
Tell = Callable[[str], tuple[str, bytes] | None]

SENTENCE = (
    b"This upload is larger than anything that is taken here. Leave out data and build results; only code is needed."
)
PLAIN = ("text/plain; charset=utf-8", SENTENCE)


# git shows what we answer only after it has sent all that it wanted to send; so much is listened to, and not kept.
PUSH_TIMES = 16
PUSHES = "/git-receive-pack"


def say_nothing_else(path: str) -> None:
    """Everybody gets the sentence."""


def bound_requests(application: Application, most_bytes: int, tell: Tell = say_nothing_else) -> Application:
    """The application, behind a limit on the size of a request: 413 as soon as more is announced or arrives.

    A push that is too large is cut short instead, so that the application can say so in git's own language.
    """

    async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
        elif scope["path"].endswith(PUSHES):
            await application(scope, _cutting(receive, most_bytes), send)
        elif _announced(scope) > most_bytes:
            await _refuse(send, *(tell(scope["path"]) or PLAIN))
        else:
            await application(scope, _counting(receive, most_bytes), send)

    return bounded


def _announced(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _counting(receive: Receive, most_bytes: int) -> Receive:
    """Without an announced length the body is counted as it comes; beyond the limit the client is cut off."""
    seen = 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > most_bytes else message

    return count


def _cutting(receive: Receive, most_bytes: int) -> Receive:
    """What comes beyond the limit is thrown away as it comes; far beyond it, the client is cut off."""
    seen = 0

    async def cut() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > PUSH_TIMES * most_bytes:
            return {"type": "http.disconnect"}
        return {**message, "body": b""} if seen > most_bytes else message

    return cut


async def _refuse(send: Send, media_type: str, body: bytes) -> None:
    headers = [(b"content-type", media_type.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
