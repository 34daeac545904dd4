"""An operator aligns the skills with a framework of their own by a file; a wrong one stops the start."""

from pathlib import Path

import pytest

from config.environment import SettingError
from config.skills_mapping import read_skills_mapping
from curriculum.skills import ESCO, Alignment, read_skills
from people.employers.alignments import list_alignments

NAME = "MILEPOST_SKILLS_MAPPING"
OWN = "clean: [{name: Tidy, url: 'https://example.org/7', framework: Ours}]"


def test_every_skill_is_aligned_with_esco_and_none_twice() -> None:
    found = [one for skill in read_skills().values() for one in skill.alignments]
    assert {one.framework for one in found} == {ESCO}
    assert all(one.url.startswith("http://data.europa.eu/esco/skill/") for one in found)
    assert len({one.url for one in found}) == len(found) == 19
    assert all(skill.alignments for skill in read_skills().values())


def test_an_own_mapping_stands_beside_esco(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: object) -> None:
    assert read_skills_mapping(NAME) == {}
    (tmp_path / "own.yaml").write_text(OWN)
    monkeypatch.setenv(NAME, str(tmp_path / "own.yaml"))
    settings.SKILLS_MAPPING = read_skills_mapping(NAME)  # type: ignore[attr-defined]
    assert list_alignments("clean")[-1] == Alignment("Tidy", "https://example.org/7", "Ours")
    assert {one.framework for one in list_alignments("serve")} == {ESCO}
    assert list_alignments("flying") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("clean: [", "it is not YAML"),
        ("just words", "it has no skills; write each skill's name"),
        ("flying: []", "'flying' is no skill; write one of acquire-data"),
        ("clean: tidy", "clean is not a list"),
        ("clean: [{name: Tidy}]", r"clean\[1\] has other fields than name, url, framework"),
        (OWN.replace("Tidy", "''"), r"clean\[1\].name is not a line of text; write from 1 to 300"),
        (OWN.replace("Tidy", "7"), r"clean\[1\].name is not a line of text"),
        (OWN.replace("https", "javascript"), r"clean\[1\].url is .*; write an address that begins with https"),
    ],
)
def test_a_wrong_mapping_stops_the_start_with_field_and_remedy(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text(text)
    monkeypatch.setenv(NAME, str(tmp_path / "own.yaml"))
    with pytest.raises(SettingError, match=rf"{NAME}: in .*{says}"):
        read_skills_mapping(NAME)
    monkeypatch.setenv(NAME, str(tmp_path / "none.yaml"))
    with pytest.raises(SettingError, match="cannot be read"):
        read_skills_mapping(NAME)
