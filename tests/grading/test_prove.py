"""A new project is proved as it is, and what is broken in it is found: in the real jail."""

import json
import re
from pathlib import Path

import pytest

from curriculum.package import PackageFault, load
from grading.__main__ import main
from grading.certificate import find_unproved, list_worlds
from grading.facilities import Facilities
from grading.prove import prove
from grading.sandboxes.choose import choose
from grading.skeleton import begin_project
from grading.store import Store

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

MOVER = """

def move_hidden_label(truth, rng):
    path = truth / "sales.json"
    sales = json.loads(path.read_text())
    sales[0]["cents"], sales[1]["cents"] = sales[1]["cents"], sales[0]["cents"]
    path.write_text(json.dumps(sales))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return begin_project("night-shift", tmp_path)


@pytest.fixture
def facilities(tmp_path: Path) -> Facilities:
    return Facilities(Store(tmp_path / "store"), choose(), ROOT / ".environments")


def test_a_new_project_is_proved_and_leaves_its_proof(folder: Path, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    out, store = tmp_path / "out", tmp_path / "store"
    words = ["--seeds", "1", "--mutants", "2", "--write", "--out", str(out), "--store", str(store)]
    assert main(["prove", str(folder), *words]) == 0
    assert "0 of 8" in capsys.readouterr().out
    assert not find_unproved(load(folder))
    assert list_worlds(load(folder)) == [1]
    told = json.loads((out / "night-shift.json").read_text())
    assert told["summary"]["broken"] == 0
    assert (out / "night-shift.html").read_text().startswith("<!doctype html>")


def test_what_does_not_do_as_it_says_is_found(folder: Path, facilities: Facilities) -> None:
    told = folder / "wrong" / "clean-writes-euros" / "expect.yaml"
    told.write_text(told.read_text().replace("sales_are_in_form", "amounts_are_right"))
    number, coming = prove(load(folder), facilities, [1], despite_faults=True)
    proofs = list(coming)
    assert len(proofs) == number
    assert {proof.tree for proof in proofs if not proof.holds} == {"wrong/clean-writes-euros"}


def test_what_fails_on_some_worlds_only_is_said_so(folder: Path, facilities: Facilities) -> None:
    """Of what it may fail nothing must; what it may not, nothing does; what it must, it does all the same."""
    clean = folder / "wrong" / "clean-writes-euros" / "expect.yaml"
    clean.write_text(clean.read_text() + "may_fail: [amounts_are_right]\n")
    comma = folder / "wrong" / "clean-drops-the-comma" / "expect.yaml"
    comma.write_text(comma.read_text().replace("fails:", "may_fail:"))
    _, coming = prove(load(folder), facilities, [1], despite_faults=True)
    told = {proof.tree: proof for proof in coming}
    assert told["wrong/clean-writes-euros"].holds
    assert told["wrong/clean-writes-euros"].expected == "failed: sales_are_in_form, perhaps amounts_are_right"
    assert told["wrong/clean-drops-the-comma"].holds
    clean.write_text(clean.read_text().replace("fails:", "fails: [amounts_are_right]\nonce:"))
    _, coming = prove(load(folder), facilities, [1], despite_faults=True)
    assert not next(proof for proof in coming if proof.tree == "wrong/clean-writes-euros").holds


def test_feedback_that_tells_a_hidden_value_is_found(folder: Path, facilities: Facilities) -> None:
    data = folder / "data.py"
    data.write_text(data.read_text() + MOVER)
    checks = folder / "clean" / "checks.py"
    text = checks.read_text()
    checks.write_text(
        re.sub(r'f"\{wrong\} amounts are', 'f"{wrong} amounts, like {sorted(paid.items())[0]}, are', text)
    )
    _, coming = prove(load(folder), facilities, [1])
    moved = {proof.tree for proof in coming if proof.came == "moved"}
    assert "moved label/wrong/clean-drops-the-comma" in moved


def test_only_what_changed_is_tried_again(folder: Path, tmp_path: Path, capsys) -> None:  # type: ignore[no-untyped-def]
    """Who mends one tree and then one milestone's checks pays for what hangs on them, and for nothing else."""

    def prove_again(*words: str) -> str:
        store = str(tmp_path / "store")
        assert main(["prove", str(folder), "--seeds", "1", "--mutants", "0", "--write", "--store", store, *words]) == 0
        return str(capsys.readouterr().out)

    everything = prove_again()
    assert "night-shift is proved on 1 world." in everything
    assert "reference" not in prove_again()
    told = folder / "wrong" / "clean-writes-euros" / "expect.yaml"
    told.write_text(told.read_text() + "may_fail: [amounts_are_right]\n")
    again = prove_again()
    assert "wrong/clean-writes-euros" in again
    assert "reference" not in again
    checks = folder / "ingest" / "checks.py"
    checks.write_text(checks.read_text() + "\n# Looked at again.\n")
    again = prove_again()
    assert "reference" in again
    assert "wrong/clean-" not in again
    assert "night-shift is proved on 1 world." in again
    assert "wrong/clean-writes-euros" in prove_again("--afresh")
    some = prove_again("--afresh", "--only", "reference", "--only", "wrong/clean-w*")
    assert {word for word in some.split() if "/" in word and "-" in word} == {"wrong/clean-writes-euros"}
    assert "starter" not in some


def test_a_package_with_faults_is_not_tried_unless_it_is_a_draft(folder: Path, facilities: Facilities) -> None:
    (folder / "README.md").unlink()
    with pytest.raises(PackageFault, match="P001"):
        prove(load(folder), facilities, [1])
    number, _ = prove(load(folder), facilities, [1], despite_faults=True)
    assert number > 0
