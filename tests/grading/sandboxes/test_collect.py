"""Only plain files that were asked for are taken out; everything else is named, never opened."""

import os
import socket
from contextlib import chdir
from pathlib import Path

import pytest

from grading.sandboxes.collect import collect, printable


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def taken(tmp_path, out):
    into = tmp_path / "taken"
    into.mkdir()

    def take(**expected):
        collection = collect(str(out), str(into), {name.replace("__", "."): size for name, size in expected.items()})
        assert sorted(path.name for path in into.iterdir()) == collection.files
        return collection.files, {refused.name: refused.why for refused in collection.refused}

    take.into = into
    return take


def test_an_expected_file_is_copied_byte_by_byte(out, taken):
    data = os.urandom(3 << 20)
    (out / "rows.parquet").write_bytes(data)
    assert taken(rows__parquet=3) == (["rows.parquet"], {})
    assert (taken.into / "rows.parquet").read_bytes() == data
    assert (taken.into / "rows.parquet").stat().st_mode & 0o777 == 0o644


def test_an_empty_file_is_taken(out, taken):
    (out / "rows.parquet").touch()
    assert taken(rows__parquet=1) == (["rows.parquet"], {})


def test_what_was_not_asked_for_stays(out, taken):
    (out / "model.pkl").write_bytes(b"cos\nsystem\n")
    assert taken(rows__parquet=1) == ([], {"model.pkl": "was not asked for"})


def test_a_symbolic_link_is_not_followed(out, taken):
    (out / "rows.parquet").symlink_to("/etc/passwd")
    assert taken(rows__parquet=1) == ([], {"rows.parquet": "is a symbolic link"})


def test_a_fifo_does_not_hold_us_up(out, taken):
    os.mkfifo(out / "rows.parquet")
    assert taken(rows__parquet=1) == ([], {"rows.parquet": "is a FIFO"})


def test_a_socket_is_named(out, taken, monkeypatch):
    monkeypatch.chdir(out)
    socket.socket(socket.AF_UNIX).bind("rows.parquet")
    assert taken(rows__parquet=1) == ([], {"rows.parquet": "is a socket"})


def test_a_folder_is_named_and_never_walked(out, taken):
    deep = out / "rows.parquet"
    deep.mkdir()
    with chdir(deep):
        for _ in range(100):
            Path("d" * 50).mkdir()
            os.chdir("d" * 50)
    assert taken(rows__parquet=1) == ([], {"rows.parquet": "is a folder"})


def test_a_hard_link_is_refused(out, taken):
    (out / "rows.parquet").write_text("x")
    os.link(out / "rows.parquet", out / "twin")
    assert taken(rows__parquet=1, twin=1) == ([], {"rows.parquet": "is a hard link", "twin": "is a hard link"})


def test_a_file_over_its_size_is_refused(out, taken):
    (out / "rows.parquet").write_bytes(bytes((5 << 20) + 1))
    assert taken(rows__parquet=5) == ([], {"rows.parquet": "is larger than 5 MB"})


def test_a_sparse_file_counts_by_what_it_claims(out, taken):
    with (out / "rows.parquet").open("wb") as file:
        file.truncate(10 << 30)
    assert taken(rows__parquet=0.5) == ([], {"rows.parquet": "is larger than 0.5 MB"})


@pytest.mark.parametrize(
    "name", ["-rf", "..x", ".hidden", "a b", "new\nline", "\x1b[2J", "bidi\u202e", "x" * 101, "ﬁle"]
)
def test_an_odd_name_is_refused_and_shown_harmlessly(out, taken, name):
    (out / name).touch()
    files, refused = taken(rows__parquet=1)
    assert files == []
    (shown,) = refused
    assert refused[shown] == "has a name we do not take"
    assert shown.isascii()
    assert shown.isprintable()


def test_a_name_that_is_no_text_is_refused(out, taken):
    (out / os.fsdecode(b"\xff\xfe")).touch()
    assert taken(rows__parquet=1) == ([], {r"\\xff\\xfe": "has a name we do not take"})


def test_no_more_than_fifty_refusals_are_told(out, taken):
    for number in range(60):
        (out / str(number)).touch()
    assert len(taken(rows__parquet=1)[1]) == 50


def test_a_name_is_cut_when_it_is_shown():
    assert len(printable("x" * 500)) == 120


def test_nothing_is_taken_when_nothing_is_wanted(out):
    (out / "rows.parquet").touch()
    assert collect(str(out), None, {"rows.parquet": 1}).files == []


def test_what_the_jail_wrote_is_taken_out_of_it(run, open_folder):
    program = """
import os
os.chdir("/work/out")
open("rows.csv", "w").write("a,b")
os.symlink("/etc/passwd", "link.csv")
open("more.csv", "w").write("x" * 2_000_000)
os.chmod("rows.csv", 0o000)
"""
    expected = {"rows.csv": 1, "link.csv": 1, "more.csv": 1, "missing.csv": 1}
    ending = run(program, collect=open_folder, expected=expected)
    refused = {refused.name: refused.why for refused in ending.refused}
    assert refused == {"link.csv": "is a symbolic link", "more.csv": "is larger than 1 MB"}
    assert ending.files == ("rows.csv",)


def test_bytes_are_taken_even_of_a_run_that_was_ended(run, open_folder):
    program = "import time\nopen('/work/out/rows.csv', 'w').write('a')\ntime.sleep(60)"
    ending = run(program, wall_s=3, collect=open_folder, expected={"rows.csv": 1})
    assert (ending.files, (open_folder / "rows.csv").read_text()) == (("rows.csv",), "a")
