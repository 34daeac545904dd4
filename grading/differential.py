"""Whether feedback tells a hidden label: two labels change places in truth alone, and the same work is judged again.

A verdict may hang on aggregates, and an aggregate moves a little with each label. So what may differ is a number, by
one step of its last printed digit, and only if it is printed with three digits or fewer; a word, a row of a table or a
point of a plot may not.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from curriculum.package import MilestoneSpec, PackageFault, ProjectPackage
from grading.bench import Bench
from grading.store import digest_of
from grading.verdict import CheckResult
from grading.world import World, run_author

MOVER = "move_hidden_label"
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
MOST_DIGITS = 3
SECONDS = 60


def offers_to_move(package: ProjectPackage, milestone: MilestoneSpec) -> bool:
    """Whether feedback can be compared here: the package can move a label, and no clock is in the texts."""
    return f"def {MOVER}(" in package.words("data.py") and not milestone.is_service and milestone.kind != "monitor"


def compare_feedback(bench: Bench, tree: str) -> str:
    """What differs in the feedback on this tree when two hidden labels change places; empty if nothing may be read."""
    try:
        moved = move_label(bench)
    except PackageFault as fault:
        return str(fault)
    before, after = bench.judge(tree), bench.judge(tree, moved)
    pairs = zip_longest(before.results, after.results)
    return next((told for first, second in pairs if (told := _compare(first, second))), "")


def move_label(bench: Bench) -> World:
    """The same world, but that two of its hidden labels have changed places in truth: found, or made now."""
    world, store = bench.judging.world, bench.judging.facilities.store
    key = digest_of({"moved": world.truth, "by": bench.judging.package.data_digest, "seed": bench.draw.draw})
    moved = store.recall(key)
    if moved is None:
        moved = _move(bench)
        store.remember(key, moved)
    return World(world.raw, str(moved), world.facts)


def _move(bench: Bench) -> str:
    """The digest of truth with two labels moved."""
    world, package, store = bench.judging.world, bench.judging.package, bench.judging.facilities.store
    with tempfile.TemporaryDirectory(dir=store.root / "scratch") as scratch:
        truth = store.fetch(world.truth, Path(scratch, "truth"))
        asked = {"package": str(package.folder), "truth": str(truth), "seed": bench.draw.draw}
        run_author("grading.mover", asked, f"{package.slug}/data.py: {MOVER} failed", SECONDS)
        moved = store.put(truth)
    if moved == world.truth:
        raise PackageFault(f"{package.slug}/data.py: {MOVER} moved nothing in truth.")
    return moved


def _compare(first: CheckResult | None, second: CheckResult | None) -> str:
    if first is None or second is None:
        return "Another number of checks was asked."
    for one, other in zip_longest(_texts(first), _texts(second), fillvalue=""):
        if tells_label(one, other):
            return f"{first.name}: {one!r} became {other!r} when two hidden labels changed places."
    return ""


def _texts(result: CheckResult) -> Iterator[str]:
    yield from (str(result.answer), result.sentence, result.expected, result.found)
    yield from (json.dumps(row, sort_keys=True) for row in result.details)
    yield json.dumps(result.plot, sort_keys=True)


def tells_label(before: str, after: str) -> bool:
    """Whether two texts differ by more than the last digit of an aggregate."""
    if NUMBER.sub("#", before) != NUMBER.sub("#", after):
        return True
    numbers = zip(NUMBER.findall(before), NUMBER.findall(after), strict=True)
    return any(one != other and not _one_step(one, other) for one, other in numbers)


def _one_step(one: str, other: str) -> bool:
    digits = max(len(text.strip("-").replace(",", "").replace(".", "").lstrip("0")) for text in (one, other))
    places = max(len(text.partition(".")[2]) for text in (one, other))
    apart = abs(float(one.replace(",", "")) - float(other.replace(",", "")))
    return digits <= MOST_DIGITS and apart <= 1.001 * 10**-places
