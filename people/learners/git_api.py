"""git's address: clone, fetch and push over smart HTTP. Authenticates, hands to git, and answers; decides nothing.

git's own http-backend answers who reads, and receives a push in quarantine. The answer to a push then goes on with the
words that follow its run, under WSGI and ASGI alike; while nothing happens, nothing of ours is busy under ASGI.
"""

import asyncio
import base64
import binascii
import logging
import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from textwrap import wrap
from typing import BinaryIO, Concatenate, ParamSpec, cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language, gettext, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from grading.store import StoreFault
from people.accounts.languages import speak_to
from people.accounts.models import AccessToken
from people.accounts.scopes import OutOfScope, require_scope
from people.accounts.tokens import find_token
from people.learners import intake, pushes, queries
from people.learners.addresses import address_of_page
from people.learners.following import WIDTH, Pause, follow, tell_verdict
from people.learners.git import GitFault, run_git
from people.learners.models import Enrolment, Run, RunState, Submission
from people.learners.refusals import Refusal
from people.learners.repositories import open_repository

CHUNK = 2**16
# What is asked for when fetching: names of commits.
LONGEST_QUESTION = 4 * 2**20
LONGEST_SILENCE_S = 5.0
SERVICES = ("git-upload-pack", "git-receive-pack")
PROTOCOL = re.compile(r"version=[0-2]")
UNCACHED = {"Cache-Control": "no-cache, max-age=0, must-revalidate", "X-Accel-Buffering": "no"}

log = logging.getLogger(__name__)
P = ParamSpec("P")
pause = time.sleep


def for_owner(
    view: Callable[Concatenate[HttpRequest, Enrolment, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """The view, for whoever shows a token of the repository's owner."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, owner: str, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        token = _find_token(request)
        if token is None:
            return _say(gettext("An access token is the password here; make one on your account page."), 401)
        speak_to(token.user)
        try:
            _require_scope(token, request)
            return view(request, queries.access_repository(token.user, owner, slug), *args, **kwargs)
        except Refusal as refusal:
            return _say(refusal.advice, refusal.status)

    return answer


@for_owner
@require_safe
def advertise(request: HttpRequest, enrolment: Enrolment) -> HttpResponseBase:
    """What there is to fetch, or to push on top of."""
    service = request.GET.get("service", "")
    if service not in SERVICES:
        raise Refusal("dumb", "service", gettext("This address is for git 1.6.6 and newer."), 403)
    with tempfile.TemporaryFile() as nothing:
        told = _ask_backend(request, open_repository(enrolment), "info/refs", nothing)
    return _answer(told, f"application/x-{service}-advertisement")


@for_owner
@require_POST
def upload_pack(request: HttpRequest, enrolment: Enrolment) -> HttpResponseBase:
    """What was asked for, out of the enrolment's repository."""
    with _keep_body(request, LONGEST_QUESTION) as body:
        told = _ask_backend(request, open_repository(enrolment), "git-upload-pack", body)
    return _answer(told, "application/x-git-upload-pack-result")


@for_owner
@require_POST
def receive_pack(request: HttpRequest, enrolment: Enrolment) -> HttpResponseBase:
    """Take a push in, and tell how its judging goes. What is refused is said in git's own way: the push fails."""
    media_type = "application/x-git-receive-pack-result"
    if request.headers.get("Content-Encoding"):
        raise Refusal("encoding", "push", gettext("Send the push as it is: what it brings is packed already."), 415)
    with _keep_body(request, pushes.most_push_bytes()) as body:
        push = pushes.read_push(body)
        if not push.updates:
            return _answer(pushes.FLUSH, media_type)
        try:
            taken = intake.take_push(
                enrolment, push, lambda scratch: _ask_backend(request, scratch, "git-receive-pack", body)
            )
        except Refusal as refusal:
            return _answer(pushes.refuse_push(push, refusal), media_type)
        except (GitFault, StoreFault):
            log.exception("a push of enrolment %s could not be taken in", enrolment.pk)
            return _answer(pushes.refuse_push(push, _our_fault()), media_type)
    return _stream(request, _tell(request, push, taken), media_type)


def _our_fault() -> Refusal:
    sentence = gettext("Something failed on our side, so nothing of this push was taken.")
    return Refusal("our-fault", "push", sentence, 500, gettext("Try again in a while."))


def _tell(request: HttpRequest, push: pushes.Push, taken: intake.Taken) -> Iterator[bytes | Pause]:
    yield pushes.take_report(taken.answer, push)
    if not push.speaks:
        return
    yield pushes.speak("")
    for part in _tell_run(request, push, taken.run, taken.is_new) if taken.run else _tell_why_not(taken):
        yield part if isinstance(part, Pause) else pushes.speak(part)
    yield pushes.FLUSH


def _tell_why_not(taken: intake.Taken) -> Iterator[str]:
    yield gettext("Your commit is stored, and is not judged for now.")
    if taken.why_not:
        yield from wrap(f"{taken.why_not.sentence} {taken.why_not.remedy}", WIDTH)


def _tell_run(request: HttpRequest, push: pushes.Push, run: Run, is_new: bool) -> Iterator[str | Pause]:
    page = address_of_page(request, run.submission)
    yield _introduce(push, run.submission, is_new)
    yield page
    was_judged = not is_new and run.state == RunState.DONE
    yield from tell_verdict(run, page) if was_judged else follow(run, page)


def _introduce(push: pushes.Push, submission: Submission, is_new: bool) -> str:
    told = {"kind": submission.kind, "number": submission.number}
    if not is_new:
        sentence = gettext(
            "Nothing has changed since submission {number} for {kind}, so this is no new one; "
            "here is what becomes of it."
        )
    elif push.milestone:
        sentence = gettext("Handed in for {kind} as submission {number}.")
    else:
        sentence = gettext(
            "Handed in for {kind} as submission {number} (the next open milestone; -o milestone=… names another)."
        )
    return sentence.format_map(told)


def _require_scope(token: AccessToken, request: HttpRequest) -> None:
    """What a push begins with is asked for as a push; all else is reading."""
    is_push = "git-receive-pack" in (request.GET.get("service"), request.path.rpartition("/")[2])
    try:
        require_scope(token, "git-receive-pack" if is_push else "git-upload-pack", is_reading=not is_push)
    except OutOfScope as lacking:
        remedy = gettext("Make a token with that scope on your account page.")
        raise Refusal("missing-scope", "", lacking.sentence, 403, remedy) from lacking


def _find_token(request: HttpRequest) -> AccessToken | None:
    scheme, _, told = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        password = base64.b64decode(told, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None
    return find_token(password)


@contextmanager
def _keep_body(request: HttpRequest, most: int) -> Iterator[BinaryIO]:
    """The request's body in a file that git can read. No more of it than one byte too many."""
    with cast(BinaryIO, tempfile.TemporaryFile()) as body:
        while chunk := request.read(CHUNK):
            body.write(chunk)
            if body.tell() > most:
                break
        body.seek(0)
        yield body


def _ask_backend(request: HttpRequest, repository: Path, path: str, body: BinaryIO) -> bytes:
    """What git's own http-backend answers, without its headers. Raises Refusal when it would not answer."""
    size = body.seek(0, 2)
    body.seek(0)
    asked = {
        "GIT_PROJECT_ROOT": str(repository.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repository.name}/{path}",
        "REQUEST_METHOD": request.method or "GET",
        "QUERY_STRING": request.META.get("QUERY_STRING", ""),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(size),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "REMOTE_USER": "milepost",
    }
    if PROTOCOL.fullmatch(request.headers.get("Git-Protocol", "")):
        asked["GIT_PROTOCOL"] = request.headers["Git-Protocol"]
    try:
        head, _, told = run_git(repository, "http-backend", stdin=body, more=asked).partition(b"\r\n\r\n")
    except GitFault as fault:
        raise Refusal(
            "broken", "push", gettext("git cannot make anything of this, so nothing of it was taken.")
        ) from fault
    if head.startswith(b"Status: "):
        raise Refusal("refused", "git", gettext("git cannot make anything of this request."), int(head[8:11]))
    return told


def _answer(told: bytes, media_type: str) -> HttpResponse:
    return HttpResponse(told, content_type=media_type, headers=UNCACHED)


def _say(sentence: str, status: int) -> HttpResponse:
    answer = HttpResponse(f"{sentence}\n", content_type="text/plain; charset=utf-8", status=status)
    if status == 401:
        answer["WWW-Authenticate"] = 'Basic realm="Milepost", charset="UTF-8"'
        # git always asks without a token first: a warning for each would fill the log.
        answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def _stream(request: HttpRequest, parts: Iterator[bytes | Pause], media_type: str) -> StreamingHttpResponse:
    lively = _keep_alive(_in_language(get_language(), parts))
    flow = _flow_together(lively) if isinstance(request, ASGIRequest) else _flow(lively)
    return StreamingHttpResponse(flow, content_type=media_type, headers=UNCACHED)


def _in_language(language: str | None, parts: Iterator[bytes | Pause]) -> Iterator[bytes | Pause]:
    # The words are made after the view has answered, perhaps in another thread, where no language is set.
    while True:
        with override(language):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _keep_alive(parts: Iterator[bytes | Pause]) -> Iterator[bytes | Pause]:
    silence = 0.0
    for part in parts:
        silence = silence + part.seconds if isinstance(part, Pause) else 0.0
        if silence > LONGEST_SILENCE_S:
            silence = 0.0
            yield pushes.keep_alive()
        yield part


def _flow(parts: Iterator[bytes | Pause]) -> Iterator[bytes]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
        else:
            pause(part.seconds)


def _step(parts: Iterator[bytes | Pause]) -> bytes | Pause | None:
    return next(parts, None)


def _let_go() -> None:
    # Looked up here and not where this is handed on: each thread has a connection of its own.
    connection.close()


async def _flow_together(parts: Iterator[bytes | Pause]) -> AsyncIterator[bytes]:
    step, let_go = sync_to_async(_step), sync_to_async(_let_go)
    while (part := await step(parts)) is not None:
        if isinstance(part, bytes):
            yield part
        else:
            # Hundreds may wait; each would hold a connection to the database meanwhile.
            await let_go()
            await asyncio.sleep(part.seconds)
