"""The jail's walls, in the words of bwrap: what is bound where, which namespaces are new, what the environment is."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from grading.sandboxes.chamber import ETC, Chamber

NAMESPACES = (
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
)
NOBODY = ("--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox", "--clearenv")
# Programs, libraries and time zones of the host; not /usr/local, /usr/share or /usr/src, where hosts keep their own.
HOST_FOLDERS = ("/usr/bin", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
HOST_LINKS = ("bin", "sbin", "lib", "lib64")
WRITABLE = {"tmp": "/tmp", "shm": "/dev/shm", "out": "/work/out"}  # noqa: S108 - paths inside


def wall_in(chamber: Chamber, variables: Mapping[str, str], cwd: str, seccomp: int, status: int) -> list[str]:
    """All arguments of bwrap but for the program; a line for each kind of thing."""
    return [
        *NAMESPACES,
        *NOBODY,
        *_host_programs(),
        *_etc(chamber),
        *("--proc", "/proc", "--dev", "/dev"),
        *_bound([(f"{chamber.path}/rooms/{name}", f"/{name}") for name in chamber.rooms]),
        *_writable(chamber),
        *_bound(chamber.binds),
        *("--symlink", "../tmp", "/var/tmp"),  # noqa: S108 - a path inside
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *_environment(variables),
        *("--chdir", cwd),
        *("--seccomp", str(seccomp), "--json-status-fd", str(status)),
    ]


def _host_programs() -> Sequence[str]:
    found: list[str] = []
    for folder in HOST_FOLDERS:
        found += ["--ro-bind-try", folder, folder]
    for name in HOST_LINKS:
        link = Path("/") / name
        if link.is_symlink():
            found += ["--symlink", str(link.readlink()), f"/{name}"]
        elif link.is_dir():
            found += ["--ro-bind", f"/{name}", f"/{name}"]
    return found


def _etc(chamber: Chamber) -> Sequence[str]:
    found = ["--dir", "/etc", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for name in ETC:
        found += ["--ro-bind", f"{chamber.path}/etc/{name}", f"/etc/{name}"]
    return found


def _writable(chamber: Chamber) -> Sequence[str]:
    found: list[str] = []
    for name, target in WRITABLE.items():
        found += ["--bind", f"{chamber.path}/{name}", target]
    return found


def _bound(binds: Sequence[tuple[str, str]]) -> Sequence[str]:
    found: list[str] = []
    for source, target in binds:
        found += ["--ro-bind", source, target]
    return found


def _environment(variables: Mapping[str, str]) -> Sequence[str]:
    found: list[str] = []
    for name, value in variables.items():
        found += ["--setenv", name, value]
    return found


def packed(arguments: Sequence[str]) -> bytes:
    """As bwrap reads them from a descriptor: on its command line the jailed could read them in /proc/1."""
    return b"".join(os.fsencode(argument) + b"\0" for argument in arguments)
