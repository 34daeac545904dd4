"""How often luck decides: on how many fresh worlds the reference does not pass, and a lazy solution does."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from curriculum.package import REFERENCE, ProjectPackage
from grading.bench import Bench, draw_of, set_up
from grading.chances import Rate
from grading.crew import work_off
from grading.facilities import Facilities
from grading.proofs import describe
from grading.trees import Trees, gather_trees
from grading.verdict import Outcome

# Fresh: no author has looked at these worlds, and no proof has.
FIRST_SEED = 10_001


@dataclass(frozen=True, slots=True)
class Flip:
    """One solution on one milestone of one fresh world."""

    seed: int
    kind: str
    tree: str
    passed: bool
    came: str


def plan_flips(package: ProjectPackage, facilities: Facilities, seeds: Sequence[int]) -> tuple[int, Iterator[Flip]]:
    """How many tries there will be, and each as it comes."""
    trees = gather_trees(package, facilities.store)
    number = sum(len(_tried(trees, kind)) for kind in package.kinds) * len(seeds)
    return number, work_off(_tasks(package, facilities, trees, seeds))


def _tried(trees: Trees, kind: str) -> dict[str, str]:
    return {REFERENCE: trees.reference, **trees.wrong_at(kind, lazy=True)}


def _tasks(
    package: ProjectPackage, facilities: Facilities, trees: Trees, seeds: Iterable[int]
) -> Iterator[Callable[[], Flip]]:
    for seed in seeds:
        for milestone in package.milestones:
            bench = set_up(package, milestone, draw_of(package, seed), facilities)
            for name, tree in _tried(trees, milestone.kind).items():
                yield partial(_try, bench, name, tree)


def _try(bench: Bench, name: str, tree: str) -> Flip:
    link = bench.judge(tree)
    return Flip(bench.draw.draw, bench.kind, name, link.outcome is Outcome.PASSED, describe(link))


def describe_flips(flips: Sequence[Flip]) -> str:
    """The reference's rate over whole chains, and by milestone where it flipped; then each lazy solution's."""
    own = [flip for flip in flips if flip.tree == REFERENCE]
    worlds = {flip.seed for flip in own}
    flipped = {flip.seed for flip in own if not flip.passed}
    lines = [f"The reference does not pass on {Rate(len(flipped), len(worlds))} worlds."]
    lines += [f"  seed {flip.seed}, {flip.kind}: {flip.came}" for flip in own if not flip.passed]
    lazy = [flip for flip in flips if flip.tree != REFERENCE]
    lines.append(f"Lazy solutions pass {Rate(sum(flip.passed for flip in lazy), len(lazy))} times.")
    for tree in sorted({flip.tree for flip in lazy}):
        tried = [flip for flip in lazy if flip.tree == tree]
        lines.append(f"  {tree}: {Rate(sum(flip.passed for flip in tried), len(tried))}")
    return "\n".join(lines)
