"""Starts Milepost's processes together, says where they are, brings a dead one back, and stops them all on Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
HOST, PORT = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
ADDRESS = f"http://127.0.0.1:{PORT}"
READY_SECONDS = 60
# A worker finishes what it judges if that takes no longer; what it leaves behind is handed on at the next start.
PATIENCE_SECONDS = 8

ENVIRONMENT = {
    **os.environ,
    "MILEPOST_DEMO": os.environ.get("MILEPOST_DEMO", "1"),
    "MILEPOST_ADDRESS": os.environ.get("MILEPOST_ADDRESS", ADDRESS),
    "MILEPOST_LOG_LEVEL": os.environ.get("MILEPOST_LOG_LEVEL", "WARNING"),
    # One thread for the linear algebra of each grading process: two on two busy cores cost ten times as much.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Celery warns about root; the jail drops it before any strange code runs.
    "C_FORCE_ROOT": "1",
}
PYTHON = [sys.executable, "-W", "ignore:You're running the worker with superuser"]
COMMANDS = {
    "web": (
        f"uvicorn config.asgi:application --host {HOST} --port {PORT}"
        " --log-level warning --timeout-graceful-shutdown 2 --lifespan off"
    ),
    "worker": (
        f"celery --quiet -A config worker --beat --concurrency {os.cpu_count()}"
        " --loglevel WARNING --without-gossip --without-mingle"
    ),
}


def main() -> int:
    _check_words()
    # Said for both: a shell that starts us in the background has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        subprocess.run([*PYTHON, "manage.py", "prepare"], cwd=ROOT, env=ENVIRONMENT, check=True)
        processes = {name: _start(name) for name in COMMANDS}
        _wait_until_ready(processes["web"])
        print(f"\n  Milepost is at {ADDRESS}   (Ctrl-C stops it)\n", flush=True)
        _watch(processes)
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)
    finally:
        _stop(processes)
    return 0


def _check_words() -> None:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", HOST) or "://" in HOST:
        raise SystemExit(f"HOST is {HOST!r}; say a host or an address of this machine, such as 127.0.0.1.")
    if not (PORT.isascii() and PORT.isdigit()) or not 1 <= int(PORT) <= 65_535:
        raise SystemExit(f"PORT is {PORT!r}; it must be a whole number from 1 to 65535.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(name: str) -> "subprocess.Popen[bytes]":
    # In a session of its own, so that Ctrl-C reaches this process only and the children are stopped in order.
    return subprocess.Popen([*PYTHON, "-m", *COMMANDS[name].split()], cwd=ROOT, env=ENVIRONMENT, start_new_session=True)


def _wait_until_ready(web: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_SECONDS
    while web.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{ADDRESS}/healthz", timeout=2)  # noqa: S310 - our own address
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"The web process did not answer at {ADDRESS}; is port {PORT} taken? Set PORT to another.")


def _watch(processes: dict[str, "subprocess.Popen[bytes]"]) -> None:
    while True:
        time.sleep(0.5)
        for name, process in processes.items():
            if process.poll() is not None:
                print(f"The {name} ended with {process.returncode}; starting it again.", flush=True)
                time.sleep(1)
                processes[name] = _start(name)


def _stop(processes: dict[str, "subprocess.Popen[bytes]"]) -> None:
    for process in processes.values():
        process.terminate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for process in processes.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill_session(process.pid)


def _kill_session(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main())
