"""Follows a run until it is done. A lost connection is waited out for a while; the judging goes on without us."""

import time
from collections.abc import Callable

from milepost.outcomes import shorten_event
from milepost.server import Answer, Server
from milepost.troubles import Unreachable

pause = time.sleep
PAUSE_S = 0.4
LONGEST_PAUSE_S = 2.0
PATIENCE = 8

Say = Callable[[str], None]


def follow(server: Server, submission: int, say: Say) -> Answer:
    """The submission, once its run is done; `say` hears each thing that happens on the way."""
    seen, waiting, wait = 0, -1, PAUSE_S
    while True:
        watch = _ask_patiently(server, f"/api/submissions/{submission}/events", seen)
        for event in watch["events"]:
            say(f"{event['milestone']:<8} {shorten_event(event['text'])}")
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
