"""The events of a submission as a stream, beside Django: an ASGI application for the one address that stays open.

Django's middlewares would hop between threads for each of hundreds of watchers; here one thread reads for all. What is
allowed is asked of the same queries as everywhere, at the door and again while somebody watches.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils.translation import get_language_from_request, gettext, override

from people.accounts.languages import is_spoken
from people.accounts.models import AccessToken, User
from people.accounts.scopes import OutOfScope, require_scope
from people.accounts.tokens import find_token
from people.learners import queries
from people.learners.hub import Hub, Message, Watcher, read_past
from people.learners.refusals import Refusal
from people.problems import CHALLENGE, MEDIA_TYPE, describe

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

ADDRESS = re.compile(r"/api/submissions/(\d{1,18})/events")
STREAM = "text/event-stream"
HEARTBEAT_S = 15.0
# Whoever signed out, or lost a token, hears nothing more after this.
ASKED_AGAIN_S = 10.0
# A connection that takes nothing for so long is no longer there.
STUCK_S = 30.0
CANCELLED_WITHIN_S = 0.1
COME_BACK_MS = 1500
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to watch which submission, the last event that they have seen, and the language that they ask for."""

    submission: int
    token: str
    session: str
    after: int
    language: str


def divert_watchers(application: Application) -> Application:
    """The application, but for who asks for a submission's events as a stream."""
    hub = Hub()

    async def diverted(scope: Scope, receive: Receive, send: Send) -> None:
        if asked := read_request(scope):
            await answer(hub, asked, receive, send)
        else:
            await application(scope, receive, send)

    return diverted


def read_request(scope: Scope) -> Asked | None:
    if scope["type"] != "http" or scope["method"] != "GET" or not (found := ADDRESS.fullmatch(scope["path"])):
        return None
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if STREAM not in headers.get("accept", ""):
        return None
    scheme, _, token = headers.get("authorization", "").partition(" ")
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    after = headers.get("last-event-id") or query.get("after", [""])[0]
    cookies = _read_cookies(headers.get("cookie", ""))
    return Asked(
        submission=int(found[1]),
        token=token.strip() if scheme.lower() == "bearer" else "",
        session=cookies.get(settings.SESSION_COOKIE_NAME, ""),
        after=int(after) if re.fullmatch(r"[0-9]{1,18}", after) else 0,
        language=_read_language(cookies, headers.get("accept-language", "")),
    )


def _read_cookies(header: str) -> dict[str, str]:
    with suppress(CookieError):
        return {name: cookie.value for name, cookie in SimpleCookie(header).items()}
    return {}


def _read_language(cookies: Mapping[str, str], accepted: str) -> str:
    request = HttpRequest()
    request.COOKIES = dict(cookies)
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    return get_language_from_request(request)


def admit(asked: Asked) -> User:
    """The user who may watch this. Raises Refusal, as the page itself would."""
    user = _find_user(asked)
    queries.access_submission(user, asked.submission)
    return user


def _find_user(asked: Asked) -> User:
    if asked.token:
        if found := find_token(asked.token):
            return _require_reading(found)
        raise Refusal("bad-token", "", gettext("This token is unknown, expired or revoked."), 401)
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(asked.session or None)
    user = get_user(request)
    if not isinstance(user, User):
        sentence = gettext("Say who you are: with a token, or signed in to the pages.")
        raise Refusal("not-authenticated", "", sentence, 401)
    return user


def _require_reading(token: AccessToken) -> User:
    try:
        require_scope(token, "api-events", is_reading=True)
    except OutOfScope as lacking:
        raise Refusal("missing-scope", "", lacking.sentence, 403) from lacking
    return token.user


async def answer(hub: Hub, asked: Asked, receive: Receive, send: Send) -> None:
    """Answer with all that was reported since, and with what comes, until the verdict or until they leave."""
    with override(asked.language):
        try:
            user = await hub.ask(admit, asked)
            with override(user.language if is_spoken(user.language) else asked.language):
                await _let_watch(hub, asked, user, receive, send)
        except Refusal as refusal:
            await _refuse(refusal, send)


async def _let_watch(hub: Hub, asked: Asked, user: User, receive: Receive, send: Send) -> None:
    # Watched first and read then: what is reported in between comes twice, and is told once.
    async with hub.watch(asked.submission, user.pk) as watcher:
        past = await hub.ask(lambda: list(read_past(asked.submission, asked.after)))
        await _keep_telling(hub, asked, watcher, past, receive, send)


async def _keep_telling(
    hub: Hub, asked: Asked, watcher: Watcher, past: list[Message], receive: Receive, send: Send
) -> None:
    if asked.after and past[0].ends and not past[0].id:
        # They have seen the verdict: 204 tells a browser not to come back.
        await send({"type": "http.response.start", "status": 204, "headers": HEADERS})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    telling = asyncio.ensure_future(_tell(hub, asked, watcher, past, send))
    leaving = asyncio.ensure_future(_wait_until_gone(receive))
    try:
        await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        # More than once: a wait that ends as it is cancelled forgets that it was.
        while not telling.done():
            telling.cancel()
            await asyncio.wait({telling}, timeout=CANCELLED_WITHIN_S)
        with suppress(asyncio.CancelledError, TimeoutError):
            await telling


async def _tell(hub: Hub, asked: Asked, watcher: Watcher, past: list[Message], send: Send) -> None:
    last = await _tell_past(past, asked.after, send)
    ask_again = time.monotonic() + ASKED_AGAIN_S
    while last is not None:
        message = await _next_message(watcher, min(HEARTBEAT_S, ASKED_AGAIN_S))
        if time.monotonic() > ask_again:
            ask_again = time.monotonic() + ASKED_AGAIN_S
            if not await _may_still_watch(hub, asked):
                message = Message("end", {"code": "signed-out"}, ends=True)
        if message is None:
            await _write(send, b": still here\n\n")
        elif not message.id or message.id > last:
            await _write(send, message.encode())
            last = None if message.ends else max(last, message.id)
    await _write(send, b"", more=False)


async def _tell_past(past: list[Message], last: int, send: Send) -> int | None:
    """The last event that they have seen now; None when the verdict was among them."""
    told = b"".join(message.encode() for message in past[: 1 + _first_end(past)])
    await _write(send, f"retry: {COME_BACK_MS}\n\n".encode() + told)
    if any(message.ends for message in past):
        return None
    return max([last, *(message.id for message in past)])


def _first_end(past: list[Message]) -> int:
    return next((number for number, message in enumerate(past) if message.ends), len(past))


async def _next_message(watcher: Watcher, seconds: float) -> Message | None:
    try:
        return await asyncio.wait_for(watcher.unread.get(), seconds)
    except TimeoutError:
        return None


async def _may_still_watch(hub: Hub, asked: Asked) -> bool:
    try:
        await hub.ask(admit, asked)
    except Refusal:
        return False
    return True


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, body: bytes, more: bool = True) -> None:
    await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": more}), STUCK_S)


async def _refuse(refusal: Refusal, send: Send) -> None:
    problem = describe(refusal.status, refusal.code, refusal.sentence, refusal.field, refusal.remedy)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
    if refusal.status == 401:
        headers.append((b"www-authenticate", CHALLENGE.encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
