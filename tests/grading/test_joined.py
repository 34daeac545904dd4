"""Programs that wait together share a jail and its imports; each still leaves, says and costs what is its own."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from grading.gathered import Gathering
from grading.joined import likeness, run_joined
from grading.sandboxes.base import Command, Environment, Exit, Limits, Mount, Reason
from grading.sandboxes.choose import choose

ROOT = Path(__file__).resolve().parents[2]
PLAIN = Environment(Path("/usr/bin/python3"), "e" * 64)
LEARNERS = Environment(ROOT / ".environments" / "ml" / "bin" / "python", "l" * 64, (("json",), ("numpy",)))
ARGV = ("-m", "pipeline.clean", "--in", "/work/in/ingest", "--out", "/work/out")
BEGIN = """
import json, sys, pathlib
where, out = sys.argv[2], sys.argv[4]
read = (pathlib.Path(where) / "rows.txt").read_text()
"""
GOOD = "import pathlib; print('made', where); (pathlib.Path(out) / 'rows.txt').write_text(read)"


def command(folder: Path, name: str, code: str = GOOD, environment: Environment = PLAIN) -> Command:
    """A tree whose clean runs this code, which knows `where` its input lies, what it `read` there, and `out`."""
    tree, given, collect = (folder / name / part for part in ("tree", "given", "collect"))
    for made in (tree / "pipeline", given, collect):
        made.mkdir(parents=True)
    (given / "rows.txt").write_text(name)
    (tree / "pipeline" / "clean.py").write_text(BEGIN + code)
    mounts = (Mount(tree, "/work/tree"), Mount(given, "/work/in/ingest"))
    return Command(ARGV, environment, Limits(wall_s=20), mounts, collect=collect, expected={"rows.txt": 1})


def test_what_needs_a_jail_of_its_own_is_like_nothing(tmp_path: Path) -> None:
    plain = command(tmp_path, "plain")
    assert likeness(plain) == likeness(command(tmp_path, "other")) is not None
    socket = tmp_path / "socket"
    alone = [replace(plain, sources=socket), replace(plain, listener=socket), replace(plain, argv=("-c", "pass"))]
    assert [likeness(one) for one in alone] == [None] * 3
    assert likeness(replace(plain, limits=Limits(cpu_s=1))) != likeness(plain)
    assert likeness(command(tmp_path, "far", "import numpy\n" + GOOD, LEARNERS)) != likeness(
        command(tmp_path, "near", GOOD, LEARNERS)
    ), "what imports other libraries waits for another jail"


def test_a_fault_in_a_shared_jail_reaches_everybody_who_waits(tmp_path: Path) -> None:
    begun, go = threading.Event(), threading.Event()

    class Jail:
        def run(self, command: Command) -> Exit:
            begun.set()
            go.wait(5)
            if len(command.expected) > 1:
                (command.collect / "0--usage.json").write_text("no JSON")  # type: ignore[operator]
            return Exit(Reason.FINISHED, 0, 1, 1, 1)

    gathering = Gathering(Jail(), cores=1)  # type: ignore[arg-type]
    with ThreadPoolExecutor(3) as hands:
        first = hands.submit(gathering.run, command(tmp_path, "first"))
        begun.wait(5)
        others = [hands.submit(gathering.run, command(tmp_path, name)) for name in ("second", "third")]
        while len(gathering._queue) < 2:
            threading.Event().wait(0.01)
        go.set()
        assert first.result(5).reason is Reason.FINISHED
        for other in others:
            with pytest.raises(json.JSONDecodeError):
                other.result(5)


BAD = {
    "fails": "sys.exit(1)",
    "leaves-more": GOOD + "; (pathlib.Path(out) / 'more.txt').write_text('?')",
    "leaves-a-link": "(pathlib.Path(out) / 'rows.txt').symlink_to('/etc/hosts')",
    "leaves-too-much": "(pathlib.Path(out) / 'rows.txt').write_text('x' * 2_000_000)",
    "leaves-a-child": "import os, time\nif os.fork():\n    raise SystemExit(3)\ntime.sleep(60)",
}


@pytest.mark.slow
def test_each_program_leaves_its_own_and_what_is_odd_is_left_to_a_jail_of_its_own(tmp_path: Path) -> None:
    good = [command(tmp_path, name, environment=LEARNERS) for name in ("anna", "bert")]
    bad = [command(tmp_path, name, code, LEARNERS) for name, code in BAD.items()]
    shadow = command(tmp_path, "shadow", environment=LEARNERS)
    (shadow.mounts[0].source / "json.py").write_text("dumps = None")
    last = command(tmp_path, "last", environment=LEARNERS)

    ends = run_joined(choose(), [good[0], *bad, shadow, good[1], last])

    assert sorted(ends) == [0, len(bad) + 2, len(bad) + 3]
    assert [(one.collect / "rows.txt").read_text() for one in (*good, last)] == ["anna", "bert", "last"]  # type: ignore[operator]
    assert {end.stdout.strip() for end in ends.values()} == {"made /tmp/now/in/ingest"}
    assert all(end.files == ("rows.txt",) and 0 < end.cpu_s < 5 and end.memory_mb > 5 for end in ends.values())
    assert [list(one.collect.iterdir()) for one in bad] == [[]] * len(bad)  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_program_ends_in_company_as_it_ends_alone(tmp_path: Path) -> None:
    says = "print('out'); print('err', file=sys.stderr); " + GOOD
    alone = choose().run(command(tmp_path, "alone", says, LEARNERS))
    company = run_joined(choose(), [command(tmp_path, name, says, LEARNERS) for name in ("one", "two")])
    assert [(end.reason, end.code, end.files, end.stderr) for end in company.values()] == [
        (alone.reason, alone.code, alone.files, alone.stderr)
    ] * 2
