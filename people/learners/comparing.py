"""Compares what several handed in for a milestone. Knows not whose it is, nor who asks.

What everybody was given is left out (the starter and the reference), and what many have. Learners have data of their
own, so equal artefacts are told as well.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import QuerySet

from grading.store import Store
from people.learners.fingerprints import Fingerprint, Pair, Untold, count_repeated, fingerprint, match, pair_up
from people.learners.models import Judgement, Run, RunState, Submission
from people.learners.queries import PASSED
from people.learners.references import FOLDER

# Of the smaller one's own fingerprints: pairs from here on are listed. Independent solutions of our projects share a
# seventh at most, and copies nearly all.
THRESHOLD = 0.4
# Fewer than this are a dozen lines, and say nothing.
FEWEST = 12
# What more than a third of them has is nobody's own; of few, what more than four have.
COMMON_PART, COMMON_LEAST = 3, 4
MOST_FILES, MOST_TREE_BYTES = 200, 500_000
MOST_PAIRS, MOST_STRETCHES, MOST_SKIPPED = 200, 60, 100
# Raise it when the same texts would give another report.
MANNER = 1

# A folder of a tree in the store: its digest, and the part of it.
Folder = tuple[str, str]
# Fingerprints without their places, in arrays: sets of so many would take ten times the room.
Values = Sequence[int]


@dataclass
class Reader:
    """Reads fingerprints out of the store. Equal files are cut into tokens once; what is not read is noted."""

    store: Store
    known: dict[str, Values | str] = field(default_factory=dict)

    def gather(self, folder: Folder) -> tuple[Values, list[tuple[str, str]]]:
        """Each value in the folder's Python files, once; and the files that were skipped, each with the reason."""
        found: set[int] = set()
        skipped: list[tuple[str, str]] = []
        for path, sha256, reason in self._list_python(folder):
            told = reason or self.known.get(sha256)
            if told is None:
                told = self.known[sha256] = self._read(folder, path)
            if isinstance(told, str):
                skipped.append((path, told))
            else:
                found.update(told)
        return array("Q", found), skipped

    def locate(self, folder: Folder) -> dict[str, list[Fingerprint]]:
        """The same with where each lies, by path."""
        found: dict[str, list[Fingerprint]] = {}
        for path, sha256, reason in self._list_python(folder):
            if not reason and not isinstance(self.known.get(sha256), str):
                found[path] = fingerprint(self.store.read(folder[0], folder[1] + path))
        return found

    def _read(self, folder: Folder, path: str) -> Values | str:
        try:
            return array("Q", {one.value for one in fingerprint(self.store.read(folder[0], folder[1] + path))})
        except Untold as untold:
            return untold.reason

    def _list_python(self, folder: Folder) -> Iterator[tuple[str, str, str]]:
        """Path and digest of each Python file, and why it is beyond what is read of one tree, if it is."""
        tree, part = folder
        room = MOST_TREE_BYTES
        entries = [one for one in self.store.entries(tree) if one.path.startswith(part) and one.path.endswith(".py")]
        for number, entry in enumerate(entries):
            room -= entry.size
            yield entry.path.removeprefix(part), entry.sha256, "many" if number >= MOST_FILES or room < 0 else ""


def choose_latest(handed_in: QuerySet[Submission]) -> list[Submission]:
    """Of each enrolment the newest of these that passed, or else the newest: a team has one."""
    passed = set(Run.objects.filter(submission__in=handed_in, outcome=PASSED).values_list("submission", flat=True))
    ranked = sorted(handed_in.select_related("enrolment__project"), key=lambda one: (one.pk in passed, one.number))
    return sorted({one.enrolment_id: one for one in ranked}.values(), key=lambda one: one.pk)


def report(chosen: Sequence[Submission], given: Iterable[Folder], store: Store) -> dict[str, Any]:
    """What is alike in these, as plain values."""
    reader = Reader(store)
    read = [reader.gather((one.tree, "")) for one in chosen]
    repeated = count_repeated(values for values, _skipped in read)
    common = {value for value, count in repeated.items() if count > most_holders(len(chosen))}
    common.update(*(reader.gather(folder)[0] for folder in given))
    sizes = [sum(value not in common for value in values) for values, _skipped in read]
    shared = [[value for value in values if value in repeated and value not in common] for values, _skipped in read]
    pairs = pair_up(shared, sizes, FEWEST, THRESHOLD)
    skipped = [[one.pk, *file] for one, (_, files) in zip(chosen, read, strict=True) for file in files]
    return {
        "compared": len(chosen),
        "thin": sum(size < FEWEST for size in sizes),
        "skipped": skipped[:MOST_SKIPPED],
        "skipped_count": len(skipped),
        "pairs": [_tell(pair, chosen, common, reader) for pair in pairs[:MOST_PAIRS]],
        "pairs_count": len(pairs),
    }


def list_equal_artefacts(chosen: Sequence[Submission], kind: str, store: Store) -> list[list[int]]:
    """The submissions whose artefacts are the same bytes although their data were not, group by group."""
    judged = Judgement.objects.filter(run__submission__in=chosen, run__shadow=False, run__state=RunState.DONE)
    rows = judged.filter(kind=kind).exclude(artefact="").order_by("run_id")
    worlds: dict[str, dict[int, str]] = defaultdict(dict)
    for artefact, submission, digests in rows.values_list("artefact", "run__submission", "run__digests"):
        worlds[artefact][submission] = digests.get("world") or f"of {submission}"
    found = [sorted(of) for artefact, of in worlds.items() if len(set(of.values())) > 1 and _has_files(store, artefact)]
    return sorted(group for group in found if len(group) <= most_holders(len(chosen)))


def most_holders(compared: int) -> int:
    """What more submissions than these have is common."""
    return max(COMMON_LEAST, compared // COMMON_PART)


def _has_files(store: Store, artefact: str) -> bool:
    return any(entry.size for entry in store.entries(artefact))


def list_given(chosen: Iterable[Submission]) -> list[Folder]:
    """The starters and references of the editions that these were handed in to."""
    editions = {(one.enrolment.project.starter, one.enrolment.project.tree) for one in chosen}
    return sorted({folder for starter, tree in editions for folder in ((starter, ""), (tree, FOLDER))})


def _tell(pair: Pair, chosen: Sequence[Submission], common: Collection[int], reader: Reader) -> dict[str, Any]:
    first, second = chosen[pair.first], chosen[pair.second]
    found = match(reader.locate((first.tree, "")), reader.locate((second.tree, "")), common)
    largest = sorted(found, key=lambda sides: sides[0].first - sides[0].last)[:MOST_STRETCHES]
    return {
        "first": first.pk,
        "second": second.pk,
        "share": round(pair.share, 3),
        "overlap": round(pair.overlap, 3),
        "shared": pair.shared,
        "stretches": [[asdict(side) for side in sides] for sides in found if sides in largest],
        "stretches_count": len(found),
    }
