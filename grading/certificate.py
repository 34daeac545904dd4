"""What publishing asks of a package, and anybody may read: which tree did what was expected of it, on which worlds.

It lies in proof.json, tree by tree, each with the digest of all that its proof hangs on. So proofs add up, a long one
can be made in many short ones, and a change costs the proof of what hangs on it and of nothing else.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from curriculum.expectations import read_expectations
from curriculum.package import REFERENCE, STARTER, ProjectPackage, digest_files
from curriculum.trees import list_right, read_tree
from grading.proofs import Proof
from grading.reach import reach_any
from grading.store import digest_of

FILE = "proof.json"
MOVED, MISSHAPEN = "moved label", "misshapen"
# So many proofs are lost at most when a long run is broken off.
OFTEN = 25


@dataclass(frozen=True, slots=True)
class Stood:
    """One tree at one milestone: the seeds on which it did what was expected, when all that counts had this digest.

    odd: those on which it did not, and was not tried again since.
    """

    digest: str
    seeds: frozenset[int] = frozenset()
    odd: frozenset[int] = frozenset()


# By milestone and name of the tree.
Certificate = Mapping[tuple[str, str], Stood]


def read_certificate(package: ProjectPackage) -> Certificate:
    """What is still true of this package; what has changed since it was proved is left out."""
    return _select_true(package, _fingerprint(package))


def write_down(package: ProjectPackage, proofs: Iterable[Proof]) -> Iterator[Proof]:
    """Each proof as it comes. What it adds is written every so often, so that who breaks off goes on from there."""
    # Of the files as they are now: what somebody changes while trees are tried was not what was tried.
    digests, fresh = _fingerprint(package), list[Proof]()
    try:
        for proof in proofs:
            fresh.append(proof)
            if len(fresh) == OFTEN:
                _write_with(package, fresh, digests)
                fresh = []
            yield proof
    finally:
        _write_with(package, fresh, digests)


def find_unproved(package: ProjectPackage) -> list[tuple[str, str]]:
    """Every milestone and tree that failed its proof on some world, or had none since anything changed that counts."""
    known, none = read_certificate(package), Stood("")
    stood = {key: known.get(key, none) for key in _list_trees(package)}
    return [key for key, one in stood.items() if one.odd or not one.seeds]


def list_worlds(package: ProjectPackage) -> list[int]:
    """The seeds of those worlds on which every tree did what was expected of it."""
    known, none = read_certificate(package), Stood("")
    return sorted(frozenset.intersection(*(known.get(key, none).seeds for key in _list_trees(package))))


def _list_trees(package: ProjectPackage) -> Iterator[tuple[str, str]]:
    reference, *alternatives = list_right(package)
    everywhere = (reference, STARTER, *alternatives)
    yield from ((kind, name) for kind in package.kinds for name in everywhere)
    yield from ((told.milestone, f"wrong/{name}") for name, told in read_expectations(package).items())


def _fingerprint(package: ProjectPackage) -> Mapping[tuple[str, str], str]:
    """Of each milestone and tree what its proof hangs on: what judges the one, and what of the other it can use.

    So is what it can use of the reference, whose artefacts a tree is given.
    """
    judging = {kind: digest_files(package.folder, package.judging_of(kind)) for kind in package.kinds}
    trees = {name: read_tree(package, name) for name in {REFERENCE, *(name for _, name in _list_trees(package))}}
    given = {kind: _digest_used(package, kind, trees[REFERENCE]) for kind in package.kinds}
    return {
        **{(kind, MISSHAPEN): digest_of([judging[kind], given[kind]]) for kind in package.kinds},
        **{
            (kind, name): digest_of([judging[kind], given[kind], _digest_used(package, kind, trees[name])])
            for kind, name in _list_trees(package)
        },
    }


def _digest_used(package: ProjectPackage, kind: str, files: Mapping[str, bytes]) -> str:
    """Names those files that this milestone's commands can use, and those of every milestone that feeds it."""
    own = package.milestone(kind)
    feeding = (*package.feeding(kind), own)
    used = {path for milestone in feeding for path in reach_any(files, files.__getitem__, milestone)}
    chosen = files.keys() if own.sources else used
    return digest_of({path: hashlib.sha256(files[path]).hexdigest() for path in chosen})


def _find_digest(digests: Mapping[tuple[str, str], str], kind: str, name: str) -> str:
    """Of a proof by its name; empty for a tree that the package has not, or not any more."""
    tree = MISSHAPEN if name.startswith(f"{MISSHAPEN}/") else name.removeprefix(f"{MOVED}/")
    return digests.get((kind, tree), "")


def _select_true(package: ProjectPackage, digests: Mapping[tuple[str, str], str]) -> Certificate:
    return {key: stood for key, stood in _read(package).items() if stood.digest == _find_digest(digests, *key)}


def _write_with(package: ProjectPackage, fresh: Iterable[Proof], digests: Mapping[tuple[str, str], str]) -> None:
    _write(package, _add(_select_true(package, digests), fresh, digests))


def _add(known: Certificate, proofs: Iterable[Proof], digests: Mapping[tuple[str, str], str]) -> Certificate:
    """What was known, and these."""
    whole = {**known}
    for proof in proofs:
        key, own = (proof.kind, proof.tree), frozenset({proof.seed})
        if digest := _find_digest(digests, *key):
            stood = whole.get(key, Stood(digest))
            seeds, odd = stood.seeds - own, stood.odd - own
            whole[key] = Stood(digest, seeds | own, odd) if proof.holds else Stood(digest, seeds, odd | own)
    return whole


# --- the file ---------------------------------------------------------------------------------------------------------


def _write(package: ProjectPackage, whole: Certificate) -> None:
    """A line for each tree, so that a proof of one more, or on one world more, is a line."""
    parts = []
    for kind, rows in groupby(sorted(whole), key=lambda key: key[0]):
        lines = [f"  {json.dumps(key[1])}: {json.dumps(_tell(whole[key]))}" for key in rows]
        parts.append(f" {json.dumps(kind)}: {{\n" + ",\n".join(lines) + "\n }")
    (package.folder / FILE).write_text("{\n" + ",\n".join(parts) + "\n}\n")


def _tell(stood: Stood) -> dict[str, str]:
    odd = {"odd": _as_ranges(stood.odd)} if stood.odd else {}
    return {"seeds": _as_ranges(stood.seeds), **odd, "digest": stood.digest}


def _read(package: ProjectPackage) -> dict[tuple[str, str], Stood]:
    """The file as it is; empty where there is none, or none in form."""
    try:
        told: dict[str, dict[str, Any]] = json.loads(package.words(FILE) or "{}")
        return {
            (kind, name): Stood(str(row["digest"]), _read_ranges(row["seeds"]), _read_ranges(row.get("odd", "")))
            for kind, rows in told.items()
            for name, row in rows.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _as_ranges(numbers: Iterable[int]) -> str:
    """1-3, 7."""
    runs = groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    ends = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in ends)


def _read_ranges(text: str) -> frozenset[int]:
    ends = [[int(end) for end in run.split("-")] for run in text.split(",") if run]
    return frozenset(number for run in ends for number in range(run[0], run[-1] + 1))
