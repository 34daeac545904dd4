"""Folders and answers are kept by digest."""

import os
import resource
import subprocess
from pathlib import Path

import pytest

from grading.store import BLOBS, MEMO, TREES, Store, StoreDown, StoreFault


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


def test_what_is_put_or_recalled_again_is_new_and_only_what_is_old_goes(store: Store) -> None:
    digest = store.put_files({"a": b"1"})
    store.remember("b" * 64, [1])
    for room in (BLOBS, TREES, MEMO):
        for path in (store.root / room).glob("*/*"):
            os.utime(path, (1, 1))
    old = [kept for room in (BLOBS, TREES, MEMO) for kept in store.list_kept(room)]
    assert [kept.age > 1e9 for kept in old] == [True] * 3
    store.put_files({"a": b"1"})
    assert store.recall("b" * 64) == [1]
    assert [store.discard(kept, younger=60) for kept in old] == [False] * 3
    assert (store.read(digest, "a"), store.recall("b" * 64)) == (b"1", [1])
    assert [store.discard(kept, younger=-1) for kept in old] == [True] * 3
    assert store.recall("b" * 64) is None
    with pytest.raises(StoreFault, match="No folder"):
        store.entries(digest)
    assert list((store.root / "scratch").iterdir()) == []


def test_what_is_asked_for_while_it_is_being_discarded_comes_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.put_files({"a": b"1"})
    (kept,) = store.list_kept(BLOBS)
    place = store.root / "blobs" / kept.name[:2] / kept.name[2:]
    os.utime(place, (1, 1))
    real = Path.rename
    # Somebody puts the same bytes between our look and our move.
    monkeypatch.setattr(Path, "rename", lambda path, to: (store.put_files({"a": b"1"}), real(path, to))[1])
    assert not store.discard(kept, younger=60)
    assert store.read(digest, "a") == b"1"


def test_what_a_killed_process_was_about_to_discard_comes_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = store.put_files({"a": b"1"})
    (kept,) = store.list_kept(BLOBS)
    with monkeypatch.context() as killed:
        killed.setattr(Path, "unlink", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.discard(kept, younger=-1)
    with pytest.raises(StoreFault, match="is not here"):
        store.read(digest, "a")
    with store.alone():
        assert store.read(digest, "a") == b"1"


def test_a_file_that_is_gone_from_a_folder_is_said_by_name(store: Store, tmp_path: Path) -> None:
    digest = store.put_files({"lost.csv": b"1"})
    (kept,) = store.list_kept(BLOBS)
    store.discard(kept, younger=-1)
    for ask in (lambda: store.read(digest, "lost.csv"), lambda: store.fetch(digest, tmp_path / "out")):
        with pytest.raises(StoreFault, match=r"lost.csv.*is not here"):
            ask()


def test_what_killed_processes_left_is_cleared_after_a_day(store: Store) -> None:
    for name in ("run-old", "run-new"):
        (store.root / "scratch" / name / "deep").mkdir(parents=True)
    (store.root / "scratch" / "half").write_text("x")
    for name in ("run-old", "half"):
        os.utime(store.root / "scratch" / name, (1, 1))
    assert store.clear_scratch() == 2
    assert [path.name for path in (store.root / "scratch").iterdir()] == ["run-new"]


def test_a_full_disk_is_a_fault_and_leaves_nothing_half_kept(tmp_path: Path) -> None:
    disk = tmp_path / "small"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        store = Store(disk / "store")
        kept = store.put_files({"a": b"1"})
        with pytest.raises(StoreDown, match="No space left"):
            store.put_files({"big": b"x" * 2**21})
        with pytest.raises(StoreDown, match="No space left"):
            store.put(write(tmp_path / "in", big="x" * 2**21))
        assert list((store.root / "scratch").iterdir()) == []
        assert store.put_files({"a": b"1"}) == kept
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(StoreDown, match="Read-only file system"):
            store.put_files({"b": b"2"})
        assert store.read(kept, "a") == b"1"
        with pytest.raises(StoreDown, match="cannot be made at"):
            Store(disk / "another")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_file_above_the_limit_of_the_process_is_a_fault_of_the_store(store: Store) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StoreDown, match="File too large"):
            store.put_files({"a": b"x" * 2000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((store.root / "scratch").iterdir()) == []


def test_a_damaged_answer_is_a_fault_and_not_forgotten(store: Store) -> None:
    store.remember("a" * 64, [1])
    (store.root / "memo" / "aa" / ("a" * 62)).write_text("[1")
    with pytest.raises(StoreFault, match="damaged"):
        store.recall("a" * 64)
