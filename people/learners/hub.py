"""The one reader of a web process: looks at the table of events now and then, and tells all who watch. Lets nobody in.

Rows are the truth and this only their echo: who falls behind, or comes back, reads them anew from the last that it saw.
"""

import asyncio
import json
import logging
import signal
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import Any, TypeVar

from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from grading.judging import OUTPUT, STEP
from people.learners import lanes, queries
from people.learners.estimates import RECENT, Milestone, Place, open_runs, place_runs, recent_runs, typical_seconds
from people.learners.models import RunEvent, RunState
from people.learners.refusals import Refusal
from people.learners.retelling import retell

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_EVERY_S = 0.1
PLACES_EVERY_S = 1.0
TYPICAL_EVERY_S = 30.0
# Numbers are given before rows are committed: one that is lower than others may come to light so much later.
LATE_S = 2.0
MOST_AT_ONCE = 2000
# What one watcher may leave unread; with more it is sent away, to come back when it can.
MOST_UNREAD = 500
MOST_WATCHERS = 2000
MOST_OF_ONE_USER = 20


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of one submission. `id` is its event's, 0 for what is not kept; one that `ends` is the last."""

    event: str
    data: Mapping[str, object]
    id: int = 0
    ends: bool = False

    def encode(self) -> bytes:
        """As a server-sent event."""
        numbered = f"id: {self.id}\n" if self.id else ""
        return f"{numbered}event: {self.event}\ndata: {json.dumps(self._say())}\n\n".encode()

    def _say(self) -> Mapping[str, object]:
        """In the language of whoever is told. What their code printed is nobody's to translate."""
        text = self.data.get("text")
        return self.data if self.event == OUTPUT or not text else {**self.data, "text": retell(str(text))}


GO = Message("end", {"code": "come-back"}, ends=True)


@dataclass(eq=False, slots=True)
class Watcher:
    """Somebody who watches one submission: what it is still to be told, and the place that it was told last."""

    submission: int
    user: int
    unread: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(MOST_UNREAD))
    moved: tuple[str, int] | None = None
    missed: int = 0

    def tell(self, message: Message) -> None:
        if self.unread.full():
            self.send_away()
        else:
            self.unread.put_nowait(message)

    def send_away(self) -> None:
        """It reads too slowly, or we stop: what it has not read is dropped, for it will ask again."""
        while not self.unread.empty():
            self.unread.get_nowait()
        self.unread.put_nowait(GO)


class Hub:
    """Reads for everybody in one thread, and only while somebody watches. It belongs to one event loop."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="milepost-hub")
        self.watchers: dict[int, set[Watcher]] = defaultdict(set)
        self.looking: asyncio.Task[None] | None = None
        self.settled: int | None = None
        self.seen: dict[int, float] = {}
        self.typical: dict[Milestone, float] = {}
        self.typical_at = self.placed_at = -TYPICAL_EVERY_S
        self.hears_stop = self.closed = False

    async def ask(self, question: Callable[..., T], *given: object) -> T:
        """Let the one thread that reads the database read this, and say no in the language of whoever asks."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, _read, get_language(), question, *given)

    @asynccontextmanager
    async def watch(self, submission: int, user: int) -> AsyncIterator[Watcher]:
        """A watcher, to whom all comes that is reported from now on. Raises Refusal when too many watch."""
        self._refuse_crowd(user)
        watcher = Watcher(submission, user)
        self.watchers[submission].add(watcher)
        try:
            await self._begin()
            yield watcher
        finally:
            self.watchers[submission].discard(watcher)
            if not self.watchers[submission]:
                del self.watchers[submission]

    def close(self) -> None:
        """Send everybody away; they come back to whoever answers then."""
        self.closed = True
        for watcher in self._everybody():
            watcher.send_away()

    def _everybody(self) -> list[Watcher]:
        return [watcher for watchers in self.watchers.values() for watcher in watchers]

    def _refuse_crowd(self, user: int) -> None:
        everybody = self._everybody()
        own = sum(watcher.user == user for watcher in everybody)
        if self.closed or len(everybody) >= MOST_WATCHERS or own >= MOST_OF_ONE_USER:
            remedy = gettext("Ask for the events now and then instead.")
            raise Refusal("too-many", "", gettext("Too many are watching at this moment."), 429, remedy)

    async def _begin(self) -> None:
        """Note where the table ends before anybody is told what it holds: between the two nothing is lost."""
        if self.looking is None:
            self.looking = asyncio.get_running_loop().create_task(self._keep_looking())
        if not self.hears_stop:
            self.hears_stop = True
            _call_when_stopped(self.close)
        while self.settled is None:
            await asyncio.sleep(0.005)

    async def _keep_looking(self) -> None:
        while self.watchers:
            try:
                await self._look()
            except Exception:  # a database that is away for a while comes back
                log.exception("the events cannot be read")
                await asyncio.sleep(PLACES_EVERY_S)
            await asyncio.sleep(LOOK_EVERY_S)
        # Before anything is awaited: who comes in the meantime must find that nobody looks.
        self.looking = self.settled = None
        await self.ask(_let_go)

    async def _look(self) -> None:
        if self.settled is None:
            self.seen.clear()
            self.settled = await self.ask(queries.newest_event_id)
        for event in await self.ask(_read_events, self.settled, list(self.seen)):
            self._notice(event)
        now = time.monotonic()
        for pk in [pk for pk, at in self.seen.items() if now - at > LATE_S]:
            self.settled = max(self.settled, pk)
            del self.seen[pk]
        if now - self.placed_at > PLACES_EVERY_S:
            self.placed_at = now
            self._tell_places(await self.ask(self._read_places))

    def _notice(self, event: RunEvent) -> None:
        self.seen[event.pk] = time.monotonic()
        if watchers := self.watchers.get(event.run.submission_id):
            message = describe_event(event)
            for watcher in watchers:
                watcher.tell(message)

    def _read_places(self) -> dict[int, Place]:
        now = time.monotonic()
        if now - self.typical_at > TYPICAL_EVERY_S:
            self.typical, self.typical_at = typical_seconds(recent_runs(RECENT)), now
        return place_runs(open_runs(), self.typical, timezone.now(), lanes.read_served())

    def _tell_places(self, places: Mapping[int, Place]) -> None:
        for watcher in self._everybody():
            place = places.get(watcher.submission)
            # A run that is over has told its verdict by now; who did not hear it is to ask again.
            watcher.missed = 0 if place else watcher.missed + 1
            if watcher.missed > LATE_S / PLACES_EVERY_S:
                watcher.send_away()
            if place and place.moved != watcher.moved:
                watcher.moved = place.moved
                watcher.tell(describe_place(place))


def describe_event(event: RunEvent) -> Message:
    told: dict[str, Any] = {
        "id": event.pk,
        "at": event.at.isoformat(),
        "milestone": event.milestone,
        "kind": event.kind,
        "text": event.text,
    }
    if event.kind == RunEvent.VERDICT:
        outcome, _, sentence = event.text.partition(": ")
        return Message("verdict", {**told, "outcome": outcome, "text": sentence}, event.pk, ends=True)
    return Message(event.kind if event.kind in (STEP, OUTPUT) else "check", told, event.pk)


def describe_place(place: Place) -> Message:
    return Message("place", asdict(place))


def read_past(submission: int, after: int) -> Iterator[Message]:
    """What a watcher has not seen yet, up to now; the last of it ends when the run that counts is over."""
    run = queries.newest_run(submission)
    if run.state != RunState.DONE:
        before = lanes.count_before(run) if run.state == RunState.QUEUED else 0
        yield describe_place(Place(run.state, before, None))
    for event in queries.events_after(after).filter(run__submission=submission):
        if event.kind != RunEvent.VERDICT or event.run_id == run.pk:
            yield describe_event(event)
    if run.state == RunState.DONE:
        told = {"milestone": "", "kind": "verdict", "outcome": run.outcome, "text": run.sentence}
        yield Message("verdict", told, ends=True)


def _read_events(after: int, seen: list[int]) -> list[RunEvent]:
    return list(queries.events_after(after).exclude(pk__in=seen)[:MOST_AT_ONCE])


def _read(language: str | None, question: Callable[..., T], *given: object) -> T:
    try:
        with override(language):
            return question(*given)
    except DatabaseError:
        # The next question gets a connection of its own.
        connection.close()
        raise


def _let_go() -> None:
    """Of the reading thread's connection: nobody needs it for now."""
    connection.close()


def _call_when_stopped(close: Callable[[], None]) -> None:
    """The server waits for open answers before it ends; so ours must hear that it is to stop, and before it waits."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def stop(number: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(close)
            if callable(before):
                before(number, frame)

        signal.signal(number, stop)
