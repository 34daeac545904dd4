"""Bounds a process of ours that works on a stranger's numbers: what it may use of this host before it is ended."""

import os
import resource

CPU_S = 60
MEMORY_MB = 1536
FILE_MB = 64


def bound_process() -> None:
    """For good, and for all that it begins. Called before the libraries are there that reserve memory at once."""
    # Arrow's own allocator reserves a gigabyte at once, which would leave nothing to bound.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MB << 20, MEMORY_MB << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_MB << 20, FILE_MB << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
