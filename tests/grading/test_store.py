"""Folders and answers are kept by digest."""

import os
from pathlib import Path

import pytest

from grading.store import Store, StoreFault


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)
    return folder


def test_equal_folders_have_equal_digests_wherever_they_lie(store: Store, tmp_path: Path) -> None:
    one = store.put(write(tmp_path / "one", a="1", b="2"))
    assert one == store.put(write(tmp_path / "two", b="2", a="1"))
    assert one == store.put_files({"b": b"2", "a": b"1"})
    assert one != store.put(write(tmp_path / "three", a="1", b="3"))


def test_a_folder_comes_back_as_it_went_in(store: Store, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", plain="x")
    write(folder / "deep" / "er", file="y")
    (folder / "plain").chmod(0o755)
    out = store.fetch(store.put(folder), tmp_path / "out")
    assert (out / "deep" / "er" / "file").read_text() == "y"
    assert os.access(out / "plain", os.X_OK)
    assert (out / "deep" / "er" / "file").stat().st_mode & 0o111 == 0


def test_what_is_fetched_is_a_copy_that_spoils_nothing(store: Store, tmp_path: Path) -> None:
    digest = store.put_files({"a": b"right"})
    (store.fetch(digest, tmp_path / "first") / "a").write_text("wrong")
    assert (store.fetch(digest, tmp_path / "second") / "a").read_text() == "right"


def test_a_link_in_a_folder_is_refused_by_name(store: Store, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", a="1")
    (folder / "passwords").symlink_to("/etc/passwd")
    with pytest.raises(StoreFault, match="passwords is neither a file nor a folder"):
        store.put(folder)


def test_a_part_of_a_folder_has_a_digest_of_its_own(store: Store) -> None:
    whole = store.put_files({"a": b"1", "b": b"2"})
    assert store.select(whole, frozenset({"a"})) == store.put_files({"a": b"1"})


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "f" * 63, "G" * 64])
def test_a_word_that_is_no_digest_reaches_no_file(store: Store, digest: str, tmp_path: Path) -> None:
    with pytest.raises(StoreFault):
        store.fetch(digest, tmp_path / "out")


@pytest.mark.parametrize("path", ["/etc/passwd", "../a", "a/../../b", "a//b", "./a", "", "a\0b"])
def test_a_path_that_leaves_the_folder_is_never_kept(store: Store, path: str) -> None:
    with pytest.raises(StoreFault, match="no path below a folder"):
        store.put_files({path: b"x"})


def test_what_is_not_kept_is_said_to_be_missing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="No folder"):
        store.fetch("a" * 64, tmp_path / "out")
    with pytest.raises(StoreFault, match="holds no 'c'"):
        store.read(store.put_files({"a": b"1"}), "c")


def test_an_answer_is_remembered_under_its_key_and_can_be_replaced(store: Store) -> None:
    assert store.recall("a" * 64) is None
    store.remember("a" * 64, {"x": 1})
    store.remember("a" * 64, {"x": 2})
    assert store.recall("a" * 64) == {"x": 2}
