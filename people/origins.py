"""What led to the work that is being done here: a request, a task, a run. Told to logs; asks no database.

It follows the work by itself: into threads that serve a request, with a message to a worker, and never as an argument.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

Row = TypeVar("Row", bound=Model)
Told = TypeVar("Told")
Follower = Callable[[str, Any], AbstractContextManager[object]]

# Whoever wants to stand around the work on a row, such as those who say who does it.
followers: list[Follower] = []
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


def working_on(what: str) -> Callable[[Callable[[Row], Told]], Callable[[Row], Told]]:
    """Of a function that works on one row: what it and all below it write to the log says which."""

    def decorate(work: Callable[[Row], Told]) -> Callable[[Row], Told]:
        @wraps(work)
        def follow(row: Row) -> Told:
            origin = find_origin()
            with ExitStack() as around:
                around.enter_context(led_by(replace(origin, rows={**origin.rows, what: row.pk})))
                for follower in followers:
                    around.enter_context(follower(what, row))
                return work(row)

        return follow

    return decorate


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
