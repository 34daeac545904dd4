"""Whatever a tree does, it gets a sentence of its own, and the grader goes on with the next."""

from collections.abc import Callable

import pytest

from grading.verdict import Outcome

pytestmark = pytest.mark.attack

START = '"""Milestone 1'
MAIN = '\nif __name__ == "__main__":\n    main()\n'


def first(code: str) -> Callable[[str], str]:
    """Do this before anything else."""
    return lambda source: f"{code}\n{source}"


def afterwards(code: str) -> Callable[[str], str]:
    """Do this once the reference has written everything; `out` is the output folder."""
    return lambda source: (
        f"{source}\nimport sys, pathlib\nout = pathlib.Path(sys.argv[sys.argv.index('--out') + 1])\n{code}\n"
    )


REWRITE = """
import pandas
path = out / "transactions.parquet"
sales = pandas.read_parquet(path)
{change}
sales.to_parquet(path, index=False)
"""

BROKEN = {
    "does not import": (first("import no_such_package"), "No module named 'no_such_package'"),
    "does not parse": (first("def broken(:"), "SyntaxError"),
    "raises": (first("raise RuntimeError('it rained')"), "RuntimeError: it rained"),
    "loops for ever": (first("while True: pass"), "6 seconds of processor time"),
    "sleeps for ever": (first("import time; time.sleep(10_000)"), "after 12 seconds"),
    "eats memory": (first("hoard = [bytearray(2**20) for _ in range(10_000)]"), "more than 1024 MB of memory"),
    "prints for ever": (first("while True: print('x' * 10_000)"), "printed more than"),
    "makes a FIFO": (
        afterwards("import os; os.mkfifo(out / 'pipe')"),
        "Operation not permitted",
    ),
    "exits badly": (first("import sys; sys.exit(3)"), "exit code 3"),
}

FAILED = {
    "writes nothing": (first("import os; os._exit(0)"), "transactions.parquet"),
    "writes an empty file": (afterwards("(out / 'transactions.parquet').write_bytes(b'')"), "transactions.parquet"),
    "writes text": (afterwards("(out / 'transactions.parquet').write_text('a,b')"), "transactions.parquet"),
    "writes a pickle": (
        afterwards("import pickle; (out / 'transactions.parquet').write_bytes(pickle.dumps([1]))"),
        "pickle",
    ),
    "writes a link": (
        afterwards("p = out / 'transactions.parquet'; p.unlink(); p.symlink_to('/etc/passwd')"),
        "symbolic link",
    ),
    "lacks a column": (afterwards(REWRITE.format(change="del sales['amount_raw']")), "amount_raw"),
    "has a wrong type": (
        afterwards(REWRITE.format(change="sales['line_no'] = sales.line_no.astype(str)")),
        "line_no",
    ),
    "has missing values": (
        afterwards(REWRITE.format(change="sales.loc[:9, 'txn_id'] = None")),
        "txn_id",
    ),
    "writes ten gigabytes of nothing": (
        afterwards("import os; os.truncate(out / 'transactions.parquet', 10 * 2**30)"),
        None,
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_code_that_does_not_run_is_broken_with_a_reason(grader, what: str) -> None:  # type: ignore[no-untyped-def]
    change, words = BROKEN[what]
    verdict = grader.judge("ingest", ingest=change)
    assert verdict.outcome is Outcome.BROKEN, verdict
    assert words in verdict.sentence
    assert grader.judge("ingest").outcome is Outcome.PASSED, "the next one is judged as ever"


@pytest.mark.parametrize("what", FAILED)
def test_artefacts_out_of_shape_are_refused_by_name(grader, what: str) -> None:  # type: ignore[no-untyped-def]
    change, words = FAILED[what]
    verdict = grader.judge("ingest", ingest=change)
    if words is None:  # the file's size limit ends the process before there is an artefact to look at
        assert verdict.outcome is Outcome.BROKEN
    else:
        assert verdict.outcome is Outcome.FAILED, verdict.sentence
        assert words in verdict.sentence


def test_a_service_that_never_answers_is_told_so(grader) -> None:  # type: ignore[no-untyped-def]
    silent = "import time\nasync def app(scope, receive, send):\n    time.sleep(10_000)\n"
    verdict = grader.judge("deploy", serve=silent)
    assert verdict.outcome is Outcome.FAILED
    assert "answer" in verdict.sentence


def test_a_service_that_does_not_start_is_told_why(grader) -> None:  # type: ignore[no-untyped-def]
    verdict = grader.judge("deploy", serve="raise RuntimeError('no model today')")
    assert verdict.outcome is Outcome.BROKEN
    assert "no model today" in verdict.sentence
