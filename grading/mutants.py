"""Tries mutants of the reference: each ought to be refused, at its milestone or at one after it.

A mutant is equivalent, and proves nothing either way, when every milestone leaves the same rows and values as before,
and the services that its place reaches keep to all that is asked of them. Compared is what is said and not how: the
order of rows and of columns is no promise, and two numbers are the same when nine digits of them are. One that changes
a service alone is never called equivalent: what a service would say to questions that nobody asks is unknown.
"""

import ast
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from random import Random

import pyarrow.parquet as pq

from curriculum.freedoms import read_freedoms
from curriculum.package import MilestoneSpec, PackageFault, ProjectPackage
from grading.bench import Bench
from grading.examination import Exhibit
from grading.judging import Judging
from grading.kit.mutate import Mistake, find_mistakes, list_lines, make_mistake
from grading.pipeline import judge_milestone
from grading.probing import run_probes
from grading.production import produce
from grading.proofs import failed_checks
from grading.reach import reach_any
from grading.sandboxes.base import SandboxFault
from grading.store import Store
from grading.trees import Trees
from grading.verdict import Outcome

MUTANT = "mutant"
KILLED, SURVIVED, EQUIVALENT = "killed", "survived", "equivalent"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mutant: the reference with one mistake in the file `path`, for the first milestone that reaches it."""

    name: str
    kind: str
    path: str
    tree: str
    diff: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant, and the checks that saw it."""

    fate: str
    sentence: str = ""
    failed: tuple[str, ...] = ()


def plan_mutants(package: ProjectPackage, trees: Trees, store: Store, number: int) -> list[Mutation]:
    """At most `number` mutants for each milestone, the same ones every time; none of a line that is free."""
    planned: list[Mutation] = []
    free = frozenset((freedom.file, freedom.line) for freedom in read_freedoms(package))
    known: set[str] = set()
    for milestone in package.milestones:
        # A file that an earlier milestone reaches is tried there: a learner's mistake in it would be met there first.
        own = _reached(milestone, trees.reference, store) - known
        known |= own
        planned += _plan(f"{package.slug}/{milestone.kind}", milestone.kind, own, trees.reference, store, number, free)
    return planned


def _plan(
    seed: str, kind: str, paths: Iterable[str], tree: str, store: Store, number: int, free: Collection[tuple[str, str]]
) -> Iterator[Mutation]:
    rng = Random(seed)  # noqa: S311 - which mutants are tried is no secret
    sources = {path: store.read(tree, path).decode() for path in paths}
    places: dict[str, list[tuple[str, int]]] = {}
    for path, source in sorted(sources.items()):
        lines = list_lines(source)
        for operator, place in find_mistakes(source):
            if (path, lines[place]) not in free:
                places.setdefault(operator, []).append((path, place))
    for operator, (path, place) in _take_turns(places, rng, number):
        mistake = make_mistake(sources[path], operator, place, path)
        changed = _change(store, tree, path, mistake)
        yield Mutation(
            f"{kind}-{operator}-{path.rpartition('/')[2]}-{mistake.line}",
            kind,
            path,
            changed,
            mistake.diff,
        )


def _reached(milestone: MilestoneSpec, tree: str, store: Store) -> set[str]:
    """The Python files that any command of the milestone can use."""
    paths = [kept.path for kept in store.entries(tree)]
    found = reach_any(paths, lambda path: store.read(tree, path), milestone)
    return {path for path in found if path.endswith(".py") and not path.startswith("tests/")}


def _take_turns(
    places: dict[str, list[tuple[str, int]]], rng: Random, number: int
) -> Iterator[tuple[str, tuple[str, int]]]:
    """One place of each operator after the other, so that no common mistake crowds out the rare ones."""
    for one in places.values():
        rng.shuffle(one)
    left = number
    while left and any(places.values()):
        waiting = [operator for operator, some in places.items() if some]
        rng.shuffle(waiting)
        for operator in waiting[:left]:
            yield operator, places[operator].pop()
        left -= len(waiting[:left])


def _change(store: Store, tree: str, path: str, mistake: Mistake) -> str:
    ast.parse(mistake.source)
    files = {entry.path: store.read(tree, entry.path) for entry in store.entries(tree)}
    return store.put_files({**files, path: mistake.source.encode()})


def try_mutant(mutation: Mutation, bench: Bench) -> Fate:
    """Judge it where it was made; where nothing is seen there, on each later milestone with its own artefacts."""
    try:
        return _try(mutation, bench.judging)
    except (PackageFault, SandboxFault) as fault:
        return Fate("void", str(fault))


def _try(mutation: Mutation, right: Judging) -> Fate:
    mine, same = right.on(tree=mutation.tree), True
    for milestone in right.package.milestones[right.package.kinds.index(mutation.kind) :]:
        mine, right = (replace(judging, milestone=milestone) for judging in (mine, right))
        touched = mutation.path in _reached(milestone, right.tree, right.facilities.store)
        if touched or mine.upstream != right.upstream:
            link = judge_milestone(mine)
            if link.outcome is not Outcome.PASSED:
                return Fate(f"{KILLED} at {milestone.kind}", link.sentence, failed_checks(link))
            same = same and (milestone.kind != mutation.kind if milestone.is_service else _leave_the_same(mine, right))
        mine, right = (_go_on(judging) for judging in (mine, right))
    return Fate(EQUIVALENT if same else SURVIVED)


def _go_on(judging: Judging) -> Judging:
    """The same, with what it made here as an input of what comes next; it is found by now, and not made again."""
    kind = judging.milestone.kind
    return judging if judging.milestone.is_service else judging.on(upstream={**judging.upstream, kind: _made(judging)})


def _made(judging: Judging) -> str:
    return produce(judging).artefact


# --- what two runs left, compared by value ----------------------------------------------------------------------------


def _leave_the_same(mine: Judging, right: Judging) -> bool:
    """Whether the milestone's command and its probes left the same values in the same files."""
    store, (own, theirs) = mine.facilities.store, (_leaves(judging) for judging in (mine, right))
    return own.keys() == theirs.keys() and all(_hold_the_same(store, own[name], theirs[name]) for name in own)


def _leaves(judging: Judging) -> dict[str, str]:
    """The digest of all that a milestone's command and its probes leave, by probe."""
    made = produce(judging)
    refused = {file.name: file.why for file in made.exit.refused}
    left, _ = run_probes(judging, Exhibit(made.artefact, refused=refused))
    return {"": made.artefact, **left}


def _hold_the_same(store: Store, one: str, other: str) -> bool:
    if one == other:
        return True
    files, others = ({entry.path for entry in store.entries(digest)} for digest in (one, other))
    return files == others and all(say_the_same(name, store.read(one, name), store.read(other, name)) for name in files)


def say_the_same(name: str, one: bytes, other: bytes) -> bool:
    """Whether two files hold the same rows and values; of what is no Parquet or JSON, the bytes are compared."""
    return one == other or _read_values(name, one) == _read_values(name, other)


def _read_values(name: str, content: bytes) -> object:
    try:
        if name.endswith(".parquet"):
            rows = pq.read_table(BytesIO(content))
            return sorted(map(str, rows.schema)), _without_order(map(_round, rows.to_pylist()))
        if name.endswith(".jsonl"):
            return _without_order(_round(json.loads(line)) for line in content.splitlines())
        return _round(json.loads(content)) if name.endswith(".json") else content
    except ValueError:  # not what its name says: then its bytes are all that there is to compare
        return content


def _without_order(rows: Iterable[object]) -> list[str]:
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)


def _round(value: object) -> object:
    """The value with nine digits of each number; a list of objects is a table and has no order either."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return {name: _round(inner) for name, inner in value.items()}
    if isinstance(value, list):
        rows = [_round(inner) for inner in value]
        return _without_order(rows) if rows and all(isinstance(row, dict) for row in rows) else rows
    return value
