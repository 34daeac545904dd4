"""A traceback is trimmed to the learner's own files; whatever else was printed is not taken for one."""

import pytest

from frontend.tracebacks import trim_traceback

LONG = """rows: 12
Traceback (most recent call last):
  File "pipeline/clean.py", line 31, in <module>
    main()
    ~~~~^^
  File "pipeline/clean.py", line 12, in main
    table = pandas.read_csv(path)
  File "…/pandas/io/parsers/readers.py", line 1026, in read_csv
    return _read(filepath_or_buffer, kwds)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "…/pandas/io/common.py", line 873, in get_handle
    handle = open(
  File "<frozen codecs>", line 322, in decode
FileNotFoundError: [Errno 2] No such file or directory: 'data/raw/sales.csv'
and its second line
"""


def test_frames_of_libraries_are_counted_and_own_ones_shown() -> None:
    assert trim_traceback(LONG) == (
        "Traceback (most recent call last):\n"
        '  File "pipeline/clean.py", line 31, in <module>\n'
        "    main()\n"
        "    ~~~~^^\n"
        '  File "pipeline/clean.py", line 12, in main\n'
        "    table = pandas.read_csv(path)\n"
        "  … 3 steps inside libraries\n"
        "FileNotFoundError: [Errno 2] No such file or directory: 'data/raw/sales.csv'\n"
        "and its second line"
    )


def test_of_several_the_last_one_counts() -> None:
    first = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nKeyError: 1\n'
    between = "\nDuring handling of the above exception, another exception occurred:\n\n"
    last = 'Traceback (most recent call last):\n  File "b.py", line 2, in <module>\nValueError: 2'
    assert trim_traceback(first + between + last) == last


def test_code_that_python_cannot_read_has_no_traceback_but_a_place() -> None:
    said = '  File "pipeline/clean.py", line 3\n    def (:\n        ^\nSyntaxError: invalid syntax'
    assert trim_traceback(f"before\n{said}\n") == said


def test_a_library_between_own_frames_is_left_out_where_it_stands() -> None:
    said = 'Traceback (most recent call last):\n  File "…/x.py", line 9, in x\n    x()\n  File "a.py", line 1, in f'
    assert trim_traceback(f"{said}\nKeyError: 'x'").split("\n")[1:3] == [
        "  … 1 step inside libraries",
        '  File "a.py", line 1, in f',
    ]


@pytest.mark.parametrize("said", ["", "done", "Traceback (most recent call last):", "Traceback\nKeyError: 1"])
def test_what_is_no_traceback_gives_none(said: str) -> None:
    assert trim_traceback(said) == ""


def test_an_endless_one_is_cut_to_its_end() -> None:
    frames = "".join(f'  File "a.py", line {number}, in f\n    f()\n' for number in range(900))
    shown = trim_traceback(f"Traceback (most recent call last):\n{frames}RecursionError: too deep").split("\n")
    assert len(shown) == 40
    assert shown[-1] == "RecursionError: too deep"
