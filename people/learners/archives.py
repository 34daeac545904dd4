"""Packs what is kept by digest into zips for learners, and hands them over. Never a world that grades.

The same content makes the same bytes: names in order, one fixed time, no owners.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO

from django.core.cache import cache
from django.http import HttpResponse

from curriculum.models import Project
from grading.facilities import open_package
from grading.world import World, find_world
from people.learners import tasks
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import Enrolment
from people.learners.refusals import Refusal

EPOCH = (2020, 1, 1, 0, 0, 0)
IN_MEMORY = 4 * 2**20
# Somebody who waits for a world asks again and again; its making is asked for once in this many seconds.
ASK_AGAIN_S = 60


def pack_starter(project: Project) -> IO[bytes]:
    """The files that a learner begins with."""
    return _pack(_stored(project.starter))


def pack_practice_world(enrolment: Enrolment) -> IO[bytes]:
    """The learner's own practice world: raw/, truth/ and facts.json. Raises Refusal while it is not made yet."""
    world = find_practice_world(enrolment)
    if world is None:
        _ask_for_world(enrolment)
        raise Refusal(
            "not-ready",
            "world",
            "Your practice world is being made; that takes a few seconds.",
            409,
            "Ask again in a few seconds.",
        )
    return _pack(_members(world))


def find_practice_world(enrolment: Enrolment) -> World | None:
    package = open_package(store(), enrolment.project.tree)
    return find_world(package, draw_for(enrolment.key, enrolment.domain, PRACTICE), store())


def _ask_for_world(enrolment: Enrolment) -> None:
    if cache.add(f"world-asked-for-{enrolment.pk}", True, ASK_AGAIN_S):
        tasks.make_worlds.delay(enrolment.pk, 1)


def _members(world: World) -> Iterator[tuple[str, bytes]]:
    yield "facts.json", json.dumps(dict(world.facts), indent=2, sort_keys=True).encode() + b"\n"
    yield from _stored(world.raw, "raw/")
    yield from _stored(world.truth, "truth/")


def _stored(digest: str, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in store().entries(digest):
        yield prefix + entry.path, store().read(digest, entry.path)


def _pack(members: Iterator[tuple[str, bytes]]) -> IO[bytes]:
    packed = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    packed.seek(0)
    return packed


def answer_zip(packed: IO[bytes], name: str) -> HttpResponse:
    """An archive to download. Whole, since a sync view that hands over parts is a warning, and a copy, under ASGI."""
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(packed.read(), content_type="application/zip", headers={"Content-Disposition": disposition})
