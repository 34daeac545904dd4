"""Runs inside the jail for the doctor: tries what must not work and writes what happened, as JSON; judges nothing.

`probe.py PORT NAME FILE`: a TCP port, an abstract socket and a readable file of the host, none of which may be reached.
"""

import ctypes
import errno
import json
import os
import platform
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path

MB = 1 << 20
FILL_MB = 40
AF_VSOCK = 40
NAMESPACES = ("user", "mnt", "pid", "net", "ipc", "uts")
FOLDERS = ("/work/out", "/tmp", "/dev/shm")  # noqa: S108 - paths inside
CLOSED_PLACES = ("/", "/usr", "/usr/bin", "/etc", "/dev", "/work", "/jail", "/proc/sys/kernel")
# name: (x86_64, aarch64)
CALLS = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "ptrace": (101, 117),
    "bpf": (321, 280),
    "keyctl": (250, 219),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "clone3": (435, 435),
    "a call of the future": (999, 999),
}


def main() -> None:
    port, name, file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    facts = {
        "namespaces": {kind: os.readlink(f"/proc/self/ns/{kind}") for kind in NAMESPACES},  # noqa: PTH115
        "status": read_status(),
        "processes": sum(entry.name.isdigit() for entry in Path("/proc").iterdir()),
        "interfaces": [interface for _, interface in socket.if_nameindex()],
        "reached": reached(port, name, file),
        "loopback": not attempt(use_loopback),
        "calls": {call: try_call(numbers) for call, numbers in CALLS.items()},
        "written": [place for place in CLOSED_PLACES if can_write(place)],
        "filled": {folder: fill(folder) for folder in FOLDERS},
        "files": count_files("/work/out"),
        "limits": {kind: resource.getrlimit(getattr(resource, f"RLIMIT_{kind}"))[1] for kind in LIMITS},
        "variables": sorted(os.environ),
        "greeted": not attempt(greet),
    }
    print(json.dumps(facts))


LIMITS = ("CORE", "CPU", "NOFILE", "FSIZE", "NPROC", "MEMLOCK")


def attempt(deed: Callable[[], object]) -> str:
    """Nothing when it worked, else the name of the error."""
    try:
        deed()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error)) or "error"
    return ""


def read_status() -> dict[str, str]:
    lines = (line.partition(":") for line in Path("/proc/self/status").read_text().splitlines())
    return {key: value.strip() for key, _, value in lines}


def reached(port: int, name: str, file: str) -> list[str]:
    def tcp() -> object:
        return socket.create_connection(("127.0.0.1", port), 1)

    def abstract() -> None:
        socket.socket(socket.AF_UNIX).connect(f"\0{name}")

    def vsock() -> object:
        return socket.socket(AF_VSOCK, socket.SOCK_STREAM)

    def hidden_file() -> object:
        return Path(file).read_bytes()

    return [deed.__name__ for deed in (tcp, abstract, vsock, hidden_file) if not attempt(deed)]


def use_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), 1).close()


def greet() -> None:
    """The host reads our real user from this connection."""
    with socket.socket(socket.AF_UNIX) as host:
        host.connect("/work/service.sock")
        host.sendall(b"hello")


def try_call(numbers: tuple[int, int]) -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    number = numbers[platform.machine() == "aarch64"]
    answer = libc.syscall(number, 0x10000000, 0, 0, 0, 0)
    return "done" if answer >= 0 else errno.errorcode.get(ctypes.get_errno(), "error")


def can_write(place: str) -> bool:
    return not attempt(lambda: (Path(place) / "written-by-the-doctor").write_text("x"))


def fill(folder: str) -> int:
    """How many MB went in, up to a number that no limit of the doctor's reaches."""
    path = Path(folder) / "fill"
    written = 0
    try:
        with path.open("wb", buffering=0) as file:
            while written < FILL_MB * MB:
                written += file.write(b"x" * MB) or 0
    except OSError:
        return written // MB
    finally:
        path.unlink(missing_ok=True)
    return FILL_MB


def count_files(folder: str) -> int:
    """How many files can be made, up to a number that no limit of the doctor's reaches."""
    for number in range(5000):
        if attempt((Path(folder) / str(number)).touch):
            return number
    return 5000


if __name__ == "__main__":
    main()
