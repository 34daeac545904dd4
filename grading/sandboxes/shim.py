"""The trusted process round one run: furnishes the jail, starts bwrap, watches, takes the bytes out, clears away.

`python -m grading.sandboxes.shim` reads one order from stdin, a line of JSON, and answers in lines on stdout: "ready"
when a served app's socket can be connected to, then "exit" or "fault". The end of its stdin means that nobody waits
any more: everything is killed. It never imports the learner's code, Django or anything that is not ours or Python's.

An order that waits is answered "warm" when the libraries are imported; a second order then says what to run, and is
answered "ready" when that has begun. An order that asks for it is told, now and then, what the run has "said" lately.
"""

import json
import os
import signal
import socket
import stat
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from grading.sandboxes.base import Exit, Reason, SandboxFault
from grading.sandboxes.cgroups import Group, find_group
from grading.sandboxes.chamber import Chamber, enter_namespaces, name_of_this_process
from grading.sandboxes.collect import collect
from grading.sandboxes.launch import Child, Launch, fill, high, high_pipe, memory_file
from grading.sandboxes.order import Order, exit_to_fields, read_order
from grading.sandboxes.seccomp import build_filter
from grading.sandboxes.short_paths import shortened
from grading.sandboxes.slot import Slot
from grading.sandboxes.telling import Telling
from grading.sandboxes.walls import packed, wall_in
from grading.sandboxes.watch import Ending, Watch

ORDERS = 0
BLOCK = 65536
# Every shim that lives has a number of its own, so every run has a user of its own: above all that hosts and
# containers give out.
FIRST_OWNER = 1_900_000_000
BY_SIGNAL = 128


def main() -> None:
    line = hear()
    if line is None:
        return
    try:
        ending = carry_out(read_order(line))
        answer: dict[str, object] = {"exit": exit_to_fields(ending)} if ending else {}
    except SandboxFault as fault:
        answer = {"fault": str(fault)}
    except Exception:
        answer = {"fault": traceback.format_exc(limit=-4)}
    say(answer)


def hear() -> str | None:
    heard = b""
    while not heard.endswith(b"\n"):
        data = os.read(ORDERS, BLOCK)
        if not data:
            return None
        heard += data
    return heard.decode()


def say(answer: dict[str, object]) -> None:
    if not answer:
        return
    # Nobody may be left to hear it; what matters then is that all is cleared away.
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), (json.dumps(answer) + "\n").encode())


def carry_out(order: Order) -> Exit | None:
    apart = os.geteuid() == 0
    group = find_group(order.cgroup)
    expect(order.require, group, apart)
    name = name_of_this_process()
    chamber = Chamber(name, FIRST_OWNER + os.getpid() if apart else os.geteuid())
    listener = listen(order.listen, apart) if order.listen else None
    try:
        enter_namespaces(apart)
        group.create(name, order.limits)
        return run_later(order, chamber, group) if order.waits else run(order, chamber, group, listener)
    finally:
        group.kill()
        group.remove()
        chamber.remove()


def expect(required: list[str], group: Group, apart: bool) -> None:
    """Fail closed, on every run anew: what the worker was promised must hold now."""
    held = {"memory", "pids"} & group.counted | ({"uid"} if apart else set())
    if missing := sorted(set(required) - held):
        names = {"memory": "a memory control group", "pids": "a process control group", "uid": "a user of its own"}
        raise SandboxFault(f"this host does not give the jail {', '.join(names.get(one, one) for one in missing)}")


def listen(path: str, apart: bool) -> socket.socket:
    """Ours, on a path of the host; the jail inherits the open socket and never sees the path."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        with shortened(Path(path)) as short:
            listener.bind(short)
    except OSError as error:
        raise SandboxFault(f"cannot listen on {path}: {error}") from None
    Path(path).chmod(0o666 if apart else 0o600)
    listener.listen(128)
    return listener


def open_sockets(order: Order) -> None:
    """Let a run's own user connect to sockets of ours; the folders that lead to them keep other users out."""
    for bind in order.binds:
        source = Path(bind.source)
        if source.is_socket() and not source.stat().st_mode & stat.S_IWOTH:
            source.chmod(0o666)


def run(order: Order, chamber: Chamber, group: Group, listener: socket.socket | None) -> Exit:
    launch, status = prepare(order, chamber, group, listener)
    child = launch.fork(status)
    try:
        # The child enters its control groups meanwhile: the kernel takes tens of milliseconds for that.
        if chamber.owner != os.geteuid():
            open_sockets(order)
        chamber.furnish(order.limits, order.binds)
        walls = wall_in(chamber, order.variables, order.cwd, launch.seccomp, launch.status)
        fill(launch.arguments, packed(walls))
        if listener is not None:
            listener.close()
            say({"ready": True})
        os.write(child.go, b"g")
        ending = Watch(child, order.limits, group, ORDERS, listen_in(order)).until_dead()
    finally:
        end(child)
    return report(order, ending, chamber, group)


def run_later(order: Order, chamber: Chamber, group: Group) -> Exit | None:
    """Warm a jail up and wait for its job: the one that comes, or none."""
    group.step_back()
    ours, theirs = socket.socketpair()
    launch, status = prepare(order, chamber, group, theirs)
    theirs.close()
    child = launch.fork(status)
    try:
        chamber.furnish_with_rooms(order.limits, order.binds)
        fill(launch.arguments, packed(wall_in(chamber, order.variables, order.cwd, launch.seccomp, launch.status)))
        os.write(child.go, b"g")
        slot = Slot(child, ours, ORDERS)
        say({"warm": slot.expect_warm(), "memory_mb": group.peak_mb()})
        line = hear() if slot.wanted() else None
        if line is None:
            return None
        job = read_order(line)
        listener = admit(job, chamber, group)
        watch = Watch(child, job.limits, group, ORDERS, listen_in(job))
        slot.start(job, listener)
        say({"ready": True})
        ending = watch.until_dead()
    finally:
        end(child)
    return report(job, ending, chamber, group)


def admit(job: Order, chamber: Chamber, group: Group) -> socket.socket | None:
    """Bring a job's inputs and limits to the jail that waits for them, and give it its full share of the CPU."""
    expect(job.require, group, chamber.owner != os.geteuid())
    group.limit(job.limits)
    chamber.resize(job.limits)
    if chamber.owner != os.geteuid():
        open_sockets(job)
    chamber.admit(job.binds)
    return listen(job.listen, chamber.owner != os.geteuid()) if job.listen else None


def listen_in(order: Order) -> Telling | None:
    return Telling(sys.stdout.fileno()) if order.tells else None


def prepare(order: Order, chamber: Chamber, group: Group, listener: socket.socket | None) -> tuple[Launch, int]:
    status, status_end = high_pipe()
    launch = Launch(
        program=order.argv,
        limits=order.limits,
        doors=group.doors(),
        owner=chamber.owner,
        arguments=memory_file("arguments"),
        seccomp=memory_file("seccomp", build_filter(count_memory="memory" in group.counted)),
        status=status_end,
        listener=None if listener is None else high(os.dup(listener.fileno())),
    )
    return launch, status


def end(child: Child) -> None:
    """Whatever went wrong, the child does not outlive us; after a good run it is long gone."""
    os.close(child.go)
    with suppress(ChildProcessError):
        # A child that is already reaped is no longer ours to kill: its number may be another's by now.
        if os.waitpid(child.pid, os.WNOHANG)[0] == 0:
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)


def report(order: Order, ending: Ending, chamber: Chamber, group: Group) -> Exit:
    taken = collect(str(chamber.path / "out"), order.collect, order.expected)
    return Exit(
        reason=reason_for(ending, chamber, group),
        code=ending.code,
        cpu_s=round(ending.cpu_s, 4),
        wall_s=round(ending.wall_s, 4),
        memory_mb=round(group.peak_mb(), 1),
        stdout=ending.stdout,
        stderr=ending.stderr,
        files=tuple(taken.files),
        refused=tuple(taken.refused),
    )


def reason_for(ending: Ending, chamber: Chamber, group: Group) -> Reason:
    """The deepest cause that can be told: a fork bomb that then runs out of time is a fork bomb."""
    crowded = group.refused_processes() > 0
    if ending.cut is not None:
        return Reason.TOO_MANY_PROCESSES if crowded and ending.cut in OUT_OF_TIME else ending.cut
    if ending.code == 0 or ending.code is None:
        return Reason.FINISHED
    if crowded:
        return Reason.TOO_MANY_PROCESSES
    if ending.code == BY_SIGNAL + signal.SIGXCPU:
        return Reason.OUT_OF_CPU
    if ending.code == BY_SIGNAL + signal.SIGXFSZ or chamber.full():
        return Reason.DISK_FULL
    return Reason.CRASHED if ending.code > BY_SIGNAL else Reason.FINISHED


OUT_OF_TIME = {Reason.TIMED_OUT, Reason.OUT_OF_CPU}


if __name__ == "__main__":
    main()
