"""A published package is read once in each process, whatever many runs ask for it, and laid out again if it is gone."""

import shutil
from pathlib import Path

from grading.facilities import open_package
from grading.store import Store

TINY = Path(__file__).resolve().parents[1] / "fixtures" / "packages" / "tiny"


def test_it_is_read_once_and_another_edition_for_itself(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "store"), shutil.copytree(TINY, tmp_path / "other")
    (other / "project.yaml").write_text((TINY / "project.yaml").read_text().replace("title: Tiny", "title: Newer"))
    digest, newer = store.put(TINY), store.put(other)
    first = open_package(store, digest)
    assert open_package(store, digest) is first
    assert (first.title, open_package(store, newer).title) == ("Tiny", "Newer")


def test_a_folder_that_was_cleared_away_is_there_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    digest = store.put(TINY)
    shutil.rmtree(open_package(store, digest).folder)
    assert (open_package(store, digest).folder / "data.py").is_file()
