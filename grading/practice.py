"""Judges a learner's own tree on their own practice world, on their own machine: the client's half of the engine.

`python -m grading.practice` reads what is asked as one line of JSON from stdin, and writes lines of JSON: what happens,
and at last {"run": …} in the words of the API, or {"fault": …}. It is handed everything: the public part of a package,
a world with its truth, a zip of the tree, what is lent. It knows no server, no hidden world and no reference.
"""

import json
import shutil
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TextIO, cast

from curriculum.package import PackageFault, ProjectPackage, load
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes.bare import Bare
from grading.sandboxes.base import Environment, Sandbox, SandboxFault
from grading.sandboxes.choose import VARIABLE, choose
from grading.store import Store, StoreFault, digest_of
from grading.verdict import CheckResult, MilestoneVerdict, Outcome, Verdict
from grading.world import Draw, World, adopt_world

KEPT = frozenset({Outcome.PASSED, Outcome.FAILED})
SHOWN = (
    *("name", "question", "answer", "sentence", "expected", "found", "details", "plot", "measured", "mark"),
    *("skills", "level", "points", "required"),
)


@dataclass(frozen=True)
class OwnPython(Facilities):
    """Facilities whose learner's interpreter is the one that the learner named, whatever is installed in it."""

    python: Path = Path()
    told: str = ""

    def learner_environment(self, package: ProjectPackage) -> Environment:
        return Environment(self.python, self.told)


@dataclass(frozen=True)
class Asked:
    """What one check is told: paths of this machine, and how much of a jail is wanted."""

    package: Path
    data: Path
    tree: Path
    kind: str
    store: Path
    environments: Path
    python: str = ""
    python_digest: str = ""
    jail: bool = True
    again: bool = False


def read_asked(line: str) -> Asked:
    told = json.loads(line)
    paths = {name: Path(told[name]) for name in ("package", "data", "tree", "store", "environments")}
    return Asked(**{**told, **paths})


def practise(asked: Asked, store: Store, out: TextIO) -> dict[str, object]:
    """What the API would say of such a run. An equal check is found, not judged again, unless it is asked to be.

    Raises SandboxFault where a server would call the run void: here the machine at fault is the learner's own.
    """
    facilities = open_facilities(asked, store)
    package = load(asked.package)
    world = take_world(asked.data, facilities.store)
    job = Job(
        package=facilities.store.put(package.folder),
        kind=asked.kind,
        tree=facilities.store.put_files(read_tree(asked.tree)),
        draw=Draw(0, 0, world.digest),
        lent=take_lent(asked.data, package, facilities.store),
    )
    adopt_world(package, job.draw, world, facilities.store)
    key = _key(job, package, world, facilities, asked)
    kept = None if asked.again else facilities.store.recall(key)
    if kept is not None:
        return _as_found(cast(dict[str, Any], kept))
    # Trying whether a jail holds takes longer than finding an answer, so it is tried where there is none.
    facilities = replace(facilities, sandbox=choose_local(asked.jail, facilities.store.root / "scratch"))

    def report(milestone: str, text: str, kind: str = "step", /) -> None:
        _write(out, {"milestone": milestone, "text": text, "kind": str(kind)})

    verdict = grade(job, facilities, report)
    if verdict.outcome is Outcome.VOID:
        raise SandboxFault(verdict.digests["cause"])
    told = {**describe(verdict), "layers": list(facilities.sandbox.layers)}
    if verdict.outcome in KEPT:
        facilities.store.remember(key, told)
    return told


def open_facilities(asked: Asked, store: Store) -> Facilities:
    """Facilities without a jail as yet."""
    sandbox = Bare(store.root / "scratch")
    if not asked.python:
        return Facilities(store, sandbox, asked.environments)
    return OwnPython(store, sandbox, asked.environments, Path(asked.python), asked.python_digest)


def choose_local(jail: bool, scratch: Path) -> Sandbox:
    """The weakest of the server's jails where this machine gives it and it is wanted; else none at all."""
    if jail and sys.platform == "linux" and shutil.which("bwrap"):
        try:
            return choose({VARIABLE: "weak"})
        except SandboxFault:
            return Bare(scratch)
    return Bare(scratch)


def take_world(data: Path, store: Store) -> World:
    """The practice world that lies in a learner's data/."""
    facts: Mapping[str, str] = json.loads((data / "facts.json").read_text())
    return World(store.put(data / "raw"), store.put(data / "truth"), facts)


def take_lent(data: Path, package: ProjectPackage, store: Store) -> dict[str, str]:
    """The artefacts that lie beside the practice world: those of milestones that are lent, as the server made them."""
    listed = data / "lent" / "kinds.json"
    kinds: list[str] = json.loads(listed.read_text()) if listed.is_file() else []
    folders = {kind: data / "lent" / kind for kind in kinds}
    return {
        kind: store.put(folder) if folder.is_dir() else store.put_files({})
        for kind, folder in folders.items()
        if kind in package.kinds
    }


def read_tree(packed: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(packed) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}


def describe(verdict: Verdict) -> dict[str, object]:
    """The verdict as the API shows a run."""
    return {
        "outcome": verdict.outcome,
        "sentence": verdict.sentence,
        "guilty": verdict.guilty,
        "digests": dict(verdict.digests),
        "chain": [_describe_link(link) for link in verdict.chain],
    }


def _describe_link(link: MilestoneVerdict) -> dict[str, object]:
    return {
        "kind": link.kind,
        "outcome": link.outcome,
        "sentence": link.sentence,
        "artefact": link.artefact,
        "found_by_digest": link.found_by_digest,
        **asdict(link.usage),
        "limits": dict(link.limits),
        "output": link.output,
        "checks": [_describe_check(result) for result in link.results],
    }


def _describe_check(result: CheckResult) -> dict[str, object]:
    whole = asdict(result)
    return {name: whole[name] for name in SHOWN}


def _key(job: Job, package: ProjectPackage, world: World, facilities: Facilities, asked: Asked) -> str:
    return digest_of(
        {
            "practise": job.kind,
            "package": package.digest,
            "tree": job.tree,
            "lent": dict(job.lent),
            "world": world.digest,
            "environment": facilities.learner_environment(package).digest,
            "examiner": facilities.examiner_environment.digest,
            "jail": asked.jail,
        }
    )


def _as_found(kept: dict[str, Any]) -> dict[str, object]:
    return {**kept, "chain": [{**link, "found_by_digest": True} for link in kept["chain"]]}


def _write(out: TextIO, told: Mapping[str, object]) -> None:
    out.write(json.dumps(told, default=str) + "\n")
    out.flush()


def main() -> None:
    asked = read_asked(sys.stdin.readline())
    try:
        _write(sys.stdout, {"run": practise(asked, Store(asked.store), sys.stdout)})
    except (PackageFault, SandboxFault, StoreFault) as fault:
        _write(sys.stdout, {"fault": str(fault)})


if __name__ == "__main__":
    main()
