"""What to import ahead is read from a command's own files, and from nothing that they do."""

from pathlib import Path

import pytest

from grading.sandboxes.base import Command, Environment, Limits, Mount
from grading.sandboxes.flavours import choose_flavour, own_names, read_flavours

ROOT = Path(__file__).parents[3]
FLAVOURS = (("pyarrow", "pyarrow.parquet"), ("pandas",), ("sklearn", "pandas"))


@pytest.fixture
def command(tmp_path):
    def command(flavours=FLAVOURS, mounts=None, cwd="/work/tree", **files: str) -> Command:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        mounts = (Mount(tmp_path, "/work/tree"),) if mounts is None else mounts
        return Command((), Environment(Path("python"), "", flavours), Limits(), mounts=mounts, cwd=cwd)

    return command


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("import pandas as pd", "pandas"),
        ("from pyarrow import parquet", "pyarrow"),
        ("import os, pandas", "pandas"),
        ("import pyarrow.parquet as pq\nimport pandas", "pandas"),
        ("def late():\n    from sklearn.linear_model import LogisticRegression", "sklearn"),
        ("\ufeffx = 1\n\nimport pandas", "pandas"),
        ("# import pandas", ""),
        ("important = 'pandas'", ""),
        ("import pandastic", ""),
        ("this is no Python ((", ""),
    ],
)
def test_the_last_flavour_whose_first_module_is_imported_is_chosen(command, text, first):
    assert choose_flavour(command(module=text))[:1] == ((first,) if first else ())


def test_all_files_of_the_command_count(command, tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "deep.py").write_text("import sklearn")
    assert choose_flavour(command(module="import pandas"))[0] == "sklearn"


def test_a_file_that_is_not_text_does_no_harm(command, tmp_path):
    (tmp_path / "odd.py").write_bytes(b"\xff\xfe import \x00\nimport \xe9\n")
    assert choose_flavour(command()) == ()


def test_a_link_out_of_the_folder_is_not_read(command, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside.py"
    outside.write_text("import pandas")
    (tmp_path / "linked.py").symlink_to(outside)
    assert choose_flavour(command()) == ()


def test_a_single_flavour_needs_no_look_and_none_is_none(command):
    assert choose_flavour(command(flavours=(("grading.kit",),), mounts=())) == ("grading.kit",)
    assert choose_flavour(command(flavours=(), module="import pandas")) == ()


def test_own_names_are_those_that_an_import_would_find_first(command, tmp_path):
    (tmp_path / "json.py").write_text("")
    (tmp_path / "native.cpython-311.so").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner.py").write_text("")
    mounts = (Mount(tmp_path, "/work/tree"), Mount(tmp_path, "/work/tree/late/x"), Mount(tmp_path, "/work/in/raw"))
    assert own_names(command(mounts=mounts)) == {"json", "native", "folder", "late"}
    assert own_names(command(mounts=mounts, cwd="/work/tree/folder")) == {"inner"}
    assert own_names(command(mounts=mounts, cwd="/work")) == {"tree", "in"}


def test_every_environments_flavours_are_in_order_and_installable():
    for path in (ROOT / "environments").glob("*/warm.txt"):
        locked = (path.parent / "requirements.txt").read_text() + (path.parent / "torch.txt").read_text()
        for flavour in read_flavours(path):
            assert flavour[0].replace("sklearn", "scikit-learn") in locked


def test_an_environment_without_a_list_has_no_flavours(tmp_path):
    assert read_flavours(tmp_path / "warm.txt") == ()
