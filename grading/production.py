"""Runs the learner's code in the jail and keeps the bytes it produced. Knows no check and no truth."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from curriculum.package import ProbeSpec
from grading.judging import Judging, Workspace, be_silent, fill_in, lay_out
from grading.measuring import count, step
from grading.reach import entry_module
from grading.sandboxes.base import Command, Exit, Reason, RefusedFile, SandboxFault
from grading.store import digest_of
from grading.world import REPOSITORY

PYTHON = "python"
SOURCES_START_S = 10.0


@dataclass(frozen=True, slots=True)
class Production:
    """What one run of their code left: the digest of its files, and how it ended."""

    artefact: str
    exit: Exit
    found_by_digest: bool = False


@step("produce")
def produce(judging: Judging) -> Production:
    """Run the milestone's command, or find what an equal run left."""
    words = judging.milestone.command
    with lay_out(judging, entry_module(words), words) as space:
        return _find_or_run(judging, space, words, judging.milestone.produces)


@step("probe")
def produce_probe(judging: Judging, probe: ProbeSpec, main: str, prepared: str, facts: Mapping[str, str]) -> Production:
    """Run their code once more, on inputs that the package changed; what it prints there is told to nobody."""
    store = judging.facilities.store
    with lay_out(judging, entry_module(probe.command), probe.command) as space:
        for name, digest in (("main", main), ("prepared", prepared)):
            if digest and f"{{{name}}}" in " ".join(probe.command):
                space.add(name, store.fetch(digest, space.folder / name), digest)
        space.values.update(facts)
        # Its name is part of the key: the probe that runs an equal command again must not find the first run.
        space.digests["probe"] = probe.name
        return _find_or_run(judging.on(), space, probe.command, probe.produces)


@contextmanager
def serve(judging: Judging) -> Iterator[tuple[Path, "Serving"]]:
    """Start the learner's server in the jail; gives the host's path of its socket. Its exit is known afterwards."""
    milestone = judging.milestone
    words = tuple(milestone.variables.values())
    entry = entry_module(milestone.listen) if milestone.listen else milestone.serve.partition(":")[0]
    with lay_out(judging, entry, words) as space:
        socket = space.folder / "service.sock"
        variables = dict(zip(milestone.variables, fill_in(words, space.values), strict=True))
        command = Command(
            argv=_without_python(fill_in(milestone.listen, space.values)),
            environment=judging.facilities.learner_environment(judging.package),
            limits=judging.limits,
            mounts=tuple(space.mounts),
            variables=variables,
            listener=socket,
        )
        serving = Serving()
        with judging.facilities.sandbox.serve(command, milestone.serve) as served:
            yield socket, serving
        serving.exit = served.exit


class Serving:
    """A server that is being judged: `exit` is set once it is gone."""

    exit: Exit = Exit(Reason.KILLED_BY_US, None, 0, 0, 0)


def _find_or_run(
    judging: Judging, space: Workspace, words: tuple[str, ...], produces: Mapping[str, float]
) -> Production:
    environment = judging.facilities.learner_environment(judging.package)
    argv = fill_in(words, space.values)
    key = digest_of(
        {
            "produce": argv,
            "inputs": space.digests,
            "produces": dict(produces),
            "environment": environment.digest,
            "limits": asdict(judging.limits),
        }
    )
    kept = judging.facilities.store.recall(key)
    count("artefacts_total", found="yes" if kept else "no")
    if kept:
        return _read_production(cast(dict[str, Any], kept))
    with _sources(space, "{api}" in " ".join(words)) as sources:
        made = _run(judging, space, argv, produces, sources)
    # Only a run that ended by itself is kept: what hit a limit may have hit it because this host was busy.
    if not made.exit.abnormal:
        judging.facilities.store.remember(key, asdict(made))
    return made


def _run(
    judging: Judging,
    space: Workspace,
    argv: tuple[str, ...],
    produces: Mapping[str, float],
    sources: Path | None,
) -> Production:
    collected = space.room("collected")
    command = Command(
        argv=_without_python(argv),
        environment=judging.facilities.learner_environment(judging.package),
        limits=judging.limits,
        mounts=tuple(space.mounts),
        collect=collected,
        expected=produces,
        sources=sources,
        said=None if judging.report is be_silent else judging.hear,
    )
    ended = judging.facilities.sandbox.run(command)
    return Production(judging.facilities.store.put(collected), ended)


def _without_python(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The words after the interpreter: which one that is, the environment says."""
    return argv[1:] if argv[:1] == (PYTHON,) else argv


def _read_production(kept: dict[str, Any]) -> Production:
    ended = kept["exit"]
    refused = tuple(RefusedFile(**file) for file in ended.pop("refused"))
    ended["reason"] = Reason(ended["reason"])
    return Production(kept["artefact"], Exit(**{**ended, "refused": refused, "files": tuple(ended["files"])}), True)


@contextmanager
def _sources(space: Workspace, wanted: bool) -> Iterator[Path | None]:
    """A trusted process that answers for the world's HTTP sources on a Unix socket, while their code runs."""
    if not wanted or not space.api.is_dir():
        yield None
        return
    socket = space.folder / "sources.sock"
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "worlds.api", "--folder", space.api.name, "--socket", socket.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # By their names alone: the address of a socket holds 107 letters, and a store may lie deeper than that.
        cwd=space.folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)},
    )
    try:
        _wait_for(socket, server)
        yield socket
    finally:
        server.terminate()
        server.communicate()


def _wait_for(socket: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SOURCES_START_S
    while not socket.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise SandboxFault("The server of the world's sources did not start.")
        time.sleep(0.01)
