"""Starts the learner's program inside the jail, as `python` itself would; trusted only until their first line.

`runner.py run -m package.module ...`, `runner.py run script.py ...`, `runner.py run -c code ...`, or
`runner.py serve package.module:name`, which serves that callable on the listening socket inherited as descriptor 3;
`runner.py listen -m package.module ...` or `listen program ...`, which serves by itself on $PORT.
`runner.py wait module ...` imports those, and then waits on descriptor 3 to be told, once, which of the above it is.
It knows nothing of grading: whatever it says or answers decides nothing.
"""

import atexit
import functools
import importlib
import marshal
import os
import runpy
import socket
import sys
import threading
import traceback
from types import FunctionType, TracebackType
from typing import Any, NoReturn

LISTENER = 3
SOURCES = "/jail/sources.sock"
SOURCES_PORT = 8100
PORT = 8000
BRIDGE = "/jail/bridge.py"
CO_COROUTINE = 128
BLOCK = 65536
PLUMBING = (__file__, runpy.__file__, importlib.__file__)


def main() -> None:
    verb, *argv = sys.argv[1:]
    if verb == "wait":
        verb, *argv = wait(argv)
    if os.path.exists(SOURCES):  # noqa: PTH110 - pathlib would cost every learner its import
        start_bridge()
    finish(verb, argv)


def finish(verb: str, argv: list[str]) -> NoReturn:
    """Do what was asked, and end this process as it ends."""
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    try:
        code = {"run": run, "serve": serve, "listen": listen}[verb](argv)
    except SystemExit as stop:
        code = exit_code(stop)
    except BaseException as error:
        error.__traceback__ = own_frames(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    leave(code)


def wait(modules: list[str]) -> list[str]:
    """Import, wait for the one job, and become what a fresh interpreter would be that was started for it."""
    resource: Any = importlib.import_module("resource")
    for module in modules:
        importlib.import_module(module)
    job, listener = hear_job()
    if listener is not None:
        os.dup2(listener, LISTENER)
        os.close(listener)
    used = resource.getrusage(resource.RUSAGE_SELF)
    for limit, (soft, hard) in job["limits"].items():
        spent = int(used.ru_utime + used.ru_stime) if limit == resource.RLIMIT_CPU else 0
        resource.setrlimit(limit, (soft + spent, hard + spent))
    os.chdir(job["cwd"])
    os.environ["PWD"] = job["cwd"]
    sys.orig_argv[:] = job["argv"]
    words: list[str] = job["argv"][sys.orig_argv.index(__file__) + 1 :]
    return words


def hear_job() -> tuple[dict[str, Any], int | None]:
    """What the shim says, and the listening socket that it may send along. It hangs up; then nobody hears us."""
    with socket.socket(fileno=LISTENER) as channel:
        names = {name.partition(".")[0] for name in sys.modules}
        channel.sendall("\n".join(sorted(names)).encode() + b"\0")
        told, listeners, _, _ = socket.recv_fds(channel, 1, 1)
        while data := channel.recv(BLOCK):
            told += data
    if not told:
        os._exit(0)
    return marshal.loads(told[1:]), listeners[0] if listeners else None  # noqa: S302 - from our own shim


def run(argv: list[str]) -> int:
    kind, rest = argv[0], argv[1:]
    if kind == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - what `python -c` does
    else:
        sys.argv = argv
        runpy.run_path(kind, run_name="__main__")
    return 0


def serve(argv: list[str]) -> int:
    module, _, name = argv[0].partition(":")
    app = functools.reduce(getattr, (name or "app").split("."), importlib.import_module(module))
    listener = socket.socket(fileno=LISTENER)
    if is_asgi(app):
        uvicorn: Any = importlib.import_module("uvicorn")
        config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=30)
        uvicorn.Server(config).run(sockets=[listener])
    else:
        waitress: Any = importlib.import_module("waitress")
        waitress.serve(app, sockets=[listener], threads=4, _quiet=True)
    return 0


def listen(argv: list[str]) -> int:
    """A command that listens on $PORT by itself: callers of the inherited socket are brought to that port."""
    os.environ["PORT"] = str(PORT)
    os.set_inheritable(LISTENER, True)
    os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", BRIDGE, "in", str(LISTENER), str(PORT)], os.environ)
    os.close(LISTENER)
    return run(argv) if argv[0].startswith("-") or argv[0].endswith(".py") else become(argv)


def become(argv: list[str]) -> NoReturn:
    os.execvp(argv[0], argv)  # noqa: S606 - any program of the learner's, as they would start it


def is_asgi(app: object) -> bool:
    """An ASGI application is a coroutine function, or an object whose call is one."""
    function = getattr(app, "__func__", app)
    call = function if isinstance(function, FunctionType) else type(function).__call__
    code = getattr(call, "__code__", None)
    return bool(code and code.co_flags & CO_COROUTINE)


def start_bridge() -> None:
    """Our HTTP sources on the jail's own loopback; returns when the port is open."""
    ready, done = os.pipe()
    argv = [sys.executable, "-I", "-S", BRIDGE, "out", str(SOURCES_PORT), SOURCES, str(done)]
    os.set_inheritable(done, True)
    os.posix_spawn(sys.executable, argv, os.environ)
    os.close(done)
    os.read(ready, 1)
    os.close(ready)


def exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code
    print(stop.code, file=sys.stderr)
    return 1


def own_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the learner's first line on: our frames above it would only puzzle them."""
    while trace and (trace.tb_frame.f_code.co_filename in PLUMBING or "<frozen" in trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def leave(code: int) -> NoReturn:
    """What the interpreter does at its end, but for the tear-down of libraries, which costs up to 1.4 s."""
    endings = (threading._shutdown, atexit._run_exitfuncs, sys.stdout.flush, sys.stderr.flush)  # type: ignore[attr-defined]
    for ending in endings:
        try:
            ending()
        except BaseException:
            traceback.print_exc()
            code = code or 120
    os._exit(code & 0xFF)


if __name__ == "__main__":
    main()
