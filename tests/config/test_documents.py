"""What the documents say of the code is held to the code."""

import re
from pathlib import Path

from frontend.wheel import wheel_name
from tests.config.variables import SURROUNDINGS, find_reads, find_settings

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    rows = [line.split("|")[1] for line in read_doc("operating.md").splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row)}
    assert find_settings() == documented


def test_the_client_s_own_variables_are_in_its_readme() -> None:
    told = (ROOT / "client" / "README.md").read_text()
    named = {name for name, paths in find_reads().items() if any(path.startswith("client/") for path in paths)}
    assert [name for name in sorted(named - SURROUNDINGS.keys()) if f"`{name}`" not in told] == []


def test_what_the_surroundings_say_is_still_asked() -> None:
    assert SURROUNDINGS.keys() <= find_reads().keys()


def test_decisions_are_numbered_without_gaps_or_twins() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    for name in names:
        assert (ROOT / "docs" / "decisions" / name).read_text().startswith(f"# {int(name[:4])}. ")


def test_the_changelog_and_the_code_say_the_same_version() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    declared = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert newest is not None
    assert declared is not None
    assert newest[1] == declared[1]


def test_every_model_of_the_domain_is_a_word_of_the_glossary() -> None:
    glossary = read_doc("glossary.md").lower()
    for noun in ("track", "project", "milestone", "enrolment", "submission", "run", "cohort", "artefact", "verdict"):
        assert f"**{noun}**" in glossary


def read_doc(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_the_wheel_that_the_documents_name_is_the_one_that_is_handed_out() -> None:
    for page in (ROOT / "README.md", ROOT / "client" / "README.md"):
        assert f"/client/{wheel_name()}\n" in page.read_text() or f"/client/{wheel_name()} " in page.read_text()
