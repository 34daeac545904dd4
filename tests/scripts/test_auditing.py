"""The bill of materials is whole and valid; the audit names each fault, and says when nobody could be asked."""

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts import auditing
from scripts.auditing import FAULTS, NOT_ASKED, find_changed, find_faults, find_licences
from scripts.bill import build_bill, write_bill
from scripts.materials import DEVELOPMENT, LOCKS, PAGES, ROOT, SERVER, Material, list_materials, list_unpinned

HOLE = {"id": "GHSA-0", "fix_versions": ["5.2.20"]}


def test_the_bill_is_valid_and_names_every_line_of_every_lock_and_every_file_of_others() -> None:
    written = write_bill(build_bill())
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    told = json.loads(written)
    addresses = {part.get("purl", part["name"]) for part in told["components"]}
    for lock in LOCKS:
        for line in (ROOT / lock).read_text().splitlines():
            if found := re.match(r"([A-Za-z0-9._-]+)(?:\[.+?\])?==([^\s;]+)", line):
                name = re.sub(r"[-_.]+", "-", found[1]).lower()
                assert f"pkg:pypi/{name}@{found[2]}".replace("+", "%2B") in addresses, line
    assert "pkg:npm/vega@6.4.0" in addresses
    assert any(address.startswith("pkg:npm/%40codemirror/state@") for address in addresses)
    assert not any("esbuild" in address for address in addresses)
    files = [part for part in told["components"] if part["type"] == "file"]
    assert {Path(part["name"]).name for part in files} == {
        path.name for path in ROOT.glob("frontend/static/vendor/*.js")
    }
    assert all(part["hashes"] for part in files)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert told["metadata"]["component"]["version"] == project["version"]


def test_tools_are_not_shipped_and_each_shipped_part_says_its_licence() -> None:
    materials = list_materials()
    assert {part.serves for part in materials} >= {SERVER, PAGES, DEVELOPMENT}
    by_name = {part.name: part for part in materials}
    assert (by_name["django"].is_shipped, by_name["django"].licence) == (True, "BSD-3-Clause")
    assert not by_name["codespell"].is_shipped


def test_nothing_is_found_in_what_is_locked_here() -> None:
    assert list(find_faults()) == []


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("MIT", False),
        ("LGPL-3.0-only", False),
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("MIT OR GPL-2.0-only", False),
        ("BSD-3-Clause AND GPL-2.0-only", True),
        ("SSPL-1.0", True),
        ("CC-BY-NC-4.0", True),
        ("LicenseRef-proprietary", True),
        ("", True),
    ],
)
def test_licences_that_cannot_be_kept_are_named_in_what_is_shipped_alone(licence: str, refused: bool) -> None:
    shipped = Material("pypi", "thing", "1.0", SERVER, licence)
    assert bool(list(find_licences([shipped]))) is refused
    assert list(find_licences([Material("pypi", "thing", "1.0", DEVELOPMENT, licence)])) == []


def test_an_open_version_and_a_changed_file_are_named(tmp_path: Path) -> None:
    copy_records(tmp_path)
    assert list(list_unpinned(tmp_path)) == []
    assert list(find_changed(tmp_path)) == []
    with (tmp_path / "requirements.txt").open("a") as lock:
        lock.write("django>=5\nhttps://example.org/thing.whl\n")
    vendor = tmp_path / "frontend" / "static" / "vendor"
    (vendor / "vega.min.js").write_text("alert(1)")
    (vendor / "more.js").write_text("alert(1)")
    assert len([fault for fault in list_unpinned(tmp_path) if "requirements.txt" in fault]) == 2
    assert [fault.split(":")[0].rpartition("/")[2] for fault in find_changed(tmp_path)] == ["more.js", "vega.min.js"]


def test_known_holes_are_named_with_what_mends_them(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    answer = [{"name": "django", "version": "5.2.19", "vulns": [HOLE]}, {"name": "six", "version": "1", "vulns": []}]
    monkeypatch.setattr(auditing, "ask_about", lambda lock: answer)
    assert auditing.main([]) == FAULTS
    assert "django 5.2.19: GHSA-0 (mended in 5.2.20)" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [[], [{"name": "torch", "skip_reason": "nobody knows it"}]])
def test_where_nobody_can_be_asked_that_is_said_after_one_question(
    answer: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(auditing, "ask_about", lambda lock: asked.append(lock.name) or answer)
    assert auditing.main([]) == NOT_ASKED
    assert asked == ["torch.txt"]
    assert "No advisory was asked for" in capsys.readouterr().out
    assert auditing.main(["--offline"]) == 0


def test_a_lock_of_which_nothing_is_known_to_be_wrong_ends_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "ask_about", lambda lock: [{"name": "six", "version": "1", "vulns": []}])
    assert auditing.main([]) == 0


def test_the_checks_for_holes_in_our_own_code_are_on_and_each_exception_says_why() -> None:
    """ruff's S rules are bandit's, so there is no second tool; what they may pass over says so where it stands."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in told["select"]
    # Programs are started from lists of words, never through a shell; asserts are for types, and tests.
    assert {rule for rule in told["ignore"] if re.fullmatch(r"S\d+", rule)} == {"S603", "S607", "S101"}
    assert {place for place, rules in told["per-file-ignores"].items() if "S" in rules} == {"tests/**", "projects/**"}
    rooms = ("config", "credentials", "curriculum", "frontend", "grading", "people", "worlds", "scripts", "client")
    lines = [line for room in rooms for path in (ROOT / room).rglob("*.py") for line in path.read_text().splitlines()]
    assert [line for line in lines if re.search(r"noqa: S\d+(?!.* - )", line)] == []


def copy_records(root: Path) -> None:
    for name in (*LOCKS, *(str(path.relative_to(ROOT)) for path in (ROOT / "frontend/static/vendor").iterdir())):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
