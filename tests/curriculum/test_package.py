"""A package is read from its folder, or refused with the file, the field and the remedy."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from curriculum.package import PackageFault, load

GOOD: dict[str, Any] = {
    "slug": "tiny",
    "title": "Tiny",
    "version": "1.0",
    "summary": "One sentence.",
    "stakeholder": "Marta",
    "environment": "ml",
    "skills": ["clean"],
    "domains": ["payments"],
    "milestones": [
        {"kind": "ingest", "title": "In", "summary": "s", "minutes": 5, "command": "python -m a --out {out}"},
        {"kind": "deploy", "title": "Out", "summary": "s", "minutes": 5, "serve": "a:app"},
    ],
}


def write(folder: Path, **changes: Any) -> Path:
    (folder / "project.yaml").write_text(yaml.safe_dump({**GOOD, **changes}))
    return folder


def test_a_good_package_is_read(tmp_path: Path) -> None:
    package = load(write(tmp_path))
    assert package.kinds == ("ingest", "deploy")
    assert package.milestone("ingest").command == ("python", "-m", "a", "--out", "{out}")
    assert [m.kind for m in package.before("deploy")] == ["ingest"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": None}, "title is None; it must be text"),
        ({"skills": "clean"}, "skills is 'clean'; it must be a list"),
        ({"colour": "red"}, "unknown fields ['colour']"),
        ({"milestones": []}, "one or more"),
        ({"milestones": [{**GOOD["milestones"][0], "kind": "bake"}]}, "kind is 'bake'"),
        ({"milestones": [{**GOOD["milestones"][0], "serve": "a:app"}]}, "one of command, serve and listen"),
        ({"milestones": [{**GOOD["milestones"][0], "limits": {"cpu": 3}}]}, "unknown limits ['cpu']"),
        ({"milestones": [{**GOOD["milestones"][0], "produces": {"x.csv": -1}}]}, "produces.x.csv must be a number"),
        ({"milestones": [GOOD["milestones"][0]] * 2}, "each of another kind"),
    ],
)
def test_a_bad_field_is_named_with_what_it_must_be(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PackageFault) as fault:
        load(write(tmp_path, **changes))
    assert words in str(fault.value)


def test_a_folder_without_a_readable_project_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageFault, match="does not exist"):
        load(tmp_path)
    (tmp_path / "project.yaml").write_text("a: [")
    with pytest.raises(PackageFault, match="not valid YAML"):
        load(tmp_path)


def test_the_digest_moves_with_what_judges_and_not_with_words(tmp_path: Path) -> None:
    (tmp_path / "ingest").mkdir()
    (tmp_path / "ingest" / "checks.py").write_text("x = 1")
    before = load(write(tmp_path)).digest
    (tmp_path / "ingest" / "brief.md").write_text("new words")
    assert load(tmp_path).digest == before
    (tmp_path / "ingest" / "checks.py").write_text("x = 2")
    assert load(tmp_path).digest != before


def test_what_tools_leave_behind_is_not_part_of_a_package(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    before = load(write(tmp_path)).digest
    for name in (".ruff_cache", "__pycache__"):
        (tmp_path / "reference" / name).mkdir()
        (tmp_path / "reference" / name / "x.pyc").write_text("x")
    assert load(tmp_path).digest == before
