"""Asks a milestone's checks about what was produced: in a jail of its own, over plain bytes, importing no learner code.

`python -m grading.examine checks <kind>` writes /work/out/results.json; `… probes <kind>` writes the inputs of each
probe that has a preparation function as /work/out/<probe>--<file>, since what leaves a jail is flat.
"""

import json
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from grading import inside
from grading.authors import load_module
from grading.kit import AuthorFault, DoesNotHold, Produced, Service, Truth, Usage, run_checks

# Before every path where there is no jail whose root could be its own: a learner's machine, see sandboxes/bare.py.
ROOT = os.environ.get("MILEPOST_ROOT", "")
WORK = Path(ROOT + inside.WORK)
PACKAGE = Path(ROOT + inside.PACKAGE)


def read_asked() -> dict[str, Any]:
    """What the line says of this examination."""
    asked: dict[str, Any] = json.loads((WORK / "asked.json").read_text())
    return asked


def bound_memory() -> None:
    """An artefact that unpacks to more than the jail holds ends in a reader's refusal, before the jail ends us."""
    most = read_asked()["memory_mb"] * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def read_truth() -> Truth:
    return Truth(WORK / "truth", read_asked()["facts"])


def read_produced() -> Produced:
    """What lies mounted in /work, as checks see it."""
    asked = read_asked()
    return Produced(
        folder=WORK / "produced",
        probes={name: Produced(folder=WORK / "probes" / name) for name in asked["probes"]},
        upstream={name: Produced(folder=WORK / "upstream" / name) for name in asked["upstream"]},
        service=_find_service("service.sock"),
        restarted=_find_service("restarted.sock"),
        usage=Usage(**asked["usage"]),
        refused=asked["refused"],
        sources=asked["sources"],
    )


def _find_service(name: str) -> Service | None:
    return Service(WORK / name) if (WORK / name).exists() else None


def ask_checks(kind: str, out: Path) -> None:
    """Every check in its order; what the author did wrong is told apart from what the learner did."""
    module = load_module(PACKAGE / kind / "checks.py")
    try:
        answers = run_checks(module, read_produced(), read_truth())
        told: dict[str, object] = {"answers": [asdict(answer) for answer in answers]}
    except AuthorFault as fault:
        told = {"fault": str(fault)}
    (out / "results.json").write_text(json.dumps(told, default=str))


def prepare_probes(kind: str, out: Path) -> None:
    """Let the package change inputs for its probes; a probe whose inputs cannot be made says why instead."""
    module = load_module(PACKAGE / kind / "probes.py")
    produced, truth = read_produced(), read_truth()
    told: dict[str, object] = {}
    for name in read_asked()["prepare"]:
        told[name] = _prepare(module, name, produced, truth, out)
    (out / "prepared.json").write_text(json.dumps(told))


def _prepare(module: ModuleType, name: str, produced: Produced, truth: Truth, out: Path) -> dict[str, object]:
    folder = Path(tempfile.gettempdir()) / name  # the jail's own, empty at start and gone with it
    folder.mkdir()
    try:
        facts = getattr(module, name)(produced, truth, folder)
    except DoesNotHold as misshapen:
        return {"refused": str(misshapen)}
    for path in _files(folder):
        (out / f"{name}{inside.SEPARATOR}{path.name}").write_bytes(path.read_bytes())
    return {"facts": facts}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.is_file())


if __name__ == "__main__":
    verb, milestone = sys.argv[1:3]
    bound_memory()
    {"checks": ask_checks, "probes": prepare_probes}[verb](milestone, WORK / "out")
