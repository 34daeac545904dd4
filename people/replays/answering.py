"""Has a view's POST answer the same again to the same key, and do nothing twice."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from typing import Any, Concatenate, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_user
from people.replays.keeping import KeyInUse, claim, keep, read_answer, release
from people.replays.models import Replay

KEY_HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
LONGEST_KEY: Final = 200
# Of an answer, these are told again.
HEADERS: Final = ("Location",)
MARK: Final = "is_repeatable"

Post = Callable[Concatenate[Any, Request, ...], Response]


class BadKey(ParseError):
    default_code = "bad-key"


def answer_once(post: Post) -> Post:
    """A view's POST that a request with a key reaches once: its work and its answer are one transaction."""
    return _wrap(post, transaction.atomic, keeps=True)


def answer_once_by_itself(post: Post) -> Post:
    """The same for a view that works outside of the database too, and calls `keep_answer` in its own transaction."""
    return _wrap(post, nullcontext, keeps=False)


def keep_answer(request: Request, answer: Callable[[], Response]) -> None:
    """Write the answer down for whoever sends this request again; without a key nobody does, and nothing is made."""
    replay: Replay | None = getattr(request, "replay", None)
    if replay is None:
        return
    response = answer()
    told = {name: response[name] for name in HEADERS if response.has_header(name)}
    body = b"" if response.data is None else JSONRenderer().render(response.data)
    keep(replay, response.status_code, json.dumps({"headers": told, "body": body.decode()}).encode())


def is_repeatable(post: object) -> bool:
    return getattr(post, MARK, False)


def _wrap(post: Post, working: Callable[[], AbstractContextManager[Any]], keeps: bool) -> Post:
    @wraps(post)
    def asked(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        replay = _claim(request)
        if replay is None:
            return post(view, request, *args, **kwargs)
        if replay.status is not None:
            return _repeat(replay)
        request.replay = replay  # type: ignore[attr-defined]
        with _releasing(replay), working():
            response = post(view, request, *args, **kwargs)
            if keeps:
                keep_answer(request, lambda: response)
        return response

    setattr(asked, MARK, True)
    return asked


def _claim(request: Request) -> Replay | None:
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise BadKey(_("An Idempotency-Key has 1 to {most} letters, digits and signs.").format(most=LONGEST_KEY))
    return claim(read_user(request), key, _digest(request))


@contextmanager
def _releasing(replay: Replay) -> Iterator[None]:
    # Also when the process is told to end: only one that is killed leaves its key behind, until the lease ends.
    try:
        yield
    except BaseException:
        release(replay)
        raise


def _repeat(replay: Replay) -> Response:
    kept = read_answer(replay)
    if kept is None or replay.status is None:
        raise KeyInUse
    told = json.loads(kept)
    data = json.loads(told["body"]) if told["body"] else None
    return Response(data, status=replay.status, headers={**told["headers"], REPLAYED_HEADER: "true"})


def _digest(request: Request) -> str:
    """Of what is asked for, whatever letters part the fields of a form this time."""
    told = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for part in _list_parts(request.data):
        told.update(hashlib.sha256(part).digest())
    return told.hexdigest()


def _list_parts(data: Any) -> Iterable[bytes]:
    if not isinstance(data, QueryDict):
        yield json.dumps(data, sort_keys=True).encode()
        return
    for name in sorted(data):
        for value in data.getlist(name):
            yield name.encode()
            yield _read(value) if isinstance(value, UploadedFile) else str(value).encode()


def _read(upload: "UploadedFile[Any]") -> bytes:
    digest = hashlib.sha256(str(upload.name).encode())
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.digest()
