"""What Milepost is made of, as its locks and the front end's own record say: each part with its version and licence."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVER, LEARNERS, EXAMINER, DEVELOPMENT, PAGES = "server", "learners' code", "judging at home", "development", "pages"
# Each lock with what it is for, and where what it names is installed.
LOCKS = {
    "requirements.txt": (SERVER, ".venv"),
    "environments/ml/requirements.txt": (LEARNERS, ".environments/ml"),
    "environments/ml/torch.txt": (LEARNERS, ".environments/ml"),
    "environments/examiner/requirements.txt": (EXAMINER, ".venv"),
    "requirements-dev.txt": (DEVELOPMENT, ".venv"),
}
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
NPM_LOCK = "frontend/editor_source/package-lock.json"
VENDORING = "scripts/vendor"
# Licences in files of their own, as their authors say them.
VENDORED = {"VEGA": "BSD-3-Clause", "VEGA_LITE": "BSD-3-Clause", "VEGA_INTERPRETER": "BSD-3-Clause", "D3_ARRAY": "ISC"}
# What an author says in words of a classifier, as SPDX has it.
CLASSIFIED = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "Other/Proprietary License": "LicenseRef-proprietary",
    "Zope Public License": "ZPL-2.1",
}


# Whose classifiers say less than the file that comes with them, which was read.
READ = {"qrcode": "BSD-3-Clause AND MIT"}


@dataclass(frozen=True, slots=True, order=True)
class Material:
    """One part, at one version: what it serves, and its licence as SPDX writes it; empty where nobody says one."""

    kind: str
    name: str
    version: str
    serves: str
    licence: str

    @property
    def is_shipped(self) -> bool:
        return self.serves != DEVELOPMENT


def list_materials(root: Path = ROOT) -> list[Material]:
    """Every part once, under the first thing that it serves."""
    found: dict[tuple[str, str, str], Material] = {}
    for part in (*_list_locked(root), *_list_bundled(root), *_list_vendored(root)):
        found.setdefault((part.kind, part.name, part.version), part)
    return sorted(found.values())


def list_unpinned(root: Path = ROOT) -> Iterator[str]:
    """Lines of the locks that leave a version open."""
    for name in LOCKS:
        for line in (root / name).read_text().splitlines():
            if line.strip() and not line.lstrip().startswith("#") and not PINNED.match(line):
                yield f"{name}: {line.strip()!r} is not pinned; run scripts/lock"


def _list_locked(root: Path) -> Iterator[Material]:
    for name, (serves, place) in LOCKS.items():
        installed = _find_installed(root / place)
        for project, version in PINNED.findall((root / name).read_text()):
            spelled = normalise(project)
            said = installed.get(spelled)
            licence = READ.get(spelled) or (_read_licence(said) if said else "")
            yield Material("pypi", spelled, version, serves, licence)


def _find_installed(environment: Path) -> Mapping[str, Distribution]:
    folders = environment.glob("lib/python3*/site-packages/*.dist-info")
    return {normalise(folder.name.split("-")[0]): PathDistribution(folder) for folder in folders}


def normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _read_licence(said: Distribution) -> str:
    """Its licence: the expression if there is one, else the classifiers together, else a short word of its own."""
    for expression in said.metadata.get_all("License-Expression") or []:
        return str(expression)
    lines = [line.rpartition(" :: ")[2] for line in said.metadata.get_all("Classifier") or [] if "License ::" in line]
    if lines:
        return " AND ".join(sorted({CLASSIFIED.get(line, "LicenseRef-other") for line in lines}))
    words = said.metadata.get_all("License") or [""]
    return str(words[0]).strip().partition("\n")[0].strip()


def _list_bundled(root: Path) -> Iterator[Material]:
    """What the editor's bundle is built from, without the tools that build it."""
    packages = json.loads((root / NPM_LOCK).read_text())["packages"]
    for place, told in packages.items():
        if place and not told.get("dev"):
            yield Material("npm", place.rpartition("node_modules/")[2], told["version"], PAGES, told.get("license", ""))


def _list_vendored(root: Path) -> Iterator[Material]:
    """What scripts/vendor fetches."""
    versions = dict(re.findall(r"([A-Z0-9_]+)=([0-9.]+)", (root / VENDORING).read_text()))
    for variable, licence in VENDORED.items():
        yield Material("npm", variable.lower().replace("_", "-"), versions[variable], PAGES, licence)
