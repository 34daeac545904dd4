"""The parts of a proof: hands that work off a list lazily, bounds on rates, the matrix, and what feedback may tell."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curriculum.package import ProjectPackage, load
from grading.bench import draw_of
from grading.chances import Rate, upper_bound
from grading.crew import WAITING, work_off
from grading.differential import tells_label
from grading.matrix import as_text, describe_summaries, draw_up, unexpected
from grading.matrix_page import as_page
from grading.mutants import plan_mutants
from grading.proofs import Proof
from grading.prove import list_trials
from grading.skeleton import PROJECT, begin_project
from grading.store import Store
from grading.trees import gather_trees


@pytest.fixture
def package() -> ProjectPackage:
    return load(PROJECT)


# --- hands ------------------------------------------------------------------------------------------------------------


def test_everything_is_done_once_and_little_of_it_is_held() -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[object]:
        for number in range(100):
            drawn.append(number)
            yield lambda number=number: number

    coming = work_off(tasks(), hands=2)  # type: ignore[arg-type]
    first = next(coming)
    assert len(drawn) <= 2 * WAITING
    assert sorted([first, *coming]) == list(range(100))  # type: ignore[type-var, list-item]


def test_two_hands_work_at_once() -> None:
    both = threading.Barrier(2, timeout=5)
    assert len(list(work_off([both.wait, both.wait], hands=2))) == 2


def test_what_a_task_raises_ends_the_work() -> None:
    def stumble() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(work_off([stumble, *([lambda: 1] * 50)], hands=1))


# --- chances ----------------------------------------------------------------------------------------------------------


def test_the_bound_is_that_of_clopper_and_pearson() -> None:
    # No event in n tries: 1 - 0.05 ** (1 / n); the others by scipy's beta.ppf(0.95, k + 1, n - k).
    assert upper_bound(0, 20) == pytest.approx(1 - 0.05 ** (1 / 20), abs=1e-9)
    assert upper_bound(3, 60) == pytest.approx(0.1243, abs=5e-4)
    assert (upper_bound(5, 5), upper_bound(0, 0)) == (1.0, 1.0)
    assert str(Rate(0, 60)) == "0 of 60 (at most 4.9%)"


# --- plan -------------------------------------------------------------------------------------------------------------


def test_seeds_go_round_over_the_domains_and_bytes_are_misshapen_on_the_first_few(
    package: ProjectPackage, tmp_path: Path
) -> None:
    trees = gather_trees(package, Store(tmp_path))
    trials = list(list_trials(package, trees, range(1, 6), []))
    assert [draw_of(package, seed).domain for seed in (1, 2, 3)] == ["florist", "bakery", "florist"]
    for_each = [sum(trial.draw.draw == seed for trial in trials) for seed in range(1, 6)]
    assert for_each[0] == for_each[2] > for_each[3] == for_each[4] == 2 * (4 + 1 + 5)


def test_mutants_are_the_same_every_time_and_each_has_its_diff(package: ProjectPackage, tmp_path: Path) -> None:
    store = Store(tmp_path)
    trees = gather_trees(package, store)
    planned = plan_mutants(package, trees, store, 3)
    assert planned == plan_mutants(package, trees, store, 3)
    assert [mutation.kind for mutation in planned] == ["ingest"] * 3 + ["clean"] * 3
    assert len({mutation.tree for mutation in planned}) == 6
    assert all("\n-" in mutation.diff and "\n+" in mutation.diff for mutation in planned)


# --- matrix -----------------------------------------------------------------------------------------------------------

RIGHT = Proof("till", 1, "bakery", "reference", "clean", "passed", "passed", True)
WRONG = Proof(
    "till",
    1,
    "bakery",
    "wrong/<euros>",
    "clean",
    "failed: amounts_are_right",
    "failed: amounts_are_right",
    True,
    ("amounts_are_right",),
    ("amounts_are_right",),
)
MUTANT = Proof("till", 1, "bakery", "mutant/clean-1", "clean", "killed", "survived", False, diff="-a < b\n+a <= b")


def test_a_clean_proof_says_so(package: ProjectPackage) -> None:
    matrix = draw_up(package, [RIGHT, WRONG, replace(WRONG, seed=2, domain="florist")], 9.0)
    text, page = as_text(matrix), as_page(matrix)
    assert matrix.summary.broken == 0
    assert "[2]" in text
    assert "0 of 1" in text
    assert '<td class="as-told">2</td>' in page
    assert "wrong/&lt;euros&gt;" in page
    assert "<script" not in page
    assert "<summary>wrong/clean-writes-euros: Amounts" in page
    assert "Where it differs from reference:" in page
    assert "+    return int(euros) + int(cents) / 100" in page


def test_what_was_not_expected_is_told_with_its_seed(package: ProjectPackage) -> None:
    refused = replace(RIGHT, came="failed: no_sale_is_lost", holds=False, failed=("no_sale_is_lost",), sentence="Gone.")
    passed = replace(WRONG, seed=7, came="passed", holds=False, failed=())
    matrix = draw_up(package, [refused, passed, MUTANT], 9.0)
    summary = matrix.summary
    assert (summary.right_refused, summary.wrong_passed, summary.broken) == (1, 1, 2)
    assert "seed 7: passed; expected failed: amounts_are_right." in as_text(matrix)
    assert '<td class="odd">0</td>' in as_page(matrix)


def test_a_surviving_mutant_is_told_of_and_does_not_keep_from_publishing(package: ProjectPackage) -> None:
    killed = replace(MUTANT, tree="mutant/clean-2", came="killed at clean", holds=True)
    equivalent = replace(MUTANT, tree="mutant/clean-3", came="equivalent", holds=True)
    matrix = draw_up(package, [MUTANT, killed, equivalent], 9.0)
    assert (matrix.summary.kill_rate, matrix.summary.mutants_equivalent) == (0.5, 1)
    assert unexpected([MUTANT, killed, equivalent]) == []
    assert "+a &lt;= b" in as_page(matrix)
    assert "50% of 2, 1 equivalent" in describe_summaries([matrix.summary])


# --- feedback ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("skill 0.71, at least 0.65", "skill 0.71, at least 0.65"),
        ("skill 0.71", "skill 0.72"),
        ("caught 41 of 120", "caught 42 of 120"),
        ("", ""),
    ],
)
def test_an_aggregate_may_move_by_its_last_digit(before: str, after: str) -> None:
    assert not tells_label(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("skill 0.71", "skill 0.74"),
        ("skill 0.71352", "skill 0.71353"),
        ("look at sale t_100201", "look at sale t_100202"),
        ("the dispute is missing", "the dispute is there"),
        ("one", "one and another"),
    ],
)
def test_a_word_a_name_or_many_digits_may_not(before: str, after: str) -> None:
    assert tells_label(before, after)


# --- a new project ----------------------------------------------------------------------------------------------------


def test_a_new_project_is_named_and_never_written_over(tmp_path: Path) -> None:
    folder = begin_project("night-shift", tmp_path)
    package = load(folder)
    assert (package.slug, package.title) == ("night-shift", "Night Shift")
    with pytest.raises(ValueError, match="is there already"):
        begin_project("night-shift", tmp_path)
    for slug in ("Night Shift", "../night", "", "night--shift"):
        with pytest.raises(ValueError, match="is no slug"):
            begin_project(slug, tmp_path)
