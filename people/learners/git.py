"""Runs git, and nothing else: no configuration but ours, no home, bounded in time and memory. Knows no learner."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

SECONDS = 60
# For git and all that it starts; a pack of one zero can unpack to gigabytes.
PROCESSOR_SECONDS = 30
MEMORY_KB = 2 * 2**20
FILE_BLOCKS = 2 * 2**20  # of 512 bytes: no file that git writes for us is larger than 1 GiB
BOUNDED = f'ulimit -c 0; ulimit -t {PROCESSOR_SECONDS}; ulimit -v {MEMORY_KB}; ulimit -f {FILE_BLOCKS}; exec git "$@"'
CONFIGURATION = {
    # Whoever made the folder: it is ours, and holds no configuration of a learner's.
    "safe.directory": "*",
    "core.hooksPath": "/dev/null",
    "core.quotePath": "false",
    "core.bigFileThreshold": "32m",
    "core.packedGitWindowSize": "32m",
    "pack.threads": "1",
    "pack.windowMemory": "64m",
    "gc.autoDetach": "false",
    "transfer.hideRefs": "refs/milepost",
    "receive.fsckObjects": "true",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
    "receive.advertisePushOptions": "true",
    "receive.autogc": "false",
    # What is pushed stays one pack, so that it can be looked at, taken over or thrown away as a whole.
    "receive.unpackLimit": "1",
}


class GitFault(Exception):
    """git did not do what it was asked to; the text is what it said."""


def run_git(
    folder: Path,
    *words: str,
    stdin: bytes | IO[bytes] = b"",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """What git says when asked this in this folder. Raises GitFault."""
    given = stdin if isinstance(stdin, bytes) else None
    with subprocess.Popen(
        ["sh", "-c", BOUNDED, "git", *words],
        cwd=folder,
        env={**ENVIRONMENT, **(more or {})},
        stdin=subprocess.PIPE if isinstance(stdin, bytes) else stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            said, complaint = process.communicate(given, timeout=SECONDS)
        except subprocess.TimeoutExpired as late:
            end_group(process)
            raise GitFault(f"git {words[0]} took longer than {SECONDS} s") from late
    if process.returncode:
        raise GitFault(
            complaint.decode("utf-8", "replace").strip() or f"git {words[0]} ended with {process.returncode}"
        )
    return said


def start_git(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """git, being read from while it speaks. Whoever starts it ends it with `end_group`."""
    return subprocess.Popen(
        ["sh", "-c", BOUNDED, "git", *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End git and all that it started: a child that lives on would hold its pipes and its files."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _describe_environment() -> dict[str, str]:
    numbered = list(enumerate(CONFIGURATION.items()))
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(numbered)),
        **{f"GIT_CONFIG_KEY_{number}": name for number, (name, _) in numbered},
        **{f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in numbered},
    }


ENVIRONMENT = _describe_environment()
