"""Says which layers of the jail this host really enforces, by trying each from inside; trusts no feature list."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from struct import unpack
from typing import Any

from grading.sandboxes.base import Command, Environment, Exit, Limits, Mount, Reason, SandboxFault
from grading.sandboxes.bubblewrap import VARIABLES, Bubblewrap
from grading.sandboxes.cgroups import find_group
from grading.sandboxes.probe import CALLS, CLOSED_PLACES, FOLDERS, NAMESPACES
from grading.sandboxes.short_paths import shortened

HERE = Path(__file__).resolve().parent
LIMITS = Limits(
    cpu_s=10, wall_s=20, memory_mb=192, processes=16, file_mb=64, out_mb=16, out_files=50, tmp_mb=16, output_kb=64
)
REFUSALS = {"EPERM", "ENOSYS"}
NO_CAPABILITIES = "0000000000000000"


class Tier(StrEnum):
    """What may be graded here: strangers' code, one's own on one's own machine, nothing."""

    STRICT = "strict"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Layer:
    """One wall: whether it stands here, by what, and for which tier it must."""

    name: str
    enforced: bool
    by: str
    needed: Tier = Tier.WEAK


def tier(layers: list[Layer]) -> Tier:
    missing = {layer.needed for layer in layers if not layer.enforced}
    if Tier.WEAK in missing:
        return Tier.NONE
    return Tier.WEAK if missing else Tier.STRICT


def as_text(layers: list[Layer]) -> str:
    width = max(len(layer.name) for layer in layers)
    lines = [f"  {'yes' if layer.enforced else 'NO ':3}  {layer.name:{width}}  {layer.by}" for layer in layers]
    return "\n".join([*lines, f"tier: {tier(layers)} ({MEANING[tier(layers)]})"])


def as_json(layers: list[Layer]) -> str:
    return json.dumps({"tier": tier(layers), "layers": [asdict(layer) for layer in layers]}, indent=2)


MEANING = {
    Tier.STRICT: "strangers' code may be graded here",
    Tier.WEAK: "only your own code, on your own machine, and only with MILEPOST_SANDBOX=weak; where nothing but a user "
    "of its own is missing and the worker's user owns nothing else, MILEPOST_SANDBOX=dedicated",
    Tier.NONE: "no code is graded here",
}


def report(jail: Bubblewrap | None = None) -> list[Layer]:
    """Every layer, tried now; takes about two seconds."""
    jail = jail or Bubblewrap(require=frozenset())
    ground = [
        Layer("Linux", sys.platform == "linux", sys.platform),
        Layer("bubblewrap", bool(shutil.which("bwrap")), _version()),
    ]
    if tier(ground) is Tier.NONE:
        return ground
    try:
        facts = _probe(jail)
    except SandboxFault as fault:
        return [*ground, Layer("a jail can be built", False, str(fault))]
    return [*ground, *_walls(facts), *_limits(jail, facts)]


def _version() -> str:
    try:
        said = subprocess.run(["bwrap", "--version"], capture_output=True, text=True, timeout=10, check=False)
    except OSError as error:
        return str(error)
    return said.stdout.strip()


def _command(*argv: str, **changes: Any) -> Command:
    mount = Mount(HERE / "probe.py", "/ours/probe.py")
    return Command(
        argv, Environment(Path(sys.executable), ""), replace(LIMITS, **changes), mounts=(mount,), cwd="/work"
    )


def _probe(jail: Bubblewrap) -> dict[str, Any]:
    """What the probe found inside, and what we saw of it from outside."""
    with tempfile.TemporaryDirectory(prefix="milepost-doctor-") as folder, _host(Path(folder)) as (host, greeter):
        command = replace(_command("/ours/probe.py", *host), listener=greeter.path)
        ending = jail.run(command)
        if ending.code != 0:
            raise SandboxFault(f"the probe did not end well inside ({ending.reason}): {ending.stderr[-300:]}")
        facts: dict[str, Any] = json.loads(ending.stdout)
        facts["host user"] = greeter.user()
        return facts


class _Greeter:
    """A Unix socket of the host that learns as which user the jailed process really runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX)
        with shortened(path) as short:
            self.listener.bind(short)
        self.listener.listen()
        self.listener.settimeout(5)

    def user(self) -> int | None:
        try:
            caller, _ = self.listener.accept()
        except TimeoutError:
            return None
        with caller:
            credentials = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        _, uid, _ = unpack("3i", credentials)
        return int(uid)


@contextmanager
def _host(folder: Path) -> Iterator[tuple[tuple[str, str, str], _Greeter]]:
    """Things of this host that a jailed process must not reach, and the one socket that it may."""
    secret = folder / "secret"
    secret.write_text("of the host")
    secret.chmod(0o644)
    name = f"milepost-doctor-{os.getpid()}-{threading.get_ident()}"
    greeter = _Greeter(folder / "greeter.sock")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract, greeter.listener:
        abstract.bind(f"\0{name}")
        abstract.listen()
        yield (str(tcp.getsockname()[1]), name, str(secret)), greeter


def _walls(facts: dict[str, Any]) -> list[Layer]:
    status, user = facts["status"], facts["host user"]
    capabilities = {status[key] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    open_calls = [call for call in CALLS if facts["calls"][call] not in REFUSALS]
    added = sorted(set(facts["variables"]) - set(VARIABLES) - {"PWD", "LC_CTYPE"})
    return [
        *(_namespace(kind, facts) for kind in NAMESPACES),
        Layer("user of its own", user not in (0, None, os.geteuid()), f"uid {user} of the host", Tier.STRICT),
        Layer("no capabilities", capabilities == {NO_CAPABILITIES}, "bwrap --cap-drop ALL"),
        Layer("no new privileges", status["NoNewPrivs"] == "1", "prctl"),
        Layer("system call filter", status["Seccomp"] == "2" and not open_calls, _told("seccomp", open_calls)),
        Layer("own processes only", facts["processes"] <= 6, f"{facts['processes']} in /proc"),
        Layer("no network", facts["interfaces"] == ["lo"] and facts["loopback"], "its own loopback alone"),
        Layer("host unreachable", not facts["reached"], _told("TCP, sockets and files were tried", facts["reached"])),
        Layer("clean environment", not added, _told("bwrap --clearenv", added)),
        Layer("read-only root", not facts["written"], _told(f"{len(CLOSED_PLACES)} places tried", facts["written"])),
    ]


def _told(by: str, holes: list[str]) -> str:
    return f"{by}; open: {', '.join(holes)}" if holes else by


def _namespace(kind: str, facts: dict[str, Any]) -> Layer:
    inside, ours = facts["namespaces"][kind], str(Path(f"/proc/self/ns/{kind}").readlink())
    return Layer(f"{kind} namespace", inside != ours, inside)


def _limits(jail: Bubblewrap, facts: dict[str, Any]) -> list[Layer]:
    group = find_group(jail.cgroup)
    limits, filled = facts["limits"], facts["filled"]
    held = limits["CORE"] == 0 and limits["NOFILE"] == LIMITS.open_files and limits["FSIZE"] > 0
    by_group = group.kind if group.counted else "resource limits and looking at /proc, which can be outrun"
    return [
        Layer("resource limits", held, ", ".join(f"{kind} {value}" for kind, value in limits.items())),
        Layer("sized file systems", max(filled.values()) <= LIMITS.out_mb, f"tmpfs: {', '.join(FOLDERS)}"),
        Layer("limited files", facts["files"] <= LIMITS.out_files, f"{facts['files']} in /work/out"),
        _cut("memory is limited", jail, MEMORY_BOMB, Reason.OUT_OF_MEMORY, by_group),
        _processes(jail),
        _cut("CPU time is limited", jail, BUSY, Reason.OUT_OF_CPU, by_group, cpu_s=0.3),
        _cut("time is limited", jail, IDLE, Reason.TIMED_OUT, "our clock", wall_s=0.3),
        _cut("output is limited", jail, CHATTER, Reason.TOO_MUCH_OUTPUT, "our count", output_kill_mb=1),
        _nothing_outlives(jail),
        Layer("memory group", "memory" in group.counted, group.kind, Tier.STRICT),
        Layer("process group", "pids" in group.counted, group.kind, Tier.STRICT),
    ]


MEMORY_BOMB = "held = []\nwhile True: held.append(bytearray(1 << 22))"
BUSY = "while True: pass"
IDLE = "import time; time.sleep(60)"
CHATTER = "while True: print('x' * 65536)"
CROWD = """
import os, time
for _ in range(200):
    if os.fork() == 0:
        time.sleep(60)
"""
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    time.sleep(300)
"""


def _cut(name: str, jail: Bubblewrap, program: str, reason: Reason, by: str, **changes: Any) -> Layer:
    ending = _try(jail, program, **changes)
    return Layer(name, ending.reason is reason, f"{by}: {ending.reason} after {ending.wall_s:.2f} s")


def _try(jail: Bubblewrap, program: str, **changes: Any) -> Exit:
    return jail.run(_command("-c", program, **changes))


def _processes(jail: Bubblewrap) -> Layer:
    ending = _try(jail, CROWD, wall_s=5)
    stopped = ending.reason is Reason.TOO_MANY_PROCESSES or "BlockingIOError" in ending.stderr
    return Layer("processes are limited", stopped, f"{ending.reason} after {ending.wall_s:.2f} s")


def _nothing_outlives(jail: Bubblewrap) -> Layer:
    """The shim answers only when the last process of the run has been reaped, or says that one was not."""
    started = time.monotonic()
    try:
        _try(jail, DAEMON)
    except SandboxFault as fault:
        return Layer("nothing outlives a run", False, str(fault))
    return Layer("nothing outlives a run", True, f"a daemon was gone after {time.monotonic() - started:.2f} s")
