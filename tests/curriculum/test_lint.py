"""Lint says every fault of a package at once, each with its code; what is begun with the skeleton has none."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from curriculum.lint import RULES, lint
from curriculum.package import load
from grading.__main__ import EXIT_FAILED, main
from grading.skeleton import begin_project

PROJECTS = Path(__file__).parents[2] / "projects"
ALARMS = {"alarms.parquet": 1, "decision.json": 1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return begin_project("night-shift", tmp_path)


def codes(folder: Path) -> set[str]:
    return {fault.code for fault in lint(load(folder))}


def test_a_new_project_has_no_fault(folder: Path) -> None:
    assert [str(fault) for fault in lint(load(folder))] == []


def test_all_faults_are_told_at_once(folder: Path) -> None:
    (folder / "design.md").unlink()
    shutil.rmtree(folder / "alternatives")
    rewrite(folder / "ingest" / "brief.md", "## Notes", "## Remarks")
    assert codes(folder) == {"P001", "P006", "P014"}


# --- one way to break each rule ---------------------------------------------------------------------------------------


def spoil_file(folder: Path) -> None:
    (folder / "design.md").unlink()


def spoil_tree(folder: Path) -> None:
    shutil.rmtree(folder / "starter")


def spoil_domain(folder: Path) -> None:
    (folder / "domains" / "bakery.yaml").unlink()


def spoil_skill(folder: Path) -> None:
    rewrite(folder / "clean" / "checks.py", 'skills=["clean"', 'skills=["no-such"')


def spoil_claim(folder: Path) -> None:
    change(folder, lambda fields: fields["skills"].append("serve"))


def spoil_brief(folder: Path) -> None:
    rewrite(folder / "ingest" / "brief.md", "{{ checks }}", "")


def spoil_checks(folder: Path) -> None:
    (folder / "clean" / "checks.py").write_text("")


def spoil_hints(folder: Path) -> None:
    (folder / "ingest" / "hints.md").write_text("## no_such_check\n1. Look.")


def spoil_probe(folder: Path) -> None:
    probe = {"command": "python -m pipeline.clean --in {prepared} --out {out}", "produces": {"sales.json": 1}}
    change(folder, lambda fields: fields["milestones"][1].update(probes={"again": probe}))


def spoil_placeholder(folder: Path) -> None:
    rewrite(folder / "project.yaml", "--raw {raw}", "--raw {prepared}")


def spoil_wrong_trees(folder: Path) -> None:
    for tree in (folder / "wrong").glob("clean-*"):
        shutil.rmtree(tree)


def spoil_expected_check(folder: Path) -> None:
    rewrite(folder / "wrong" / "clean-writes-euros" / "expect.yaml", "sales_are_in_form", "no_such_check")


def spoil_alternatives(folder: Path) -> None:
    shutil.rmtree(folder / "alternatives" / "with-decimals")


def spoil_reason(folder: Path) -> None:
    rewrite(folder / "wrong" / "clean-writes-euros" / "expect.yaml", "why:", "because:")


def read_a_mark(folder: Path, name: str = "amounts_are_right", **entry: Any) -> None:
    """Let clean's checks read a mark, and write it, with these fields, into marks.json."""
    path = folder / "clean" / "checks.py"
    path.write_text(path.read_text() + f'\nMARK = read_mark(__file__, "{name}")\n')
    (folder / "marks.json").write_text(
        json.dumps({name: {"milestone": "clean", "mark": 0.6, **entry}} if entry else {})
    )


def spoil_mark(folder: Path) -> None:
    read_a_mark(folder)


def spoil_old_mark(folder: Path) -> None:
    (folder / "marks.json").write_text('{"gone": {"mark": 0.5, "best_lazy": 0.1, "worst_good": 0.9}}')


def spoil_name_of_mark(folder: Path) -> None:
    read_a_mark(folder, "no_such_check", best_lazy=0.3, worst_good=0.9)


def spoil_gap(folder: Path) -> None:
    read_a_mark(folder, best_lazy=0.85, worst_good=0.9)


def spoil_lazy_trees(folder: Path) -> None:
    read_a_mark(folder, best_lazy=0.3, worst_good=0.9)


def spoil_place_of_marks(folder: Path) -> None:
    read_a_mark(folder, best_lazy=0.3, worst_good=0.9)
    rewrite(folder / "design.md", "<!-- marks -->", "")


def add_milestone(folder: Path, **fields: Any) -> None:
    told = {"title": "T", "summary": "S", "minutes": 5, "produces": {}, **fields}
    change(folder, lambda whole: whole["milestones"].append(told))


def spoil_mover(folder: Path) -> None:
    add_milestone(folder, kind="model", command="python -m pipeline.train --in {clean}")


def spoil_order(folder: Path) -> None:
    change(folder, lambda fields: fields["milestones"].reverse())


def spoil_stream(folder: Path) -> None:
    rewrite(folder / "project.yaml", "--raw {raw}", "--raw {stream}")


def spoil_monitor(folder: Path) -> None:
    add_milestone(folder, kind="monitor", command="python -m pipeline.monitor --stream {stream}", produces=ALARMS)


def spoil_changes(folder: Path) -> None:
    (folder / "CHANGES.md").write_text("## 9.9\n\nAnother version.\n")


def spoil_freedom(folder: Path) -> None:
    (folder / "freedoms.yaml").write_text("- {file: pipeline/clean.py, line: gone = 1, why: It is.}\n")


def spoil_overlay(folder: Path) -> None:
    rewrite(folder / "reference" / "pipeline" / "clean.py", "int(cents)", "int(pence)")


SPOILERS: dict[str, Callable[[Path], None]] = {
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
    "P012": spoil_expected_check,
    "P013": spoil_wrong_trees,
    "P014": spoil_alternatives,
    "P015": spoil_reason,
    "P016": spoil_freedom,
    "P017": spoil_overlay,
    "P020": spoil_mark,
    "P021": spoil_old_mark,
    "P022": spoil_name_of_mark,
    "P023": spoil_gap,
    "P024": spoil_lazy_trees,
    "P025": spoil_place_of_marks,
    "P030": spoil_mover,
    "P040": spoil_order,
    "P041": spoil_stream,
    "P042": spoil_monitor,
    "P050": spoil_changes,
}


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def change(folder: Path, verb: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "project.yaml"
    fields = yaml.safe_load(path.read_text())
    verb(fields)
    path.write_text(yaml.safe_dump(fields))


def test_every_rule_has_a_package_that_breaks_it() -> None:
    assert set(SPOILERS) == set(RULES)


@pytest.mark.parametrize("code", SPOILERS)
def test_a_spoiled_package_is_found_out_by_its_rule(code: str, folder: Path) -> None:
    assert code not in codes(folder)
    SPOILERS[code](folder)
    assert code in codes(folder)


def test_a_mark_that_is_whole_breaks_no_rule(folder: Path) -> None:
    read_a_mark(folder, best_lazy=0.3, worst_good=0.9)
    for name in ("drops-the-comma", "leaves-out-odd-amounts", "writes-euros"):
        told = folder / "wrong" / f"clean-{name}" / "expect.yaml"
        entry = yaml.safe_load(told.read_text())
        told.write_text(yaml.safe_dump({**entry, "lazy": True, "fails": [*entry["fails"], "amounts_are_right"]}))
    assert codes(folder) == set()


def test_a_monitor_in_form_breaks_no_rule_of_its_own(folder: Path) -> None:
    streams = {
        name: {"command": "python -m pipeline.monitor --stream {prepared} --out {out}", "produces": ALARMS}
        for name in ("control", "contract", "population", "concept")
    }
    command = "python -m pipeline.monitor --stream {stream} --model {model} --out {out}"
    add_milestone(folder, kind="monitor", command=command, produces=ALARMS, probes=streams)
    assert not codes(folder) & {"P040", "P041", "P042"}


@pytest.mark.parametrize("slug", sorted(path.parent.name for path in PROJECTS.glob("*/proof.json")))
def test_every_proved_project_has_no_fault(slug: str) -> None:
    assert [str(fault) for fault in lint(load(PROJECTS / slug))] == []


def test_a_check_is_said_to_fail_always_or_sometimes_but_not_both(folder: Path) -> None:
    told = folder / "wrong" / "clean-writes-euros" / "expect.yaml"
    told.write_text(told.read_text() + "may_fail: [sales_are_in_form, amounts_are_right]\n")
    [fault] = [str(fault) for fault in lint(load(folder))]
    assert fault.startswith("P012 wrong/clean-writes-euros/expect.yaml: sales_are_in_form is said to fail always")


def test_files_that_cannot_be_read_are_told_all_at_once_and_alone(folder: Path) -> None:
    (folder / "clean" / "checks.py").write_text("def amounts_are_right(:\n")
    (folder / "freedoms.yaml").write_text("- line: if a: b\n")
    (folder / "marks.json").write_text("{")
    told = [str(fault).split(" cannot be read: ") for fault in lint(load(folder))]
    assert [name for name, _ in told] == ["P000 clean/checks.py", "P000 freedoms.yaml", "P000 marks.json"]
    assert all("line 1" in why for _, why in told)
    assert main(["lint", str(folder)]) == EXIT_FAILED
