"""Examinations that wait together share a jail; what does not come out of it well is done again alone."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from curriculum.package import load
from grading.bench import draw_of, set_up
from grading.examination import LIMITS
from grading.facilities import Facilities
from grading.gathered import Gathering
from grading.sandboxes.base import Command, Environment, Exit, Mount, Reason, Sandbox
from grading.sandboxes.choose import choose
from grading.skeleton import PROJECT
from grading.store import Store
from grading.trees import gather_trees
from grading.verdict import Outcome

PYTHON = Environment(Path("/usr/bin/python3"), "e" * 64)
ROOT = Path(__file__).resolve().parents[2]


class Jail:
    """Plays a jail: writes the files that a command may leave, all but those that it is told to lose."""

    layers = ("none",)

    def __init__(self, lose: str = "", code: int = 0) -> None:
        self.lose, self.code = lose, code
        self.begun: list[Command] = []
        self.opened = threading.Event()

    def run(self, command: Command) -> Exit:
        self.begun.append(command)
        self.opened.wait(5)
        together = command.argv[1] == "grading.examine_several"
        for name in command.expected:
            if not (together and self.lose and name.startswith(self.lose)):
                (command.collect / name).write_text(name)  # type: ignore[operator]
        return Exit(Reason.FINISHED, self.code if together else 0, 1, 1, 1)

    @contextmanager
    def serve(self, command: Command, target: str) -> Iterator[None]:
        self.begun.append(command)
        yield


def examine(folder: Path, number: int, kind: str = "clean", package: str = "p") -> Command:
    collect = folder / f"{package}{number}"
    collect.mkdir()
    mounts = (Mount(folder, "/work/produced"), Mount(folder / package, "/package"))
    argv = ("-m", "grading.examine", "checks", kind)
    return Command(argv, PYTHON, LIMITS, mounts=mounts, collect=collect, expected={"results.json": 8})


def run_all(jail: Jail, commands: list[Command]) -> list[Exit]:
    """All at once on one core, of which the first holds the jail until the others wait."""
    gathering = Gathering(jail, cores=1)  # type: ignore[arg-type]
    with ThreadPoolExecutor(len(commands)) as hands:
        ending = [hands.submit(gathering.run, command) for command in commands]
        _wait_until(lambda: len(gathering._queue) >= len(commands) - 1 and bool(jail.begun))
        jail.opened.set()
        return [end.result(5) for end in ending]


def test_a_service_its_second_instance_and_its_examiner_share_one_core(tmp_path: Path) -> None:
    jail = Jail()
    jail.opened.set()
    gathering = Gathering(jail, cores=1)  # type: ignore[arg-type]
    served, asking = Command(("-m", "uvicorn"), PYTHON, LIMITS), examine(tmp_path, 1)

    def ask() -> Exit:
        with gathering.serve(served, "app"), gathering.serve(served, "app"):
            return gathering.run(asking)

    with ThreadPoolExecutor(2) as hands:
        ends = [hand.result(5) for hand in [hands.submit(ask), hands.submit(ask)]]

    assert [end.reason for end in ends] == [Reason.FINISHED] * 2
    assert len(jail.begun) == 6


def _wait_until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(500):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to that")


def words(jail: Jail) -> list[int]:
    """How many examinations each jail held."""
    return [len(command.argv) - 2 if command.argv[1] == "grading.examine_several" else 1 for command in jail.begun]


def test_those_that_wait_share_a_jail_and_each_gets_its_own_files(tmp_path: Path) -> None:
    jail = Jail()
    commands = [examine(tmp_path, number) for number in range(4)]
    ends = run_all(jail, commands)
    assert words(jail) == [1, 3]
    assert all(end.code == 0 for end in ends)
    assert all([path.name for path in command.collect.iterdir()] == ["results.json"] for command in commands)  # type: ignore[union-attr]
    together = jail.begun[1]
    assert {mount.target for mount in together.mounts} == {*(f"/work/cases/{n}/produced" for n in range(3)), "/package"}
    assert together.limits.cpu_s == 3 * LIMITS.cpu_s


def test_a_case_that_left_nothing_is_examined_again_alone(tmp_path: Path) -> None:
    jail = Jail(lose="1--")
    commands = [examine(tmp_path, number) for number in range(4)]
    run_all(jail, commands)
    assert words(jail) == [1, 3, 1]
    assert all((command.collect / "results.json").exists() for command in commands)  # type: ignore[operator]


def test_when_a_shared_jail_ends_badly_all_are_examined_again(tmp_path: Path) -> None:
    jail = Jail(code=1)
    run_all(jail, [examine(tmp_path, number) for number in range(4)])
    assert words(jail) == [1, 3, 1, 1, 1]


def test_only_what_shares_a_package_shares_a_jail(tmp_path: Path) -> None:
    jail = Jail()
    run_all(jail, [examine(tmp_path, n, package=package) for package in ("p", "q") for n in range(3)])
    assert sorted(words(jail)) in ([1, 2, 3], [1, 1, 1, 3])


def test_what_the_jail_raises_reaches_whoever_asked(tmp_path: Path) -> None:
    class Broken(Jail):
        def run(self, command: Command) -> Exit:
            raise OSError("no jail today")

    with pytest.raises(OSError, match="no jail today"):
        Gathering(Broken()).run(examine(tmp_path, 1))  # type: ignore[arg-type]


class Counting:
    """The real jail, which remembers what it was asked."""

    def __init__(self, jail: Sandbox) -> None:
        self.jail = jail
        self.layers = jail.layers
        self.modules: list[str] = []

    def run(self, command: Command) -> Exit:
        self.modules.append(command.argv[-1] if len(command.argv) == 1 else command.argv[1])
        return self.jail.run(command)


@pytest.mark.slow
def test_a_shared_jail_says_what_a_jail_alone_says(tmp_path: Path) -> None:
    package = load(PROJECT)
    counting = Counting(choose())
    told = []
    for name, jail in (("alone", choose()), ("shared", Gathering(counting, cores=1))):  # type: ignore[arg-type]
        facilities = Facilities(Store(tmp_path / name), jail, ROOT / ".environments")
        trees = gather_trees(package, facilities.store)
        bench = set_up(package, package.milestone("clean"), draw_of(package, 1), facilities)
        every = [*trees.right.values(), *trees.wrong_at("clean").values()]
        with ThreadPoolExecutor(8) as hands:
            told.append([(link.outcome, link.results) for link in hands.map(bench.judge, every)])
    assert told[0] == told[1]
    assert {outcome for outcome, _ in told[0]} == {Outcome.PASSED, Outcome.FAILED}
    assert {"grading.examine_several", "/ours/run_several.py"} <= set(counting.modules)
