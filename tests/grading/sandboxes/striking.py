"""How tests strike a worker and wait for what must then be gone."""

import time
from collections.abc import Sequence
from pathlib import Path

from grading.sandboxes.leftovers import leftovers

# A shell that starts the tests in the background has SIGINT ignored, and children inherit that.
HEEDS_SIGINT = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


def within(seconds: float, happened) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.02)
    return False


def ended(pid: int) -> bool:
    """Whether it has run to its end. An orphan may lie there dead until the host's first process looks for it."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return status.rpartition(")")[2].split()[0] in "ZX"


def left_by(shims: Sequence[int]) -> list[Path]:
    """Folders of these shims' runs that are still there, whichever kind of control group holds them."""
    starts = tuple(f"{shim}." for shim in shims)
    return [folder for folder in leftovers() if folder.name.removeprefix("milepost-").startswith(starts)]
