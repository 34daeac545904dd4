"""Makes one command of several that are alike, and takes apart what comes of it. Knows not who waits for what.

Examinations and programs are told apart: the former share the examiner's imports, the latter those of the learner's
libraries. Inside, the inputs of case i lie under /work/cases/i, and its files come out as <i>--<file>.
"""

import json
import shutil
import tempfile
from collections.abc import Hashable, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

from grading import inside
from grading.sandboxes.base import Command, Exit, Mount, Sandbox, SandboxFault
from grading.sandboxes.flavours import choose_flavour
from grading.sandboxes.output import disarm

EXAMINER = ("-m", "grading.examine")
SEVERAL = ("-m", "grading.examine_several")
PROGRAM = Path(__file__).with_name("run_several.py")
SAID = ("said.stdout", "said.stderr")
SAID_MB, USAGE = 1.0, "usage.json"


def likeness(command: Command) -> Hashable:
    """What commands that may share a jail have in common; None for one that needs a jail of its own."""
    if command.sources or command.listener or command.argv[:1] != ("-m",) or command.collect is None:
        return None
    common = tuple(mount for mount in command.mounts if not _is_own(mount))
    flavour = EXAMINER if _examines(command) else choose_flavour(command)
    return flavour, common, command.environment, command.limits, tuple(sorted(command.variables.items())), command.cwd


def run_joined(jail: Sandbox, commands: Sequence[Command]) -> dict[int, Exit]:
    """The ends of those cases that left something, their files collected; the others are not among them."""
    with tempfile.TemporaryDirectory() as scratch:
        collected, asked = Path(scratch, "collected"), Path(scratch, "cases.json")
        collected.mkdir()
        try:
            ended = jail.run(_join(commands, collected, asked))
        except SandboxFault:
            return {}
        if ended.abnormal or ended.refused:
            return {}
        return {
            number: _tell_apart(ended, command, files, len(commands))
            for number, command in enumerate(commands)
            if (files := _hand_out(number, command, collected))
        }


def _examines(command: Command) -> bool:
    return command.argv[:2] == EXAMINER


def _is_own(mount: Mount) -> bool:
    return mount.target.startswith(f"{inside.WORK}/")


def _join(commands: Sequence[Command], collected: Path, asked: Path) -> Command:
    first, number = commands[0], len(commands)
    joined = _join_examinations(commands) if _examines(first) else _join_programs(commands, asked)
    told = {} if _examines(first) else {**dict.fromkeys(SAID, SAID_MB), USAGE: SAID_MB}
    limits = first.limits
    return replace(
        joined,
        limits=replace(
            limits,
            cpu_s=limits.cpu_s * number,
            wall_s=limits.wall_s * number,
            out_mb=limits.out_mb * number,
            out_files=limits.out_files * number,
        ),
        mounts=(*_own_mounts(commands), *joined.mounts),
        collect=collected,
        expected={
            f"{case}{inside.SEPARATOR}{name}": size
            for case, command in enumerate(commands)
            for name, size in {**command.expected, **told}.items()
        },
    )


def _join_examinations(commands: Sequence[Command]) -> Command:
    first = commands[0]
    common = tuple(mount for mount in first.mounts if not _is_own(mount))
    return replace(first, argv=(*SEVERAL, *(":".join(command.argv[2:4]) for command in commands)), mounts=common)


def _join_programs(commands: Sequence[Command], asked: Path) -> Command:
    first = commands[0]
    told = {
        "modules": choose_flavour(first),
        "separator": inside.SEPARATOR,
        "output_kb": first.limits.output_kb,
        "cases": [_describe(command) for command in commands],
    }
    asked.write_text(json.dumps(told))
    mounts = (Mount(PROGRAM, f"{inside.OURS}/{PROGRAM.name}"), Mount(asked, f"{inside.OURS}/{asked.name}"))
    return replace(first, argv=(f"{inside.OURS}/{PROGRAM.name}",), mounts=mounts, cwd=inside.WORK)


def _describe(command: Command) -> dict[str, object]:
    # The same for every case, so that what a program makes of its paths does not hang on its neighbours.
    argv = [word.replace(f"{inside.INPUTS}/", "/tmp/now/in/") for word in command.argv]  # noqa: S108 - a path inside
    return {
        "argv": argv,
        "cpu_s": ceil(command.limits.cpu_s),
        "wall_s": command.limits.wall_s,
        "expected": dict(command.expected),
    }


def _own_mounts(commands: Sequence[Command]) -> list[Mount]:
    return [
        Mount(mount.source, mount.target.replace(inside.WORK, f"{inside.WORK}/cases/{case}", 1))
        for case, command in enumerate(commands)
        for mount in command.mounts
        if _is_own(mount)
    ]


def _hand_out(number: int, command: Command, collected: Path) -> dict[str, Path]:
    """This case's files, by their own names; those that were asked for lie where its command wants them."""
    prefix = f"{number}{inside.SEPARATOR}"
    files = {path.name.removeprefix(prefix): path for path in collected.glob(f"{prefix}*")}
    for name in command.expected.keys() & files.keys():
        if command.collect:
            files[name] = Path(shutil.move(files[name], command.collect / name))
    return files


def _tell_apart(ended: Exit, command: Command, files: dict[str, Path], cases: int) -> Exit:
    """The end of one case. Programs told what each used; examinations share what the jail did."""
    own = tuple(sorted(command.expected.keys() & files.keys()))
    if USAGE not in files:
        return replace(ended, cpu_s=ended.cpu_s / cases, files=own)
    usage = json.loads(files[USAGE].read_text())
    stdout, stderr = (disarm(files[name].read_bytes()) for name in SAID)
    return replace(ended, **usage, stdout=stdout, stderr=stderr, files=own)
