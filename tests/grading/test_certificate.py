"""What was proved is kept tree by tree: pure, on a package that the skeleton gives."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from curriculum.package import ProjectPackage, load
from grading.certificate import OFTEN, find_unproved, list_worlds, read_certificate, write_down
from grading.proofs import Proof
from grading.skeleton import begin_project

NOBODY = ("", "")
EUROS = ("clean", "wrong/clean-writes-euros")
MOVED = ("clean", "moved label/wrong/clean-writes-euros")
MISSHAPEN = ("ingest", "misshapen/a pickle")
MUTANT = ("ingest", "mutant/ingest-remove-filter-1")


@pytest.fixture
def package(tmp_path: Path) -> ProjectPackage:
    return load(begin_project("night-shift", tmp_path))


def try_all(package: ProjectPackage, *seeds: int, fails: tuple[str, str] = NOBODY) -> Iterator[Proof]:
    """As if every tree were tried on these worlds, and one of them did not do as it says."""
    trees = {*find_unproved(package), *read_certificate(package), MOVED, MISSHAPEN, MUTANT}
    for seed in seeds:
        for kind, tree in sorted(trees):
            yield Proof(package.slug, seed, "florist", tree, kind, "", "", holds=(kind, tree) != fails)


def append(package: ProjectPackage, path: str) -> ProjectPackage:
    with (package.folder / path).open("a") as file:
        file.write("\n# Looked at again.\n")
    return load(package.folder)


def test_worlds_add_up_tree_by_tree(package: ProjectPackage) -> None:
    assert EUROS in find_unproved(package)
    list(write_down(package, try_all(package, 1, 2)))
    assert not find_unproved(package)
    list(write_down(package, (proof for proof in try_all(package, 3, 5) if proof.tree != EUROS[1])))
    known = read_certificate(package)
    assert known[EUROS].seeds == {1, 2}
    assert known["clean", "reference"].seeds == {1, 2, 3, 5}
    assert known[MOVED].seeds == known[MISSHAPEN].seeds == {1, 2, 3, 5}
    assert MUTANT not in known
    assert list_worlds(package) == [1, 2]
    assert '"seeds": "1-3, 5"' in package.words("proof.json")


def test_a_change_costs_the_proof_of_what_hangs_on_it(package: ProjectPackage) -> None:
    list(write_down(package, try_all(package, 1)))
    before = {*read_certificate(package)}
    own = append(package, "wrong/clean-writes-euros/expect.yaml")
    assert before - {*read_certificate(own)} == {EUROS, MOVED}
    assert find_unproved(own) == [EUROS]
    checks = append(package, "clean/checks.py")
    assert {kind for kind, _ in before - {*read_certificate(checks)}} == {"clean"}
    assert {kind for kind, _ in find_unproved(checks)} == {"clean"}
    list(write_down(package, try_all(package, 1)))
    clean = append(package, "reference/pipeline/clean.py")
    assert {kind for kind, _ in before - {*read_certificate(clean)}} == {"clean"}
    assert ("clean", "starter") not in read_certificate(clean)
    assert not read_certificate(append(package, "domains/florist.yaml"))
    list(write_down(package, try_all(package, 7)))
    assert not find_unproved(package)


def test_a_tree_that_fails_on_one_world_is_not_proved_until_it_holds_there(package: ProjectPackage) -> None:
    list(write_down(package, try_all(package, 1, 2)))
    list(write_down(package, try_all(package, 3, fails=EUROS)))
    list(write_down(package, try_all(package, 4)))
    assert find_unproved(package) == [EUROS]
    assert read_certificate(package)[EUROS].odd == {3}
    assert list_worlds(package) == [1, 2, 4]
    list(write_down(package, try_all(package, 3)))
    assert not find_unproved(package)
    assert not read_certificate(package)[EUROS].odd
    assert list_worlds(package) == [1, 2, 3, 4]


def test_who_breaks_off_keeps_what_was_seen(package: ProjectPackage) -> None:
    coming = write_down(package, try_all(package, *range(1, 9)))
    list(islice(coming, OFTEN))
    seen = sum(len(stood.seeds) for stood in read_certificate(package).values())
    assert seen >= OFTEN - 3
    next(coming)
    del coming  # and with it the generator, as when somebody presses Ctrl-C
    assert sum(len(stood.seeds) for stood in read_certificate(package).values()) == seen + 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "no json", '{"clean": [1]}', '{"clean": {"reference": {"seeds": "1"}}}']
)
def test_what_is_out_of_form_proves_nothing(package: ProjectPackage, text: str) -> None:
    (package.folder / "proof.json").write_text(text)
    assert read_certificate(package) == {}
