"""What changed between two editions, in words that a learner may read: never how a check looks, never an answer."""

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from curriculum.differences import EditionChanges, MilestoneChanges, Moved, compare_editions, compare_texts
from curriculum.package import load

TINY = Path(__file__).parents[1] / "fixtures" / "packages" / "tiny"
PROJECT = Path(__file__).parents[2] / "projects" / "pump-room"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(TINY, tmp_path / "tiny")


def rewrite(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def compare(folder: Path) -> EditionChanges:
    return compare_editions(load(TINY), load(folder))


def test_a_stricter_edition_tells_its_new_check_its_limit_its_brief_and_its_starter(newer_folder: Path) -> None:
    told = compare(newer_folder)
    assert told.words.endswith("Tom reads the list aloud, so it comes **in order** now.")
    assert not told.other_data
    [clean] = told.milestones
    assert (clean.kind, clean.added) == ("clean", ("They are in order, from small to large.",))
    assert clean.limits == (Moved("memory_mb", 256.0, 384.0),)
    assert not clean.looks_otherwise, "the check that both have looks as it did"
    assert [(line.kind, line.text) for line in clean.brief if line.kind != "kept"] == [
        ("removed", "Write `numbers.json`."),
        ("added", "Write `numbers.json`, in order."),
    ]
    assert [(file.path, file.what) for file in told.starter] == [("pipeline/ingest.py", "changed")]


def test_equal_editions_have_nothing_to_tell(folder: Path) -> None:
    assert compare(folder) == EditionChanges("", False, (), ())


def reword(folder: Path) -> None:
    rewrite(folder / "clean/checks.py", "Each number is there once.", "No number comes twice.")


def look_otherwise(folder: Path) -> None:
    rewrite(folder / "clean/checks.py", "len(set(numbers)) == len(numbers)", "len(numbers) == 4")


def require_less(folder: Path) -> None:
    rewrite(folder / "clean/checks.py", "level=2", "level=2, required=False")


def rename(folder: Path) -> None:
    rewrite(folder / "clean/checks.py", "no_number_appears_twice", "each_number_is_there_once")


def move_the_command(folder: Path) -> None:
    rewrite(folder / "project.yaml", "python -m pipeline.clean --in", "python -m pipeline.tidy --in")


COMMANDS = [f"python -m pipeline.{name} --in {{ingest}} --out {{out}}" for name in ("clean", "tidy")]
ONCE = "Each number is there once."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (reword, {"reworded": (Moved("no_number_appears_twice", ONCE, "No number comes twice."),)}),
        (look_otherwise, {"looks_otherwise": True}),
        (require_less, {"optional": (ONCE,)}),
        (rename, {"added": (ONCE,), "gone": (ONCE,)}),
        (move_the_command, {"commands": (Moved("command", *COMMANDS),)}),
    ],
)
def test_each_change_has_a_word_of_its_own(
    folder: Path, change: Callable[[Path], None], told: dict[str, object]
) -> None:
    change(folder)
    assert compare(folder).milestones == (MilestoneChanges("clean", "Drop the doubles", **told),)  # type: ignore[arg-type]


def test_a_milestone_that_came_or_went_is_said_to(folder: Path) -> None:
    text = (folder / "project.yaml").read_text()
    (folder / "project.yaml").write_text(text[: text.index("  - kind: clean")])
    assert [(change.kind, change.what) for change in compare(folder).milestones] == [("clean", "gone")]
    [came] = compare_editions(load(folder), load(TINY)).milestones
    assert (came.kind, came.what) == ("clean", "added")


def test_other_data_are_said_to_be_other(folder: Path) -> None:
    rewrite(folder / "domains" / "plain.yaml", "apples", "pears")
    assert compare(folder).other_data


def test_a_mark_that_moved_is_told_by_its_question(tmp_path: Path) -> None:
    later = shutil.copytree(PROJECT, tmp_path / "later")
    rewrite(later / "marks.json", '"mark": 0.526', '"mark": 0.6')
    [model] = compare_editions(load(PROJECT), load(later)).milestones
    [mark] = model.marks
    assert (mark.before, mark.now) == (0.526, 0.6)
    assert mark.name[0].isupper()
    assert mark.name.endswith(".")


def test_nothing_that_answers_is_read_and_no_check_is_shown(folder: Path) -> None:
    for secret in ("reference/pipeline/clean.py", "clean/hints.md", "clean/checks.py", "data.py", "proof.json"):
        with (folder / secret).open("a") as file:
            file.write("\n# do not tell: 4711\n" if secret != "proof.json" else "{}")
    assert "4711" not in str(asdict(compare(folder)))


def test_the_changelog_is_told_from_the_learners_own_version_on(folder: Path) -> None:
    words = "## 1.2\n\nNewest.\n\n## 1.1\n\nNewer.\n\n## 1.0\n\nOld.\n"
    (folder / "CHANGES.md").write_text(words)
    assert compare(folder).words == "## 1.2\n\nNewest.\n\n## 1.1\n\nNewer."


def test_a_file_written_anew_is_not_told_without_end() -> None:
    assert len(compare_texts("", "\n".join(map(str, range(5000))))) == 401
