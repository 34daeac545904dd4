"""Packs what is kept for learners into zips, and hands them over. Never a world that grades.

The same content makes the same bytes: names in order, one fixed time, no owners.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO

from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import gettext as _

from curriculum.models import Project
from grading.facilities import open_package
from grading.world import World, find_world
from people.learners import queries, repositories, tasks
from people.learners.benches import Bench, list_members, name_edition
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import Enrolment, Loan
from people.learners.refusals import Refusal
from people.ringing import call

EPOCH = (2020, 1, 1, 0, 0, 0)
IN_MEMORY = 4 * 2**20
# Somebody who waits for a world asks again and again; its making is asked for once in this many seconds.
ASK_AGAIN_S = 60
ABOUT_THE_EXPORT = """\
All of your work in {slug}, as it was when you asked.

repository.bundle   every commit: git clone repository.bundle {slug}
files/              the files of the last commit
world/              your practice world, its truth included
reports/            one file for each submission: its verdict and every check's answer
"""
WORLD_TO_COME = b"Your practice world is still being made. Ask for the export again in a minute, and it is in here.\n"


def pack_starter(project: Project) -> IO[bytes]:
    """The files that a learner begins with."""
    return pack(_stored(project.starter))


def pack_practice_world(enrolment: Enrolment) -> IO[bytes]:
    """The learner's own practice world: raw/, truth/ and facts.json, and in lent/ what the reference made of it;
    edition.json says which edition of the project it was drawn for.

    Raises Refusal while something of it is not made yet.
    """
    world = find_practice_world(enrolment)
    if world is None:
        _ask_for_world(enrolment)
        raise Refusal(
            "not-ready",
            "world",
            _("Your practice world is being made; that takes a few seconds."),
            409,
            _("Ask again in a few seconds."),
        )
    return pack(iter([*_members(world, enrolment.project), *_lent(enrolment)]))


def pack_export(enrolment: Enrolment, reports: Iterable[tuple[str, bytes]]) -> IO[bytes]:
    """All that is the learner's: every commit, the last files, the practice world, and these reports."""
    return pack(list_export(enrolment, reports))


def list_export(enrolment: Enrolment, reports: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The same, file by file."""
    repository = repositories.open_repository(enrolment)
    yield "README.txt", ABOUT_THE_EXPORT.format(slug=enrolment.project.slug).encode()
    yield "repository.bundle", repositories.bundle(repository)
    for path, content in repositories.read_plain_files(repository):
        yield f"files/{path}", content
    world = find_practice_world(enrolment)
    if world is None:
        _ask_for_world(enrolment)
    yield from _members(world, enrolment.project, "world/") if world else [("world/README.txt", WORLD_TO_COME)]
    for name, content in reports:
        yield f"reports/{name}", content


def _lent(enrolment: Enrolment) -> Iterator[tuple[str, bytes]]:
    """The artefacts of the milestones that are lent. Raises Refusal while one is not made yet."""
    loans = queries.list_loans(enrolment)
    for loan in loans:
        if not loan.artefact:
            _ask_for_loan(loan)
            raise Refusal(
                "not-ready",
                "world",
                _("What is lent to you, %(kind)s, is being made; that takes up to a minute.") % {"kind": loan.kind},
                409,
                _("Ask again in a while."),
            )
        yield from _stored(loan.artefact, f"lent/{loan.kind}/")
    if loans:
        yield "lent/kinds.json", json.dumps([loan.kind for loan in loans]).encode() + b"\n"


def pack_bench(bench: Bench) -> IO[bytes]:
    """What judges a project on a learner's own machine."""
    return pack(list_members(bench))


def find_practice_world(enrolment: Enrolment) -> World | None:
    package = open_package(store(), enrolment.project.tree)
    return find_world(package, draw_for(enrolment, PRACTICE), store())


def _ask_for_world(enrolment: Enrolment) -> None:
    if cache.add(f"world-asked-for-{enrolment.pk}", True, ASK_AGAIN_S):
        call(tasks.make_worlds, enrolment.pk, 1)


def _ask_for_loan(loan: Loan) -> None:
    if cache.add(f"loan-asked-for-{loan.pk}", True, ASK_AGAIN_S):
        call(tasks.make_loan, loan.pk)


def _members(world: World, edition: Project, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    yield f"{prefix}edition.json", json.dumps(name_edition(edition), indent=2, sort_keys=True).encode() + b"\n"
    yield f"{prefix}facts.json", json.dumps(dict(world.facts), indent=2, sort_keys=True).encode() + b"\n"
    yield from _stored(world.raw, f"{prefix}raw/")
    yield from _stored(world.truth, f"{prefix}truth/")


def _stored(digest: str, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in store().entries(digest):
        yield prefix + entry.path, store().read(digest, entry.path)


def pack(members: Iterable[tuple[str, bytes]]) -> IO[bytes]:
    """A zip of these files; the same make the same bytes."""
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
