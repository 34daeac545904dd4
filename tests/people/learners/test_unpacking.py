"""What becomes of a good upload: litter goes, a wrapping folder goes, the rest is the tree."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest

from people.learners.refusals import Refusal
from people.learners.unpacking import MAX_LIST_BYTES, read_folder, read_zip

Zip = Callable[[dict[str, str]], bytes]


def test_what_tools_leave_behind_is_left_out(zip_of: Zip) -> None:
    litter = [".git/config", "a/__pycache__/x.pyc", "x.pyc", ".venv/lib/y.py", "__MACOSX/._main.py", "build/out.py"]
    tree = read_zip(io.BytesIO(zip_of(dict.fromkeys([*litter, "data/raw/z.csv", "main.py", "notes/data/z.txt"], "x"))))
    assert sorted(tree) == ["main.py", "notes/data/z.txt"]


def test_one_folder_round_everything_is_taken_off_unless_it_is_the_package(zip_of: Zip) -> None:
    wrapped = read_zip(io.BytesIO(zip_of({"work/pipeline/a.py": "", "work/README.md": "", "work/data/x.py": ""})))
    assert sorted(wrapped) == ["README.md", "pipeline/a.py"]
    package = read_zip(io.BytesIO(zip_of({"pipeline/__init__.py": "", "pipeline/a.py": ""})))
    assert sorted(package) == ["pipeline/__init__.py", "pipeline/a.py"]


def test_odd_spellings_of_a_path_become_one(zip_of: Zip) -> None:
    assert sorted(read_zip(io.BytesIO(zip_of({"./a.py": "", "b//c.py": "", "b/./d.py": ""})))) == [
        "a.py",
        "b/c.py",
        "b/d.py",
    ]


def test_a_folder_from_a_browser_is_read_by_the_same_rules() -> None:
    files = [("work/main.py", io.BytesIO(b"1")), ("work/.git/HEAD", io.BytesIO(b"2"))]
    assert read_folder(files) == {"main.py": b"1"}
    with pytest.raises(Refusal, match="points outside") as refused:
        read_folder([("../main.py", io.BytesIO(b"1"))])
    assert refused.value.code == "outside"


def test_a_name_that_no_file_system_takes_is_refused(zip_of: Zip) -> None:
    with pytest.raises(Refusal, match="longer than"):
        read_zip(io.BytesIO(zip_of({"main.py": "", "\u00e9" * 190 + ".py": ""})))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bounds_are_refused_unread(method: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("main.py", "x")
    with pytest.raises(Refusal, match="make a plain zip"):
        read_zip(packed)


def test_a_list_of_a_million_files_is_not_even_read() -> None:
    size = MAX_LIST_BYTES + 46
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, size, 0, 0)
    with pytest.raises(Refusal, match="Far too many files") as refused:
        read_zip(io.BytesIO(b"PK\x01\x02" * (size // 4 + 1) + end))
    assert refused.value.status == 413
