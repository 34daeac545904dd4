"""Takes a domain file that somebody brings: tells every fault in it, and measures whether it is as hard as the others.

It is a stranger's text. It is read within bounds, and what works with its numbers does so in a bounded process of its
own; this module imports nothing that a web process must not.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any, cast

from curriculum.marks import marks_read
from curriculum.package import REFERENCE, STARTER, MilestoneSpec, PackageFault, ProjectPackage
from grading.bench import set_up
from grading.crew import work_off
from grading.domain_files import keep_domain
from grading.domain_text import TextFault, parse_domain
from grading.equivalence import Equivalence, Figures, Margin, compare
from grading.facilities import Facilities
from grading.proofs import Proof
from grading.sandboxes.base import SandboxFault
from grading.store import digest_of
from grading.trees import Trees, gather_trees
from grading.trials import try_right, try_starter, try_wrong
from grading.world import Draw, make_world, run_author

# Counted up when what is kept of a domain changes its form.
FORM = 1
SECONDS = 90.0
Told = Callable[[int, int, str], None]


class Sample(StrEnum):
    """Which wrong trees are tried: ONE of each milestone and those that a mark is derived from, or ALL."""

    ONE = "one"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a domain file has to be changed in before it makes a world."""

    field: str
    sentence: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence} {self.remedy}" if self.field else f"{self.sentence} {self.remedy}"


def lint_domain(package: ProjectPackage, text: str) -> list[Fault]:
    """Every fault in the text, all at once; a text without any has made a world."""
    try:
        parse_domain(text)
    except TextFault as fault:
        return [Fault("", fault.sentence, fault.remedy)]
    with tempfile.TemporaryDirectory(prefix="domain-") as scratch:
        asked = {"package": str(package.folder), "text": text, "scratch": scratch}
        try:
            told = run_author("grading.domain_reading", asked, "It makes no world", SECONDS)
        except PackageFault as stopped:
            return [Fault("", _last_line(str(stopped)), "Ask for fewer rows and days, and for simpler formulas.")]
    return [Fault(**fault) for fault in json.loads(told)]


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip()[:300]


def be_still(done: int, number: int, sentence: str) -> None:
    """The progress of a measurement that nobody watches."""


def measure_domain(
    package: ProjectPackage,
    text: str,
    facilities: Facilities,
    seeds: Sequence[int] = (1,),
    trees: Sample = Sample.ONE,
    report: Told = be_still,
    hands: int = 1,
) -> Equivalence:
    """The domain's figures beside those of the package's own. A ready-made one is measured once, and found again.

    Raises PackageFault when a ready-made domain cannot be measured, and TextFault on a text that lint refuses to read.
    """
    title = str(parse_domain(text).get("title") or "This domain")
    name, gathered = keep_domain(text, facilities.store), gather_trees(package, facilities.store)
    chosen = choose_wrong(package, gathered, trees)
    course = _Course(package, facilities, gathered, chosen, tuple(seeds), hands, report)
    own, *ready = [course.measure(domain) for domain in (name, *package.domains)]
    return Equivalence(package.slug, title, name, tuple(seeds), tuple(chosen), compare(own, ready), own.odd)


def choose_wrong(package: ProjectPackage, trees: Trees, sample: Sample) -> dict[str, str]:
    """The wrong trees that are tried, by name: all, or a few that say most."""
    return {
        name: tree
        for milestone in package.milestones
        for name, tree in _choose_at(package, milestone.kind, trees, sample).items()
    }


def _choose_at(package: ProjectPackage, kind: str, trees: Trees, sample: Sample) -> dict[str, str]:
    every = trees.wrong_at(kind)
    if sample is Sample.ALL:
        return every
    first = next((name for name in every if trees.expected[name].fails), None)
    lazy = trees.wrong_at(kind, lazy=True) if marks_read(package, kind) else {}
    return {name: tree for name, tree in every.items() if name == first or name in lazy}


@dataclass(frozen=True)
class _Course:
    """The same trials for every domain."""

    package: ProjectPackage
    facilities: Facilities
    trees: Trees
    wrong: Mapping[str, str]
    seeds: tuple[int, ...]
    hands: int
    report: Told

    def measure(self, domain: str) -> Figures:
        key = self._key(domain)
        if kept := cast(dict[str, Any] | None, self.facilities.store.recall(key)):
            return _read_figures(kept)
        try:
            figures = self._figures(domain)
        except (PackageFault, SandboxFault) as fault:
            if domain in self.package.domains:
                raise
            return Figures(domain, 1, 0, 0, 0, 0, 0, 0, 0, odd=(_last_line(str(fault)),))
        if domain in self.package.domains:
            self.facilities.store.remember(key, asdict(figures))
        return figures

    def _key(self, domain: str) -> str:
        facilities, package = self.facilities, self.package
        return digest_of(
            {
                "figures": FORM,
                "package": package.digest,
                "trees": [self.trees.starter, self.trees.reference, dict(self.wrong)],
                "domain": domain,
                "seeds": list(self.seeds),
                "environment": facilities.learner_environment(package).digest,
                "examiner": facilities.examiner_environment.digest,
                "sandbox": list(facilities.sandbox.layers),
            }
        )

    def _figures(self, domain: str) -> Figures:
        number = len(self.seeds) * (2 * len(self.package.milestones) + len(self.wrong))
        proofs = []
        for proof in work_off(self._tasks(domain), self.hands):
            proofs.append(proof)
            self.report(len(proofs), number, f"{domain[:19]}, {proof.kind}: {proof.tree}")
        facts = [self._tell(domain, seed) for seed in self.seeds]
        return _sum_up(self.package, self.trees, domain, proofs, facts)

    def _tasks(self, domain: str) -> Iterator[Callable[[], Proof]]:
        for seed in self.seeds:
            for milestone in self.package.milestones:
                bench = set_up(self.package, milestone, Draw(seed, seed, domain), self.facilities)
                yield partial(try_right, REFERENCE, self.trees.reference, bench)
                yield partial(try_starter, self.trees.starter, bench)
                for name, tree in self.wrong.items():
                    if self.trees.expected[name].milestone == milestone.kind:
                        yield partial(try_wrong, name, tree, self.trees.expected[name], bench)

    def _tell(self, domain: str, seed: int) -> dict[str, Any]:
        store = self.facilities.store
        world = make_world(self.package, Draw(seed, seed, domain), store)
        with tempfile.TemporaryDirectory(dir=store.root / "scratch", prefix="facts-") as scratch:
            asked = {"truth": str(store.fetch(world.truth, Path(scratch, "truth")))}
            told: dict[str, Any] = json.loads(run_author("grading.domain_facts", asked, "No facts of a world"))
            return told


def _sum_up(
    package: ProjectPackage, trees: Trees, domain: str, proofs: Sequence[Proof], facts: Sequence[Mapping[str, Any]]
) -> Figures:
    right, starter = ([proof for proof in proofs if proof.tree == name] for name in (REFERENCE, STARTER))
    wrong = [proof for proof in proofs if proof.tree in trees.wrong]
    odd = sorted((proof for proof in proofs if not proof.holds), key=lambda proof: (proof.kind, proof.tree, proof.seed))
    return Figures(
        domain=domain,
        right=len(right),
        right_passed=sum(proof.holds for proof in right),
        starter=len(starter),
        starter_refused=sum(proof.holds for proof in starter),
        wrong=len(wrong),
        killed=sum(proof.came != "passed" and not proof.came.startswith("void") for proof in wrong),
        exact=sum(proof.holds for proof in wrong),
        rows=round(fmean(sum(fact["rows"].values()) for fact in facts)),
        naive_rate=_mean([fact.get("naive_rate") for fact in facts]),
        skill_gap=_mean([_between(fact) for fact in facts]),
        margins=tuple(_margins(package, right)),
        gaps=_gaps(package, trees, right, wrong),
        odd=tuple(
            f"Seed {proof.seed}, {proof.kind}, {proof.tree}: expected {proof.expected}, came {proof.came}."
            for proof in odd
        ),
    )


def _mean(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return fmean(told) if told else None


def _between(fact: Mapping[str, Any]) -> float | None:
    told = [fact.get(name) for name in ("naive_loss", "oracle_loss")]
    return None if None in told else float(told[0]) - float(told[1])  # type: ignore[arg-type]


def _margins(package: ProjectPackage, right: Sequence[Proof]) -> Iterator[Margin]:
    """At its worst over the worlds: how far from the bound, below nought where the check did not hold."""
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for proof in right:
        for check, (measured, mark) in proof.measured.items():
            slack = abs(measured - mark) * (-1 if check in proof.failed else 1)
            found[proof.kind, check].append((slack, measured, mark))
    for milestone in package.milestones:
        for (kind, check), told in sorted(found.items()):
            if kind == milestone.kind:
                slack, measured, mark = min(told)
                yield Margin(kind, check, slack, measured, mark, judged=not _measures_host(milestone))


def _measures_host(milestone: MilestoneSpec) -> bool:
    return milestone.is_service


def _gaps(package: ProjectPackage, trees: Trees, right: Sequence[Proof], wrong: Sequence[Proof]) -> dict[str, float]:
    """By how much the reference at its worst is better than the best lazy solution, for every derived mark."""
    gaps = {}
    for check in (name for kind in package.kinds for name in marks_read(package, kind)):
        good = [proof.measured[check] for proof in right if check in proof.measured]
        lazy = [p.measured[check] for p in wrong if check in p.measured and check in trees.expected[p.tree].fails]
        if good and lazy:
            upwards = fmean(value for value, _ in good) >= good[0][1]
            sign = 1 if upwards else -1
            gaps[check] = min(sign * value for value, _ in good) - max(sign * value for value, _ in lazy)
    return gaps


def _read_figures(kept: dict[str, Any]) -> Figures:
    margins = tuple(Margin(**margin) for margin in kept["margins"])
    return Figures(**{**kept, "margins": margins, "odd": tuple(kept["odd"])})
