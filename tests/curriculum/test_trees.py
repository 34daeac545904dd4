"""A package's trees are kept as what they have otherwise, and read whole; authors unfold one, change it and fold it."""

import shutil
from pathlib import Path

import pytest

from curriculum.package import PackageFault, ProjectPackage, load
from curriculum.trees import fold, list_right, list_wrong, read_folder, read_tree, write_overlay
from grading.__main__ import EXIT_FAULT, main
from grading.skeleton import begin_project
from tests.conftest import ROOT

EUROS = "wrong/clean-writes-euros"
CLEAN = "pipeline/clean.py"
PACKAGES = sorted(path.parent for path in ROOT.glob("projects/*/project.yaml"))


@pytest.fixture
def package(tmp_path: Path) -> ProjectPackage:
    return load(begin_project("night-shift", tmp_path))


def keep(package: ProjectPackage, changed: dict[str, bytes | None]) -> dict[str, bytes]:
    """Keep the wrong tree with these files, or without those that are None; what its folder holds then."""
    named = {**read_tree(package, EUROS), **changed}
    whole = {path: content for path, content in named.items() if content is not None}
    write_overlay(package, EUROS, fold(package, EUROS, whole))
    assert read_tree(package, EUROS) == whole
    return read_folder(package.folder / EUROS)


def test_a_wrong_tree_is_its_base_with_some_lines_changed(package: ProjectPackage) -> None:
    right, wrong = read_tree(package, "reference"), read_tree(package, EUROS)
    assert {path for path in wrong if wrong[path] != right.get(path)} == {CLEAN, "expect.yaml"}
    assert b"int(cents) / 100" in wrong[CLEAN]
    assert {path.name for path in (package.folder / EUROS).iterdir()} == {"change.diff", "expect.yaml"}


def test_what_cannot_be_told_in_lines_is_kept_whole(package: ProjectPackage) -> None:
    reference = package.folder / "reference"
    (reference / "rates.bin").write_bytes(b"\xff\x00" * 40)
    (reference / "page.txt").write_text("one\x0ctwo\n" * 40)
    new, other, cut = b"# new\n", b"\xfe\x00" * 40, b"no line's end"
    page = b"one\x0ctwo\n" * 39 + b"one\x0cthree\n"
    kept = keep(package, {"new.py": new, "rates.bin": other, "page.txt": page})
    assert kept["new.py"] == new
    assert kept["rates.bin"] == other
    assert b"+one\x0cthree\n" in kept["change.diff"]
    assert keep(package, {"page.txt": cut})["page.txt"] == cut


def test_a_file_that_a_wrong_tree_lacks_is_gone(package: ProjectPackage) -> None:
    (package.folder / "reference" / "notes.txt").write_text("a line\n")
    assert b"+++ /dev/null" in keep(package, {"notes.txt": None})["change.diff"]
    (package.folder / "reference" / "notes.txt").write_bytes(b"\xff")
    with pytest.raises(PackageFault, match=r"notes\.txt has no lines of text"):
        fold(package, EUROS, {})
    (package.folder / "reference" / "notes.txt").write_bytes(b"")
    with pytest.raises(PackageFault, match=r"notes\.txt has no lines of text"):
        fold(package, EUROS, {})


def test_a_wrong_tree_can_start_from_an_alternative(package: ProjectPackage) -> None:
    whole = read_tree(package, "alternatives/with-decimals")
    told = (package.folder / EUROS / "expect.yaml").read_bytes()
    whole |= {
        "expect.yaml": told + b"base: alternatives/with-decimals\n",
        CLEAN: whole[CLEAN].replace(b"Decimal(", b"-Decimal("),
    }
    write_overlay(package, EUROS, fold(package, EUROS, whole))
    assert read_tree(load(package.folder), EUROS) == whole
    (package.folder / EUROS / "expect.yaml").write_bytes(told + b"base: wrong/clean-drops-the-comma\n")
    with pytest.raises(PackageFault, match=f"{EUROS}/expect.yaml: base must be one of reference, alternatives/"):
        read_tree(package, EUROS)


def test_a_change_that_no_longer_fits_names_its_file_and_the_place(package: ProjectPackage) -> None:
    path = package.folder / "reference" / CLEAN
    path.write_text("# A line above moves the place, and nothing else.\n" + path.read_text())
    assert b"int(cents) / 100" in read_tree(package, EUROS)[CLEAN]
    path.write_text(path.read_text().replace("int(cents)", "int(pence)"))
    with pytest.raises(PackageFault, match=rf"{EUROS}/change\.diff does not fit .*{CLEAN}:"):
        read_tree(package, EUROS)


def test_a_change_stays_within_its_tree(package: ProjectPackage) -> None:
    (package.folder / EUROS / "change.diff").write_text("--- /dev/null\n+++ b/../out.py\n@@ -0,0 +1 @@\n+x = 1\n")
    with pytest.raises(PackageFault, match="invalid path"):
        read_tree(package, EUROS)
    assert not (package.folder.parent / "out.py").exists()


def test_an_author_unfolds_changes_and_folds(
    package: ProjectPackage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, whole = [str(package.folder), EUROS], tmp_path / "whole"
    assert main(["unfold", *asked, str(whole)]) == 0
    assert main(["unfold", *asked, str(whole)]) == EXIT_FAULT
    assert "is not empty; name a folder that is new" in capsys.readouterr().err
    text = (whole / CLEAN).read_text().replace("/ 100", "/ 1000")
    (whole / CLEAN).write_text(text)
    (whole / "expect.yaml").unlink()
    assert main(["fold", *asked, str(tmp_path / "none")]) == EXIT_FAULT
    assert "There is no folder" in capsys.readouterr().err
    assert main(["fold", *asked, str(whole)]) == 0
    assert capsys.readouterr().out == f"{EUROS}: change.diff, expect.yaml\n"
    assert read_tree(package, EUROS)[CLEAN] == text.encode()
    assert main(["fold", str(package.folder), "wrong/no-such-tree"]) == EXIT_FAULT
    assert "has no folder wrong/no-such-tree" in capsys.readouterr().err


def test_a_tree_that_no_longer_fits_is_folded_anew(package: ProjectPackage, tmp_path: Path) -> None:
    asked, whole = [str(package.folder), EUROS], tmp_path / "whole"
    assert main(["unfold", *asked, str(whole)]) == 0
    path = package.folder / "reference" / CLEAN
    path.write_text(path.read_text().replace("int(cents)", "int(pence)"))
    assert main(["fold", *asked]) == EXIT_FAULT
    assert main(["fold", *asked, str(whole)]) == 0
    assert b"int(cents) / 100" in read_tree(package, EUROS)[CLEAN]


def test_whole_files_put_into_an_overlay_are_folded_in_place(package: ProjectPackage) -> None:
    folder = package.folder / "wrong" / "clean-writes-pence"
    shutil.copytree(package.folder / EUROS, folder)
    (folder / "change.diff").unlink()
    (folder / "pipeline").mkdir()
    (folder / CLEAN).write_bytes(read_tree(package, EUROS)[CLEAN])
    assert main(["fold", str(package.folder), "wrong/clean-writes-pence"]) == 0
    assert read_folder(folder) == read_folder(package.folder / EUROS)
    assert not (folder / "pipeline").exists()


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda path: path.name)
def test_our_packages_hold_every_overlay_folded(folder: Path) -> None:
    package = load(folder)
    for name in (*list_right(package)[1:], *list_wrong(package)):
        assert read_folder(folder / name) == fold(package, name, read_tree(package, name)), name
