"""Derives each mark from what good and lazy solutions reach: half way between the best lazy one and the worst good one.

Good: the reference and the alternatives. Lazy: the wrong trees that say so and name the check. A mark is derived for
each check that reads it from marks.json; other measured checks hold to a bound of their own, and are only told of.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import fmean, pstdev

from curriculum.marks import MARKS, marks_read
from curriculum.package import PackageFault, ProjectPackage
from grading.bench import Bench, draw_of, set_up
from grading.chances import Rate
from grading.crew import work_off
from grading.facilities import Facilities
from grading.trees import Trees, gather_trees
from grading.verdict import Answer

LEAST_GAP = 0.10
BEGIN, END = "<!-- marks -->", "<!-- /marks -->"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one measured check found of one tree on one world."""

    kind: str
    check: str
    tree: str
    good: bool
    value: float
    mark: float
    held: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A derived mark, with all that speaks for it. gap: between worst good and best lazy, in units of skill."""

    check: str
    milestone: str
    upwards: bool
    mark: float
    in_force: float
    best_lazy: float
    worst_good: float
    gap: float
    good_sd: float
    lazy_sd: float
    seeds: int
    false_refuse: Rate
    false_pass: Rate

    def as_plain(self) -> dict[str, object]:
        """Its entry in marks.json."""
        told = {name: value for name, value in asdict(self).items() if name not in ("check", "upwards", "in_force")}
        rates = {
            name: round(value, 4)
            for kind, rate in (("refuse", self.false_refuse), ("pass", self.false_pass))
            for name, value in ((f"false_{kind}", rate.value), (f"false_{kind}_at_most", rate.at_most))
        }
        rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()}
        return {**rounded, **rates}


def plan_readings(
    package: ProjectPackage, facilities: Facilities, seeds: Sequence[int], derived_only: bool = False
) -> tuple[int, Iterator[list[Reading]]]:
    """How many tries there will be, and what each measured, as it comes. Raises PackageFault where nobody is lazy.

    derived_only: measure no milestone whose checks only hold to bounds of their own.
    """
    trees = gather_trees(package, facilities.store)
    for kind in package.kinds:
        named = {name for tree in trees.wrong_at(kind, lazy=True) for name in trees.expected[tree].fails}
        if lacking := set(marks_read(package, kind)) - named:
            raise PackageFault(f"{kind}: no wrong tree that says `lazy: true` fails {', '.join(sorted(lacking))}.")
    chosen = marks_read if derived_only else measures
    kinds = [kind for kind in package.kinds if chosen(package, kind)]
    number = sum(len(_tried(trees, kind)) for kind in kinds) * len(seeds)
    return number, work_off(_tasks(package, facilities, trees, kinds, seeds))


def measures(package: ProjectPackage, kind: str) -> bool:
    source = package.words(f"{kind}/checks.py")
    return "at_least(" in source or "at_most(" in source


def _tried(trees: Trees, kind: str) -> dict[str, str]:
    return {**trees.right, **trees.wrong_at(kind, lazy=True)}


def _tasks(
    package: ProjectPackage, facilities: Facilities, trees: Trees, kinds: Iterable[str], seeds: Iterable[int]
) -> Iterator[Callable[[], list[Reading]]]:
    for seed in seeds:
        for kind in kinds:
            bench = set_up(package, package.milestone(kind), draw_of(package, seed), facilities)
            for name, tree in _tried(trees, kind).items():
                yield partial(_read, bench, name, tree, trees)


def _read(bench: Bench, name: str, tree: str, trees: Trees) -> list[Reading]:
    told = trees.expected.get(name)
    link = bench.judge_chain(tree) if told is None else bench.judge(tree)
    return [
        Reading(bench.kind, result.name, name, told is None, result.measured, result.mark, result.answer is Answer.HELD)
        for result in link.results
        if result.measured is not None and result.mark is not None and (told is None or result.name in told.fails)
    ]


def derive(package: ProjectPackage, readings: Sequence[Reading], seeds: int) -> list[Mark]:
    """The mark of every check that reads one. Raises PackageFault where nothing was measured of good or of lazy."""
    wanted = [(kind, name) for kind in package.kinds for name in marks_read(package, kind)]
    return [
        _derive(kind, name, [r for r in readings if (r.kind, r.check) == (kind, name)], seeds) for kind, name in wanted
    ]


def _derive(kind: str, check: str, readings: Sequence[Reading], seeds: int) -> Mark:
    good, lazy = ([r.value for r in readings if r.good is wanted] for wanted in (True, False))
    if not good or not lazy:
        raise PackageFault(f"{kind}: {check} measured {len(good)} good and {len(lazy)} lazy solutions; it needs both.")
    upwards = is_upwards(readings)
    worst, best = (min(good), max(lazy)) if upwards else (max(good), min(lazy))
    mark = round((worst + best) / 2, 3)
    return Mark(
        check=check,
        milestone=kind,
        upwards=upwards,
        mark=mark,
        in_force=readings[0].mark,
        best_lazy=best,
        worst_good=worst,
        gap=((worst - best) if upwards else (best - worst)) / max(1.0, abs(worst)),
        good_sd=pstdev(good),
        lazy_sd=pstdev(lazy),
        seeds=seeds,
        false_refuse=Rate(sum(not _reaches(value, mark, upwards) for value in good), len(good)),
        false_pass=Rate(sum(_reaches(value, mark, upwards) for value in lazy), len(lazy)),
    )


def is_upwards(readings: Iterable[Reading]) -> bool:
    """Whether more is better: what lies above its mark held."""
    return next(((r.value > r.mark) == r.held for r in readings if r.value != r.mark), True)


def _reaches(value: float, mark: float, upwards: bool) -> bool:
    return value >= mark if upwards else value <= mark


def too_narrow(marks: Iterable[Mark]) -> list[str]:
    return [
        f"{mark.milestone}: {mark.check} parts the best lazy solution ({mark.best_lazy:.3f}) from the worst good one "
        f"({mark.worst_good:.3f}) by {mark.gap:.3f}; at least {LEAST_GAP:.2f} is needed."
        for mark in marks
        if mark.gap < LEAST_GAP
    ]


def write_marks(package: ProjectPackage, marks: Sequence[Mark], readings: Sequence[Reading]) -> None:
    """Write marks.json, and the table in design.md. Raises PackageFault when a gap is too narrow to be published."""
    if faults := too_narrow(marks):
        raise PackageFault("\n".join(faults))
    plain = {mark.check: mark.as_plain() for mark in marks}
    (package.folder / MARKS).write_text(json.dumps(plain, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    design = package.folder / "design.md"
    design.write_text(put_between(design.read_text(encoding="utf-8"), as_markdown(marks, readings)), encoding="utf-8")


def put_between(text: str, table: str) -> str:
    """The text with this table in the place that it keeps for it. Raises PackageFault when there is none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise PackageFault(f"design.md lacks the lines {BEGIN} and {END}, between which the table of marks goes.")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def as_markdown(marks: Sequence[Mark], readings: Sequence[Reading]) -> str:
    """What each solution reached, then what the marks are worth."""
    return "\n\n".join(part for mark in marks for part in (_tell(mark), _table(mark, readings)))


def _tell(mark: Mark) -> str:
    word = "at least" if mark.upwards else "at most"
    return (
        f"`{mark.check}` ({mark.milestone}): {word} **{mark.mark:.3g}**, half way between the best lazy solution "
        f"({mark.best_lazy:.3f}) and the worst good one ({mark.worst_good:.3f}) on {mark.seeds} worlds; a gap "
        f"of {mark.gap:.2f}. "
        f"Good refused: {mark.false_refuse}. Lazy passed: {mark.false_pass}."
    )


def _table(mark: Mark, readings: Sequence[Reading]) -> str:
    own = [reading for reading in readings if (reading.kind, reading.check) == (mark.milestone, mark.check)]
    names = sorted({reading.tree for reading in own}, key=lambda name: (name.startswith("wrong/"), name))
    rows = [_table_row(name, [r.value for r in own if r.tree == name], mark) for name in names]
    return "\n".join(["| solution | mean | sd | least | most | reach the mark |", "|---|---|---|---|---|---|", *rows])


def _table_row(name: str, values: Sequence[float], mark: Mark) -> str:
    reach = sum(_reaches(value, mark.mark, mark.upwards) for value in values)
    called = f"lazy: {name.removeprefix('wrong/')}" if name.startswith("wrong/") else name
    return (
        f"| {called} | {fmean(values):.3f} | {pstdev(values):.3f} | {min(values):.3f} | {max(values):.3f} "
        f"| {reach} of {len(values)} |"
    )


def describe_bounds(package: ProjectPackage, readings: Sequence[Reading]) -> str:
    """The measured checks that hold to a bound of their own: how near good solutions come to it."""
    derived = {(kind, name) for kind in package.kinds for name in marks_read(package, kind)}
    lines = []
    for key in sorted({(r.kind, r.check) for r in readings if r.good} - derived):
        own = [reading for reading in readings if (reading.kind, reading.check) == key and reading.good]
        nearest = min(own, key=lambda reading: abs(reading.value - reading.mark))
        missed = Rate(sum(not reading.held for reading in own), len(own))
        lines.append(
            f"{key[0]}: {key[1]}, bound {nearest.mark:.3g}: nearest good {nearest.value:.3f} ({nearest.tree}), "
            f"refused {missed}"
        )
    return "\n".join(lines)
