"""Asks whether what Milepost is made of may be trusted: `scripts/audit`; with `--offline`, only what needs no network.

Ends with 1 for a fault, and with 3 where nobody could be asked about advisories.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scripts.materials import LOCKS, ROOT, Material, list_materials, list_unpinned

FAULTS, NOT_ASKED = 1, 3
# These ask that the whole be given on their terms, or forbid some uses. For tools alone they are fine.
FORBIDDEN = re.compile(r"\b(A?GPL|SSPL|BUSL|CC-BY-NC|EUPL|LicenseRef-proprietary|Commons-Clause)", re.IGNORECASE)
SUMS = "frontend/static/vendor/SHA256SUMS"
SECONDS = 120


def find_faults(root: Path = ROOT) -> Iterator[str]:
    """All that can be said without a network."""
    yield from list_unpinned(root)
    yield from find_licences(list_materials(root))
    yield from find_changed(root)


def find_licences(materials: Sequence[Material]) -> Iterator[str]:
    """What is shipped under a licence that forbids it, or under none that anybody says."""
    for part in materials:
        if not part.is_shipped:
            continue
        if not part.licence:
            yield f"{part.name} {part.version} ({part.serves}): nobody says its licence, or it is not installed here"
        elif all(FORBIDDEN.search(choice) for choice in part.licence.split(" OR ")):
            yield f"{part.name} {part.version} ({part.serves}): {part.licence} cannot be kept; take another"


def find_changed(root: Path) -> Iterator[str]:
    """Files of others that are not what they were when they were fetched, and files that nobody wrote down."""
    folder = (root / SUMS).parent
    told = {name.removeprefix("./"): digest for digest, name in map(str.split, (root / SUMS).read_text().splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.js")}
    for name in sorted(told.keys() | found.keys()):
        if told.get(name) != found.get(name):
            yield f"{folder.relative_to(root)}/{name}: not what SHA256SUMS says; run scripts/vendor or scripts/build"


def ask_for_advisories(root: Path = ROOT) -> int:
    """What is known of what is locked. The smallest lock is asked about first: where nobody answers, no more is."""
    holes: list[str] = []
    unknown: list[str] = []
    for lock in sorted(LOCKS, key=lambda name: len((root / name).read_text())):
        told = ask_about(root / lock)
        holes += [f"{lock}: {one['name']} {one['version']}: {_name(one['vulns'])}" for one in told if one.get("vulns")]
        unknown += [str(one["name"]) for one in told if "skip_reason" in one]
        if not told or len(unknown) == len(told):
            print(
                "No advisory was asked for: the database cannot be reached from here. Run scripts/audit where it can."
            )
            return NOT_ASKED
    print(*holes, sep="\n", end="\n" if holes else "")
    if unknown:
        print(f"Nobody could say anything of {', '.join(sorted(set(unknown)))}.")
    return FAULTS if holes else NOT_ASKED if unknown else 0


def _name(advisories: Sequence[dict[str, Any]]) -> str:
    return ", ".join(
        f"{one['id']} (mended in {' or '.join(one['fix_versions']) or 'nothing yet'})" for one in advisories
    )


def ask_about(lock: Path) -> list[dict[str, Any]]:
    """pip-audit's answer for each line of a lock; nothing where it could not ask."""
    words = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "-f", "json", "-r", str(lock)]
    try:
        ended = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
        found: list[dict[str, Any]] = json.loads(ended.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return found


def main(words: Sequence[str]) -> int:
    faults = list(find_faults())
    print(*faults, sep="\n", end="\n" if faults else "")
    if faults:
        return FAULTS
    return 0 if "--offline" in words else ask_for_advisories()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
