"""Follows a run until it is done. A lost connection is waited out for a while; the judging goes on without us."""

import time
from collections.abc import Callable

from milepost.outcomes import shorten_event
from milepost.server import Answer, NotStreamed, Server
from milepost.troubles import Unreachable

pause = time.sleep
PAUSE_S = 0.4
LONGEST_PAUSE_S = 2.0
PATIENCE = 8
# After these a stream says nothing more; whether all is said, the submission itself tells.
LAST_EVENTS = frozenset({"verdict", "end"})

Say = Callable[[str], None]


def follow(server: Server, submission: int, say: Say) -> Answer:
    """The submission, once its run is done; `say` hears each thing that happens on the way."""
    try:
        return _follow_stream(server, submission, say)
    except NotStreamed:
        return _ask_again_and_again(server, submission, say)


def _follow_stream(server: Server, submission: int, say: Say) -> Answer:
    """Hear what happens as it happens; after a lost connection, go on behind the last that was heard."""
    seen, losses = 0, 0
    say_place = _describe_places(say)
    while True:
        try:
            with server.stream(f"/api/submissions/{submission}/events", seen) as events:
                for event in events:
                    seen, losses = max(seen, event.id), 0
                    if event.name in LAST_EVENTS:
                        break
                    say_place(event.data) if event.name == "place" else say_event(event.data, say)
            told = server.get(f"/api/submissions/{submission}")
            if told["run"]["state"] == "done":
                return told
            pause(PAUSE_S)
        except Unreachable:
            losses += 1
            if losses > PATIENCE:
                raise
            pause(LONGEST_PAUSE_S)


def _describe_places(say: Say) -> Callable[[Answer], None]:
    """Says the place in the queue when it has changed."""
    last: list[int] = []

    def say_place(place: Answer) -> None:
        before = place["waiting_before"]
        if place["state"] == "queued" and last != [before]:
            last[:] = [before]
            seconds = place.get("seconds")
            say(_describe_queue(before) + (f"; a verdict in about {seconds:.0f} s" if seconds else ""))

    return say_place


def say_event(event: Answer, say: Say) -> None:
    """Each step, what their code printed, and each check that does not hold; the verdict says the rest."""
    kind, milestone, text = event.get("kind", "step"), event.get("milestone", ""), event.get("text", "")
    if kind == "step":
        say(f"{milestone:<8} {shorten_event(text)}")
    elif kind == "failed":
        say(f"{milestone:<8} {text}")
    elif kind == "output":
        for line in text.splitlines():
            say(f"{milestone:<8} | {line}")


def _ask_again_and_again(server: Server, submission: int, say: Say) -> Answer:
    seen, waiting, wait = 0, -1, PAUSE_S
    while True:
        watch = _ask_patiently(server, f"/api/submissions/{submission}/events", seen)
        for event in watch["events"]:
            say_event(event, say)
            seen = event["id"]
        if watch["state"] == "done":
            return server.get(f"/api/submissions/{submission}")
        if watch["state"] == "queued" and watch["waiting_before"] != waiting:
            waiting = watch["waiting_before"]
            say(_describe_queue(waiting))
        wait = PAUSE_S if watch["events"] else min(wait * 1.3, LONGEST_PAUSE_S)
        pause(wait)


def _describe_queue(before: int) -> str:
    if not before:
        return "waiting for a worker; you are next"
    return f"waiting for a worker; {before} {'run is' if before == 1 else 'runs are'} before yours"


def _ask_patiently(server: Server, path: str, seen: int) -> Answer:
    for _ in range(PATIENCE):
        try:
            return server.get(path, after=seen)
        except Unreachable:
            pause(LONGEST_PAUSE_S)
    return server.get(path, after=seen)
