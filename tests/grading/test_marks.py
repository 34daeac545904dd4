"""Marks lie half way between good and lazy, and a gap that is too narrow is refused."""

import json
from pathlib import Path

import pytest

from curriculum.package import PackageFault, ProjectPackage, load
from grading.facilities import Facilities
from grading.marks import (
    Reading,
    as_markdown,
    derive,
    describe_bounds,
    plan_readings,
    put_between,
    too_narrow,
    write_marks,
)
from grading.skeleton import begin_project
from grading.store import Store

CHECK = "amounts_are_right"


@pytest.fixture
def package(tmp_path: Path) -> ProjectPackage:
    folder = begin_project("night-shift", tmp_path)
    checks = folder / "clean" / "checks.py"
    checks.write_text(checks.read_text() + f'\nMARK = read_mark(__file__, "{CHECK}")\n')
    return load(folder)


def read(good: list[float], lazy: list[float], mark: float = 0.6, upwards: bool = True) -> list[Reading]:
    def one(tree: str, value: float) -> Reading:
        held = value >= mark if upwards else value <= mark
        return Reading("clean", CHECK, tree, tree == "reference", value, mark, held)

    return [one("reference", value) for value in good] + [one("wrong/clean-quickly", value) for value in lazy]


def test_the_mark_is_the_midpoint_with_its_rates(package: ProjectPackage) -> None:
    (mark,) = derive(package, read([0.92, 0.80, 0.88], [0.30, 0.50, 0.42]), seeds=3)
    assert (mark.mark, mark.best_lazy, mark.worst_good) == (0.65, 0.50, 0.80)
    assert mark.gap == pytest.approx(0.30)
    assert (mark.false_refuse.seen, mark.false_pass.seen) == (0, 0)
    assert mark.false_refuse.at_most == pytest.approx(1 - 0.05 ** (1 / 3))
    assert too_narrow([mark]) == []


def test_where_less_is_better_the_worst_good_is_the_highest(package: ProjectPackage) -> None:
    (mark,) = derive(package, read([0.10, 0.20], [0.60, 0.50], mark=0.3, upwards=False), seeds=2)
    assert (mark.mark, mark.best_lazy, mark.worst_good) == (0.35, 0.50, 0.20)
    assert "at most **0.35**" in as_markdown([mark], read([0.10, 0.20], [0.60, 0.50], 0.3, upwards=False))


def test_a_narrow_gap_and_a_crossed_one_are_refused_and_nothing_is_written(package: ProjectPackage) -> None:
    for lazy in ([0.75], [0.95]):
        readings = read([0.80], lazy, mark=0.9)
        marks = derive(package, readings, seeds=1)
        with pytest.raises(PackageFault, match=r"at least 0\.10 is needed"):
            write_marks(package, marks, readings)
    assert not (package.folder / "marks.json").exists()


def test_marks_are_written_where_they_are_read(package: ProjectPackage) -> None:
    readings = read([0.92, 0.80], [0.30, 0.50])
    for _ in range(2):  # a second time takes the place of the first
        write_marks(package, derive(package, readings, seeds=2), readings)
    told = json.loads((package.folder / "marks.json").read_text())[CHECK]
    assert {"milestone": "clean", "mark": 0.65, "best_lazy": 0.5, "worst_good": 0.8, "seeds": 2}.items() <= told.items()
    assert {"gap", "false_refuse", "false_pass", "false_refuse_at_most", "good_sd", "lazy_sd"} <= told.keys()
    design = (package.folder / "design.md").read_text()
    assert design.count("| lazy: clean-quickly | 0.400 |") == 1


def test_a_mark_that_nothing_lazy_measures_is_a_fault(package: ProjectPackage) -> None:
    with pytest.raises(PackageFault, match="1 good and 0 lazy"):
        derive(package, read([0.9], []), seeds=1)


def test_a_bound_that_is_no_mark_is_told_of_only(package: ProjectPackage) -> None:
    bound = Reading("clean", "each_sale_is_one_row", "reference", True, 0.97, 0.95, True)
    told = describe_bounds(package, [*read([0.9], [0.2]), bound])
    assert told == (
        "clean: each_sale_is_one_row, bound 0.95: nearest good 0.970 (reference), refused 0 of 1 (at most 95.0%)"
    )


def test_a_design_without_a_place_for_the_table_is_a_fault() -> None:
    with pytest.raises(PackageFault, match="lacks the lines"):
        put_between("# Design", "table")


def test_nothing_is_tried_before_somebody_is_lazy(package: ProjectPackage, tmp_path: Path) -> None:
    facilities = Facilities(Store(tmp_path / "store"), None, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(PackageFault, match=f"clean: no wrong tree that says `lazy: true` fails {CHECK}"):
        plan_readings(package, facilities, [1])
