"""Lint says every fault of a package at once, each with its code."""

import shutil
from pathlib import Path

import pytest
import yaml

from curriculum.lint import RULES, lint
from curriculum.package import load

PROJECT = Path(__file__).parents[2] / "projects" / "chargeback-watch"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT, tmp_path / "copy"))


def codes(folder: Path) -> set[str]:
    return {fault.code for fault in lint(load(folder))}


def test_the_flagship_has_no_fault() -> None:
    assert [str(fault) for fault in lint(load(PROJECT))] == []


def spoil_file(folder: Path) -> None:
    (folder / "design.md").unlink()


def spoil_tree(folder: Path) -> None:
    shutil.rmtree(folder / "starter")


def spoil_domain(folder: Path) -> None:
    (folder / "domains" / "payments.yaml").unlink()


def spoil_skill(folder: Path) -> None:
    rewrite(folder / "clean" / "checks.py", "clean", "no-such", mark='skills=["')


def spoil_claim(folder: Path) -> None:
    change(folder, lambda fields: fields["skills"].append("no-such-skill"))


def spoil_brief(folder: Path) -> None:
    rewrite(folder / "ingest" / "brief.md", "## Notes", "## Remarks")


def spoil_checks(folder: Path) -> None:
    (folder / "model" / "checks.py").write_text("")


def spoil_hints(folder: Path) -> None:
    (folder / "ingest" / "hints.md").write_text("## no_such_check\n1. Look.")


def spoil_probe(folder: Path) -> None:
    (folder / "feature" / "probes.py").write_text("")


def spoil_placeholder(folder: Path) -> None:
    rewrite(folder / "project.yaml", "--raw {raw}", "--raw {prepared}")


def spoil_wrong_trees(folder: Path) -> None:
    for tree in (folder / "wrong").glob("clean-*"):
        shutil.rmtree(tree)


def spoil_expectation(folder: Path) -> None:
    tree = sorted((folder / "wrong").glob("clean-*"))[0] / "expect.yaml"
    tree.write_text(yaml.safe_dump({**yaml.safe_load(tree.read_text()), "fails": ["no_such_check"]}))


SPOILERS = {
    "P001": spoil_file,
    "P002": spoil_tree,
    "P003": spoil_domain,
    "P004": spoil_skill,
    "P005": spoil_claim,
    "P006": spoil_brief,
    "P007": spoil_checks,
    "P008": spoil_hints,
    "P009": spoil_probe,
    "P010": spoil_placeholder,
    "P011": spoil_wrong_trees,
    "P012": spoil_expectation,
    "P013": spoil_wrong_trees,
}


def rewrite(path: Path, old: str, new: str, mark: str = "") -> None:
    text = path.read_text()
    assert mark + old in text
    path.write_text(text.replace(mark + old, mark + new, 1))


def change(folder: Path, verb: object) -> None:
    path = folder / "project.yaml"
    fields = yaml.safe_load(path.read_text())
    verb(fields)  # type: ignore[operator]
    path.write_text(yaml.safe_dump(fields))


def test_every_rule_has_a_package_that_breaks_it() -> None:
    assert set(SPOILERS) == set(RULES)


@pytest.mark.parametrize("code", SPOILERS)
def test_a_spoiled_package_is_found_out_by_its_rule(code: str, copy: Path) -> None:
    SPOILERS[code](copy)
    assert code in codes(copy)
