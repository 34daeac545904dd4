"""What led to the work that is being done here: a request, a task, a run. Told to logs; asks no database.

It follows the work by itself: into threads that serve a request, with a message to a worker, and never as an argument.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


@dataclass(frozen=True, slots=True)
class Origin:
    """The request that asked for it, the task that does it, and the numbers of the rows that it is about."""

    request: str = ""
    user: int | None = None
    task: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    asked: HttpRequest | None = None

    def describe(self) -> dict[str, Any]:
        user = find_user(self.asked) if self.asked else self.user
        told = {"request": self.request, "user": user, "task": self.task, **self.rows}
        return {name: value for name, value in told.items() if value not in ("", None)}

    def as_header(self) -> dict[str, Any]:
        """What a worker is told of it."""
        told = self.describe()
        return {name: told[name] for name in ("request", "user") if name in told}


NOBODY = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOBODY)


def find_origin() -> Origin:
    return _origin.get()


def set_origin(origin: Origin) -> Origin:
    """From now on; the one before is handed back, to be set again."""
    before = _origin.get()
    _origin.set(origin)
    return before


@contextmanager
def led_by(origin: Origin) -> Iterator[None]:
    before = set_origin(origin)
    try:
        yield
    finally:
        set_origin(before)


def find_user(request: HttpRequest) -> int | None:
    """The number of who asks, if that is known by now: nobody is looked up for a log."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)


def name_request(request: HttpRequest) -> str:
    """The name that a proxy of ours gave this request, if it is one; else a new one."""
    given = request.headers.get("X-Request-ID", "") if settings.REST_FRAMEWORK["NUM_PROXIES"] else ""
    return given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
