"""What was proved is kept world by world: pure, on a package that the skeleton gives."""

from dataclasses import replace
from pathlib import Path

import pytest

from curriculum.package import ProjectPackage, load
from grading.certificate import Certificate, Proved, read_certificate, write_certificate
from grading.skeleton import begin_project

WORLD = Proved("florist", proofs=16, right=4, right_refused=0, wrong=12, wrong_passed=0, mutants=0, mutants_killed=0)


@pytest.fixture
def package(tmp_path: Path) -> ProjectPackage:
    return load(begin_project("night-shift", tmp_path))


def test_worlds_add_up_for_one_edition(package: ProjectPackage) -> None:
    write_certificate(package, {1: WORLD, 2: WORLD})
    tried = replace(WORLD, mutants=8, mutants_killed=7)
    both = write_certificate(package, {2: tried, 3: WORLD})
    assert both == Certificate(package.digest, {1: WORLD, 2: tried, 3: WORLD})
    assert read_certificate(package) == both


def test_another_edition_begins_anew(package: ProjectPackage) -> None:
    write_certificate(package, {1: WORLD})
    (package.folder / "domains" / "florist.yaml").open("a").write("# edited\n")
    edited = load(package.folder)
    assert edited.digest != package.digest
    assert write_certificate(edited, {7: WORLD}).worlds == {7: WORLD}


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json", '{"digest": "x", "worlds": [1]}', '{"digest": "x"}'])
def test_what_is_out_of_form_proves_nothing(package: ProjectPackage, text: str) -> None:
    (package.folder / "proof.json").write_text(text)
    assert read_certificate(package) is None
