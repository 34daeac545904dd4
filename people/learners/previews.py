"""What pages show of the practice world's files and of what a learner's own code makes of them: found, or asked for.

A worker does the looking; here are only plain values out of the store. No world that grades is ever named here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from grading.previewing import find_made, find_preview
from people.learners import tasks
from people.learners.archives import find_practice_world
from people.learners.facilities import store
from people.learners.models import Enrolment, Submission
from people.learners.retelling import retell
from people.ringing import call

# Somebody who waits asks every other second; a worker is asked once in this many.
ASK_AGAIN_S = 60


@dataclass(frozen=True, slots=True)
class SeenWork:
    """What a milestone made, file by file; or the sentence on why it made nothing."""

    kind: str
    files: list[dict[str, Any]]
    stopped: str


def find_sources(enrolment: Enrolment) -> list[dict[str, Any]] | None:
    """The practice world's files; None while somebody is still looking at them."""
    world = find_practice_world(enrolment)
    seen = find_preview(world.raw, store()) if world else None
    if seen is None:
        _ask(f"world-{enrolment.pk}", lambda: call(tasks.look_at_world, enrolment.pk))
    return seen


def find_work(submission: Submission) -> list[SeenWork] | None:
    """What this submission makes of the practice world; None while that is not known."""
    made = find_made(tasks.practice_job(submission), store())
    if made is None:
        _ask(f"work-{submission.pk}", lambda: call(tasks.look_at_work, submission.pk))
        return None
    return [SeenWork(one.kind, _files_of(one.artefact), retell(one.stopped)) for one in made]


def _files_of(artefact: str) -> list[dict[str, Any]]:
    return (find_preview(artefact, store()) or []) if artefact else []


def _ask(what: str, ring: Callable[[], object]) -> None:
    if cache.add(f"look-{what}", True, ASK_AGAIN_S):
        ring()
