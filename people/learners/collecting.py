"""Takes away what of the store nobody needs any more, and says what is missing of what somebody does.

Needed is what a row names (settings.STORE_COLUMNS), the packages' checks, the worlds that a run of any enrolment could
ask for, and what an answer that was used lately names. A world is never made twice, so its answer goes only when nobody
can ask for it again; other answers go when nobody has asked for them for long, and work is then run once more.

Nothing that is younger than a day goes, and what is put or asked for again is young. So what is put in while this looks
stays, though no row names it yet.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.apps import apps
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from curriculum.models import Project
from curriculum.package import ProjectPackage
from grading.facilities import keep_checks, open_package
from grading.previewing import key_of_preview
from grading.store import BLOBS, MEMO, TREES, Kept, Store, StoreFault
from grading.world import Draw, key_of_world
from people.learners.draws import PRACTICE, draw_for, sequestered_draws
from people.learners.models import Enrolment, RunState

# What a run writes down names packages, worlds and environments too, by digests that are no folder's.
AMONG_OTHERS = frozenset({"learners.Run.digests", "learners.Rehearsal.verdict"})
DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
GRACE = timedelta(days=1)
# Worlds are made one ahead, and after the last milestone for good measure.
DRAWS_AHEAD = 2
HANDS, AT_ONCE = 8, 500

T = TypeVar("T")
R = TypeVar("R")


@dataclass
class Freed:
    """What went, or would go: how many things of each room, and how many bytes."""

    things: Counter[str] = field(default_factory=Counter)
    size: int = 0

    def add(self, kept: Kept) -> None:
        self.things[kept.room] += 1
        self.size += kept.size


@dataclass
class _Clearing:
    """One clearing out: what it may take away, and what it has."""

    store: Store
    dry_run: bool
    freed: Freed = field(default_factory=Freed)

    def discard(self, kept: Kept, younger: timedelta) -> bool:
        """Whether it is gone; not so when somebody has put it in or asked for it since it was listed."""
        gone = self.dry_run or self.store.discard(kept, younger.total_seconds())
        if gone:
            self.freed.add(kept)
        return gone


def collect(store: Store, keep: timedelta, dry_run: bool = False, grace: timedelta = GRACE) -> Freed:
    """Take away what nobody needs. keep: how long an answer stays that nobody asks for; never less than the grace.

    Raises StoreFault while somebody else clears out or copies, and PackageFault on an edition that cannot be read.
    """
    keep = max(keep, grace)
    with store.alone():
        clearing = _Clearing(store, dry_run)
        # First the answers: from then on nobody is told of a folder that is about to go.
        named, old = _name_needed(store, keep)
        live = _clear_answers_and_trees(clearing, named, old, keep, grace)
        _clear_blobs(clearing, live, grace)
        if not dry_run:
            store.clear_scratch()
    return clearing.freed


def find_missing(store: Store) -> list[str]:
    """The digests of folders that rows name and that are not whole here."""
    named = read_columns(required=True)
    kept = {tree.name for tree in store.list_kept(TREES)}
    blobs = {blob.name for blob in store.list_kept(BLOBS)}
    held = _at_once(lambda name: (name, {entry.sha256 for entry in store.entries(name)}), named & kept)
    return sorted({*(named - kept), *(name for name, needed in held if not needed <= blobs)})


def read_columns(required: bool = False) -> set[str]:
    """Every digest that a row names; without those that may be of something else, if required ones are asked for."""
    named: set[str] = set()
    for label in set(settings.STORE_COLUMNS) - (AMONG_OTHERS if required else frozenset()):
        model, _, name = label.rpartition(".")
        column = apps.get_model(model)._base_manager.order_by().values_list(name, flat=True)
        for value in column.distinct().iterator():
            named.update(DIGEST.findall(value if isinstance(value, str) else json.dumps(value)))
    return named


def list_worlds(packages: dict[str, list[ProjectPackage]], keep: timedelta, now: datetime) -> Iterator[str]:
    """Under which answers the worlds are remembered that a run of any enrolment could ask for, or its learner."""
    over = _list_over(now - keep)
    for enrolment in Enrolment.objects.select_related("project").annotate(last=Max("submissions__runs__draw")):
        editions = {package.data_digest: package for package in packages[enrolment.project.slug]}
        most = max(len(package.milestones) for package in packages[enrolment.project.slug])
        last = PRACTICE if enrolment.pk in over else max(most, enrolment.last or 0) + DRAWS_AHEAD
        for package in editions.values():
            yield from (key_of_world(package, draw) for draw in _list_draws(enrolment, last))


def _list_draws(enrolment: Enrolment, last: int) -> Iterator[Draw]:
    yield from (draw_for(enrolment, number) for number in range(PRACTICE, last + 1))
    if last > PRACTICE:
        yield from sequestered_draws(enrolment)


def _list_over(before: datetime) -> set[int]:
    """Enrolments for an assessment that was over by then: nothing more is taken in, and no other edition tried."""
    assessed = Enrolment.objects.exclude(occasion="").exclude(shares__until__gt=before)
    waiting = assessed.filter(submissions__runs__state__in=[RunState.QUEUED, RunState.RUNNING])
    return set(assessed.values_list("pk", flat=True)) - set(waiting.values_list("pk", flat=True))


def _name_needed(store: Store, keep: timedelta) -> tuple[set[str], list[Kept]]:
    """The digests that are needed, as far as one can tell without looking at folders; and the answers that are old."""
    packages = {
        slug: [open_package(store, tree) for tree in Project.objects.filter(slug=slug).values_list("tree", flat=True)]
        for slug in Project.objects.order_by().values_list("slug", flat=True).distinct()
    }
    named = {keep_checks(store, package) for editions in packages.values() for package in editions}
    worlds = set(list_worlds(packages, keep, timezone.now()))
    old: list[Kept] = []
    needed: list[Kept] = []
    for kept in store.list_kept(MEMO):
        is_old = kept.age >= keep.total_seconds() and kept.name not in worlds
        (old if is_old else needed).append(kept)
    for found in _at_once(lambda kept: _read_answer(store, kept), needed):
        named |= found
    return named | read_columns(), old


def _clear_answers_and_trees(
    clearing: _Clearing, named: set[str], old: list[Kept], keep: timedelta, grace: timedelta
) -> set[str]:
    """The folders that stay. What was seen in a folder stays as long as the folder."""
    trees = {kept.name: kept for kept in clearing.store.list_kept(TREES)}
    live = {name for name, kept in trees.items() if name in named or kept.age < grace.total_seconds()}
    seen = {key_of_preview(name) for name in live}
    for kept in old:
        if kept.name not in seen and not clearing.discard(kept, keep):
            live |= _read_answer(clearing.store, kept) & trees.keys()
    for name in trees.keys() - live:
        if not clearing.discard(trees[name], grace):
            live.add(name)
    return live


def _clear_blobs(clearing: _Clearing, live: Iterable[str], grace: timedelta) -> None:
    needed: set[str] = set()
    for held in _at_once(lambda name: {entry.sha256 for entry in clearing.store.entries(name)}, live):
        needed |= held
    for kept in clearing.store.list_kept(BLOBS):
        if kept.name not in needed and kept.age >= grace.total_seconds():
            clearing.discard(kept, grace)


def _read_answer(store: Store, kept: Kept) -> set[str]:
    """Every digest that an answer names. One that is damaged names nothing that could be used."""
    try:
        return set(DIGEST.findall(json.dumps(store.recall_quietly(kept.name))))
    except StoreFault:
        return set()


def _at_once(work: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """As map, several at a time: a bucket is slow to answer, and answers many."""
    rest = iter(things)
    with ThreadPoolExecutor(HANDS) as hands:
        while some := list(islice(rest, AT_ONCE)):
            yield from hands.map(work, some)
