"""Proves a package: what is right passes, what is wrong fails as it says it does, and no bytes make a check stumble.

For every seed: the reference passes every milestone; every alternative does; the starter passes none; every wrong tree
fails exactly the checks it names; every check survives misshapen artefacts. Nothing in here knows people.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from curriculum.lint import lint, read_expectations
from curriculum.package import MilestoneSpec, PackageFault, ProjectPackage
from grading.examination import Exhibit, ask_checks
from grading.facilities import Facilities
from grading.judging import Judging
from grading.misshapen import misshape
from grading.pipeline import judge_milestone, reference_upstream
from grading.sandboxes.base import SandboxFault
from grading.verdict import Answer, MilestoneVerdict, Outcome, Usage
from grading.world import Draw, make_world


@dataclass(frozen=True, slots=True)
class Proof:
    """One tree tried on one milestone of one world: what was expected, what came, and what it cost."""

    seed: int
    tree: str
    kind: str
    expected: str
    came: str
    holds: bool
    usage: Usage = Usage()
    sentence: str = ""


Progress = Callable[[Proof], None]


def prove(
    package: ProjectPackage, facilities: Facilities, seeds: Iterable[int], progress: Progress = lambda proof: None
) -> list[Proof]:
    """Every proof of every seed. Raises PackageFault with all lint faults before anything is run."""
    if faults := lint(package):
        raise PackageFault("\n".join(str(fault) for fault in faults))
    with _trees(package, facilities) as trees, ThreadPoolExecutor(os.cpu_count()) as workers:
        tasks = [task for seed in seeds for task in _list_tasks(package, facilities, trees, seed)]
        proofs = []
        for proof in workers.map(lambda task: task(), tasks):
            progress(proof)
            proofs.append(proof)
    return proofs


Task = Callable[[], Proof]


@dataclass(frozen=True)
class _Trees:
    """The trees of a package, by digest: `expected` says of each wrong one what it must fail."""

    reference: str
    starter: str
    alternatives: dict[str, str]
    wrong: dict[str, str]
    expected: dict[str, dict[str, object]]


@contextmanager
def _trees(package: ProjectPackage, facilities: Facilities) -> Iterator[_Trees]:
    store, folder = facilities.store, package.folder
    expected = read_expectations(package)
    with tempfile.TemporaryDirectory() as scratch:
        overlay = Path(scratch)
        yield _Trees(
            reference=store.put(folder / "reference"),
            starter=store.put(folder / "starter"),
            alternatives={
                path.name: store.put(_overlaid(package, path, overlay)) for path in _folders(folder / "alternatives")
            },
            wrong={name: store.put(_overlaid(package, folder / "wrong" / name, overlay)) for name in expected},
            expected=expected,
        )


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_dir())


def _overlaid(package: ProjectPackage, overlay: Path, scratch: Path) -> Path:
    """The reference with this overlay's files in place of its own."""
    whole = scratch / overlay.parent.name / overlay.name
    shutil.copytree(package.folder / "reference", whole)
    shutil.copytree(overlay, whole, dirs_exist_ok=True)
    (whole / "expect.yaml").unlink(missing_ok=True)
    return whole


def _list_tasks(package: ProjectPackage, facilities: Facilities, trees: _Trees, seed: int) -> list[Task]:
    world = make_world(package, Draw(seed, seed, package.domains[0]), facilities.store)
    tasks: list[Task] = []
    for milestone in package.milestones:
        blank = Judging(package, milestone, world, trees.reference, {}, facilities)
        bench = _Bench(seed, replace(blank, upstream=reference_upstream(blank)))
        tasks += bench.list_tasks(milestone, trees)
    return tasks


@dataclass(frozen=True)
class _Bench:
    """One milestone of one world, on the reference's artefacts of those before: where trees are tried."""

    seed: int
    judging: Judging

    def list_tasks(self, milestone: MilestoneSpec, trees: _Trees) -> list[Task]:
        right = {"reference": trees.reference, **{f"alternatives/{n}": t for n, t in trees.alternatives.items()}}
        tasks: list[Task] = [_bind(self.try_right, name, tree) for name, tree in right.items()]
        tasks.append(_bind(self.try_starter, "starter", trees.starter))
        for name, tree in trees.wrong.items():
            if trees.expected[name]["milestone"] == milestone.kind:
                tasks.append(_bind(self.try_wrong, f"wrong/{name}", tree, trees.expected[name]))
        if milestone.produces:
            tasks += [_bind(self.try_misshapen, how) for how in misshape(milestone.produces)]
        return tasks

    def try_right(self, name: str, tree: str) -> Proof:
        link = self._judge(tree)
        return self._proof(name, "passed", describe(link), link.outcome is Outcome.PASSED, link)

    def try_starter(self, name: str, tree: str) -> Proof:
        link = self._judge(tree)
        refused = link.outcome in (Outcome.FAILED, Outcome.BROKEN)
        return self._proof(name, "not passed", describe(link), refused, link)

    def try_wrong(self, name: str, tree: str, expected: dict[str, object]) -> Proof:
        link = self._judge(tree)
        wanted = describe_failure(str(expected["outcome"]), expected.get("fails", ()))  # type: ignore[arg-type]
        return self._proof(name, wanted, describe(link), wanted == describe(link), link)

    def try_misshapen(self, how: str) -> Proof:
        """No bytes, however misshapen, may make a check stumble, or hold."""
        store = self.judging.facilities.store
        artefact = store.put_files(misshape(self.judging.milestone.produces)[how])
        probes = {probe.name: artefact for probe in self.judging.milestone.probes}
        try:
            results = ask_checks(self.judging, Exhibit(artefact, probes))
            held = all(result.answer is Answer.HELD for result in results)
            came, sentence = ("passed" if held else "refused"), next((r.sentence for r in results if r.sentence), "")
        except (PackageFault, SandboxFault) as fault:
            came, sentence = "void", str(fault)
        kind = self.judging.milestone.kind
        return Proof(self.seed, f"misshapen/{how}", kind, "refused", came, came == "refused", sentence=sentence)

    def _judge(self, tree: str) -> MilestoneVerdict:
        try:
            return judge_milestone(self.judging.on(tree=tree))
        except (PackageFault, SandboxFault) as fault:
            return MilestoneVerdict(self.judging.milestone.kind, Outcome.VOID, str(fault))

    def _proof(self, name: str, expected: str, came: str, holds: bool, link: MilestoneVerdict) -> Proof:
        return Proof(self.seed, name, link.kind, expected, came, holds, link.usage, link.sentence)


def _bind(verb: Callable[..., Proof], *arguments: object) -> Task:
    return lambda: verb(*arguments)


def describe(link: MilestoneVerdict) -> str:
    """An outcome with the names of the checks that do not hold: what a wrong tree's expect.yaml is compared with."""
    return describe_failure(link.outcome, [r.name for r in link.results if r.answer is Answer.FAILED])


def describe_failure(outcome: str, names: Iterable[str]) -> str:
    listed = sorted(names)
    return f"{outcome}: {', '.join(listed)}" if listed else str(outcome)
