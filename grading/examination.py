"""Lets our checks look at what was produced, in a jail of their own. Knows no learner code and no database."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from curriculum.package import PackageFault
from grading import inside
from grading.facilities import EXAMINER_ROOMS
from grading.judging import Judging
from grading.measuring import step
from grading.sandboxes.base import Command, Exit, Limits, Mount, SandboxFault
from grading.sandboxes.output import keepable
from grading.store import digest_of
from grading.verdict import Answer, CheckResult, Usage
from grading.world import REPOSITORY

LIMITS = Limits(cpu_s=60, wall_s=120, memory_mb=2048, out_mb=64, file_mb=64)
RESULTS_MB = 8.0
PREPARED_MB = 48.0
# Arrow's own allocator reserves a gigabyte at once, which would leave nothing to bound.
VARIABLES = {"PYTHONPATH": inside.OURS, "ARROW_DEFAULT_MEMORY_POOL": "system"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a package made of a probe's inputs: their digest and the facts for its command, or why it could not."""

    digest: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What is laid before the checks: the main artefact, each probe's, and what the run cost."""

    artefact: str
    probes: Mapping[str, str] = field(default_factory=dict)
    usage: Usage = Usage()
    refused: Mapping[str, str] = field(default_factory=dict)
    service: Path | None = None
    restarted: Path | None = None


@step("examine")
def ask_checks(judging: Judging, exhibit: Exhibit) -> tuple[CheckResult, ...]:
    """Every check's answer. Raises PackageFault when a check raised, SandboxFault when our own process failed."""
    key = _key(judging, exhibit)
    store = judging.facilities.store
    told = None if exhibit.service else store.recall(key)
    if told is None:
        files = _examine(judging, exhibit, "checks", {"results.json": RESULTS_MB})
        told = json.loads(files["results.json"])
        if not exhibit.service:
            store.remember(key, told)
    return _read_results(judging, told)


def prepare_probes(judging: Judging, exhibit: Exhibit, names: list[str]) -> dict[str, Prepared]:
    """The changed inputs of each named probe, made by the package's own functions, or found if made before."""
    store, key = judging.facilities.store, _key(judging, exhibit, prepare=names)
    if kept := cast(dict[str, dict[str, Any]] | None, store.recall(key)):
        return {name: Prepared(**told) for name, told in kept.items()}
    made = _prepare(judging, exhibit, names)
    store.remember(key, {name: asdict(prepared) for name, prepared in made.items()})
    return made


def _prepare(judging: Judging, exhibit: Exhibit, names: list[str]) -> dict[str, Prepared]:
    expected = {
        f"{probe.name}{inside.SEPARATOR}{file}": size
        for probe in judging.milestone.probes
        if probe.name in names
        for file, size in (probe.prepares or _preparable(judging)).items()
    }
    files = _examine(judging, exhibit, "probes", {"prepared.json": 1.0, **expected}, prepare=names)
    told = json.loads(files.pop("prepared.json"))
    return {name: _read_prepared(judging, name, told[name], files) for name in names}


def _preparable(judging: Judging) -> Mapping[str, float]:
    """The files that a probe's inputs may be, if it does not say: what any milestone of this project produces."""
    milestones = judging.package.milestones
    return {file: PREPARED_MB for milestone in milestones for file in milestone.produces}


def _read_prepared(judging: Judging, name: str, told: dict[str, Any], files: Mapping[str, bytes]) -> Prepared:
    if "refused" in told:
        return Prepared(refused=told["refused"])
    prefix = name + inside.SEPARATOR
    own = {file.removeprefix(prefix): content for file, content in files.items() if file.startswith(prefix)}
    return Prepared(judging.facilities.store.put_files(own), told["facts"])


def _key(judging: Judging, exhibit: Exhibit, prepare: Sequence[str] = ()) -> str:
    return digest_of(
        {
            "examine": judging.milestone.kind,
            "prepare": list(prepare),
            "checks": judging.facilities.select_checks(judging.package),
            "artefact": exhibit.artefact,
            "probes": dict(exhibit.probes),
            "upstream": dict(judging.upstream),
            "refused": dict(exhibit.refused),
            "sources": judging.tree if judging.milestone.sources else "",
            "truth": judging.world.truth,
            "environment": judging.facilities.examiner_environment.digest,
        }
    )


def _examine(
    judging: Judging,
    exhibit: Exhibit,
    verb: str,
    expected: Mapping[str, float],
    prepare: list[str] | None = None,
) -> dict[str, bytes]:
    store = judging.facilities.store
    with TemporaryDirectory(dir=store.root / "scratch", prefix="exam-") as scratch:
        folder = Path(scratch)
        mounts = _lay_out(judging, exhibit, folder, prepare or [])
        collected = folder / "collected"
        collected.mkdir()
        command = Command(
            argv=("-m", "grading.examine", verb, judging.milestone.kind),
            environment=judging.facilities.examiner_environment,
            limits=LIMITS,
            mounts=mounts,
            variables=VARIABLES,
            cwd=inside.WORK,
            collect=collected,
            expected=expected,
            listener=exhibit.service,
        )
        ended = judging.facilities.sandbox.run(command)
        _insist(judging, ended, collected / ("results.json" if verb == "checks" else "prepared.json"))
        return {path.name: path.read_bytes() for path in collected.iterdir()}


def _insist(judging: Judging, ended: Exit, told: Path) -> None:
    if ended.abnormal or not told.is_file():
        last = "\n".join(ended.stderr.splitlines()[-12:])
        where = f"{judging.package.slug}/{judging.milestone.kind}"
        raise SandboxFault(f"The examiner of {where} ended: {ended.reason}, code {ended.code}.\n{last}")


def _lay_out(judging: Judging, exhibit: Exhibit, folder: Path, prepare: list[str]) -> tuple[Mount, ...]:
    fetch = judging.facilities.store.fetch
    asked = {
        "probes": sorted(exhibit.probes),
        "upstream": sorted(judging.upstream),
        "usage": asdict(exhibit.usage),
        "refused": dict(exhibit.refused),
        "facts": dict(judging.world.facts),
        "prepare": prepare,
        "sources": judging.read_sources() if judging.milestone.sources else {},
        "memory_mb": LIMITS.memory_mb * 3 // 4,
    }
    (folder / "asked.json").write_text(json.dumps(asked))
    folders = {"produced": exhibit.artefact, "truth": judging.world.truth}
    folders |= {f"probes/{name}": digest for name, digest in exhibit.probes.items()}
    folders |= {f"upstream/{kind}": digest for kind, digest in judging.upstream.items()}
    mounts = [Mount(fetch(digest, folder / name), f"{inside.WORK}/{name}") for name, digest in folders.items()]
    mounts += [Mount(REPOSITORY / room, f"{inside.OURS}/{room}") for room in EXAMINER_ROOMS]
    if exhibit.restarted:
        mounts.append(Mount(exhibit.restarted, f"{inside.WORK}/restarted.sock"))
    return (
        *mounts,
        Mount(folder / "asked.json", f"{inside.WORK}/asked.json"),
        Mount(judging.facilities.lay_out_checks(judging.package), inside.PACKAGE),
    )


def _read_results(judging: Judging, told: Any) -> tuple[CheckResult, ...]:
    if "fault" in told:
        raise PackageFault(f"{judging.package.slug}/{judging.milestone.kind}/checks.py: {told['fault']}")
    return tuple(_read_result(answer) for answer in told["answers"])


def _read_result(answer: dict[str, Any]) -> CheckResult:
    answer = keepable(answer)
    plain = {**answer, "answer": Answer(answer["answer"])}
    plain["details"] = tuple(answer["details"])
    plain["skills"] = tuple(answer["skills"])
    return CheckResult(**plain)
