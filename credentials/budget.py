"""Verifies strangers' bytes in a process of its own, with limits: canonical form can be made to take without end."""

import base64
import json
import logging
import resource
import subprocess
import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from credentials.reading import MOST_PICTURE_BYTES, Unreadable, read_credential
from credentials.resolving import Fetched
from credentials.verifying import NOT_ASKED, Answer, Finding, Report, verify

log = logging.getLogger(__name__)

CPU_SECONDS = 5
# It starts in half a second; a busy machine may take several times as long.
WALL_SECONDS = 20
MEGABYTES = 512
OUT_OF_MEMORY = 3
TOO_COSTLY = Finding(Answer.NO, "too-costly")
ROOT = Path(__file__).resolve().parent.parent


def verify_within(
    content: bytes,
    fetched: Fetched,
    now: datetime,
    own: Collection[str] = (),
    seconds: int = CPU_SECONDS,
    megabytes: int = MEGABYTES,
) -> Report:
    """The same answers as `verify`, at a price that is known. What goes beyond it is not believed: `too-costly`."""
    if len(content) > MOST_PICTURE_BYTES:
        return Report(Finding(Answer.NO, "too-large"))
    asked = {
        "content": _pack(content),
        "fetched": {url: part and _pack(part) for url, part in fetched.items()},
        "now": now.isoformat(),
        "own": sorted(own),
        "seconds": seconds,
        "megabytes": megabytes,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "credentials.budget"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=max(WALL_SECONDS, 4 * seconds),
            cwd=ROOT,
        )
    except subprocess.TimeoutExpired:
        return Report(TOO_COSTLY)
    if done.returncode == OUT_OF_MEMORY or done.returncode < 0:
        return Report(TOO_COSTLY)
    if done.returncode:
        log.error("Verifying failed: %s", done.stderr.decode(errors="replace")[-2000:])
        return Report(NOT_ASKED)
    return _read_report(json.loads(done.stdout), content)


def _read_report(told: dict[str, Any], content: bytes) -> Report:
    found = {name: Finding(Answer(one["answer"]), one["code"], one["about"]) for name, one in told.items()}
    report = Report(found["signature"], found["issuer"], found["validity"], found["revocation"])
    try:
        return replace(report, document=read_credential(content).document)
    except Unreadable:
        return report


def _pack(content: bytes) -> str:
    return base64.b64encode(content).decode()


def main() -> None:
    """What the process of its own does: limits itself before it looks at anything, and answers on standard output."""
    asked = json.loads(sys.stdin.read())
    resource.setrlimit(resource.RLIMIT_CPU, (asked["seconds"], asked["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (asked["megabytes"] << 20, asked["megabytes"] << 20))
    fetched = {url: part and base64.b64decode(part) for url, part in asked["fetched"].items()}
    now = datetime.fromisoformat(asked["now"])
    try:
        report = verify(base64.b64decode(asked["content"]), fetched, now, asked["own"])
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    told = report.as_plain()
    del told["document"]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
