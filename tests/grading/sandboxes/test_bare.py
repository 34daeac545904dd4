"""Without a jail: the same paths, the same endings and the same collected files, for a learner's own code."""

import http.server
import os
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from grading.sandboxes import choose
from grading.sandboxes.bare import Bare
from grading.sandboxes.base import Command, Environment, Exit, Limits, Mount, Reason
from grading.sandboxes.short_paths import shortened

PYTHON = Environment(Path(sys.executable), "of the tests")
LIMITS = {"cpu_s": 5, "wall_s": 10, "memory_mb": 256, "out_mb": 4, "file_mb": 16, "out_files": 5}
Run = Callable[..., Exit]
WSGI = """
import os
def app(environ, start_response):
    if environ["PATH_INFO"] == "/die":
        os._exit(7)
    start_response("200 OK", [])
    return [b"here"]
"""
OWN_SERVER = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"own")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    (tmp_path / "scratch").mkdir()
    return Bare(tmp_path / "scratch")


@pytest.fixture
def run(bare: Bare, tmp_path: Path) -> Run:
    """Runs one program text, and leaves what it wrote in `collected`."""

    def run(program: str, *argv: str, expected: dict[str, float] | None = None, **changes: float) -> Exit:
        tree, collected = tmp_path / "tree", tmp_path / "collected"
        for folder in (tree, collected):
            folder.mkdir(exist_ok=True)
        limits = Limits(**{**LIMITS, **changes})
        mounts = (Mount(tree, "/work/tree"),)
        return bare.run(
            Command(("-c", program, *argv), PYTHON, limits, mounts, collect=collected, expected=expected or {})
        )

    return run


def test_paths_are_the_jails_in_commands_and_in_what_is_printed(run: Run, tmp_path: Path) -> None:
    ended = run("import os, sys; print(os.getcwd(), sys.argv[1], os.environ['TMPDIR'])", "/work/out")
    assert (ended.reason, ended.code, ended.stdout) == (Reason.FINISHED, 0, "/work/tree /work/out /tmp\n")
    (tmp_path / "tree").chmod(0o755)
    (tmp_path / "tree" / "oops.py").write_text("1 / 0\n")
    broken = run("import oops")
    assert (broken.code, '  File "/work/tree/oops.py", line 1' in broken.stderr) == (1, True)


def test_only_what_was_asked_for_is_collected(run: Run, tmp_path: Path) -> None:
    program = """
import os, sys
for name in ("a.txt", "b.txt", "big.txt"):
    open(f"{sys.argv[1]}/{name}", "w").write("x" * (2_000_000 if name == "big.txt" else 1))
os.symlink("/etc/passwd", sys.argv[1] + "/c.txt")
"""
    ended = run(program, "/work/out", expected={"a.txt": 1, "c.txt": 1, "big.txt": 1})
    assert ended.files == ("a.txt",)
    assert {file.name: file.why for file in ended.refused} == {
        "b.txt": "was not asked for",
        "big.txt": "is larger than 1 MB",
        "c.txt": "is a symbolic link",
    }
    assert (tmp_path / "collected" / "a.txt").read_text() == "x"


@pytest.mark.parametrize(
    ("program", "changes", "reason"),
    [
        ("import time; time.sleep(60)", {"wall_s": 0.5}, Reason.TIMED_OUT),
        ("while True: pass", {"cpu_s": 0.2}, Reason.OUT_OF_CPU),
        ("x = bytearray(200 << 20); import time; time.sleep(5)", {"memory_mb": 64}, Reason.OUT_OF_MEMORY),
        ("while True: print('x' * 10_000)", {"output_kill_mb": 1}, Reason.TOO_MUCH_OUTPUT),
        ("open(__import__('sys').argv[1] + '/a', 'wb').write(bytes(6 << 20))", {}, Reason.DISK_FULL),
        ("import os; os.kill(os.getpid(), 11)", {}, Reason.CRASHED),
        ("raise SystemExit(3)", {}, Reason.FINISHED),
    ],
)
def test_endings_have_the_jails_names(run: Run, program: str, changes: dict[str, float], reason: Reason) -> None:
    ended = run(program, "/work/out", **changes)
    assert ended.reason is reason
    assert ended.abnormal


def test_what_it_leaves_running_is_ended_with_it(run: Run, tmp_path: Path) -> None:
    program = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid)"
    child = int(run(program).stdout)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_nothing_of_ours_is_in_its_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILEPOST_TOKEN", "mlp_secret")
    assert "secret" not in run("import os; print(os.environ)").stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_its_own_tree_cannot_be_written_to(run: Run) -> None:
    assert "PermissionError" in run("open('cache.txt', 'w')").stderr


def test_a_callable_is_served_until_nobody_needs_it(bare: Bare, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "app.py").write_text(WSGI)
    listener = tmp_path / "s.sock"
    mounts = (Mount(tmp_path / "tree", "/work/tree"),)
    learners = Environment(Path(__file__).parents[3] / ".environments/ml/bin/python", "learners'")
    with bare.serve(Command((), learners, Limits(**LIMITS), mounts, listener=listener), "app:app") as served:
        assert get(listener) == b"here"
    assert (served.exit.reason, listener.exists()) == (Reason.KILLED_BY_US, False)
    with bare.serve(Command((), learners, Limits(**LIMITS), mounts, listener=listener), "app:app") as served:
        assert get(listener, "/die") == b""
        expect_refused(listener)
    assert (served.exit.reason, served.exit.code) == (Reason.FINISHED, 7)


def test_a_command_that_listens_by_itself_is_reached(bare: Bare, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "own.py").write_text(OWN_SERVER)
    listener = tmp_path / "s.sock"
    mounts = (Mount(tmp_path / "tree", "/work/tree"),)
    with bare.serve(Command(("own.py",), PYTHON, Limits(**LIMITS), mounts, listener=listener), "") as served:
        assert get(listener) == b"own"
        with suppress(OSError):
            get(listener, "/die")
        expect_refused(listener)
    assert (served.exit.reason, served.exit.code) == (Reason.FINISHED, 7)


def test_a_socket_far_down_is_listened_on_and_its_run_is_given_short_paths(tmp_path: Path) -> None:
    far = tmp_path / ("x" * 150)
    for name in ("tree", "scratch"):
        (far / name).mkdir(parents=True)
    (far / "tree" / "own.py").write_text(OWN_SERVER.replace('b"own"', "os.environ['TMPDIR'].encode()"))
    listener, mounts = far / "s.sock", (Mount(far / "tree", "/work/tree"),)
    command = Command(("own.py",), PYTHON, Limits(**LIMITS), mounts, listener=listener)
    with Bare(far / "scratch").serve(command, ""):
        with shortened(listener) as short:
            passing = get(Path(short)).decode()
        assert len(passing) < 60
        assert Path(passing).resolve().is_relative_to(far / "scratch")
    assert not Path(passing).parent.is_symlink()
    assert list((far / "scratch").iterdir()) == []


def test_any_program_may_listen_and_one_that_does_not_exist_says_so(bare: Bare, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "own.py").write_text(OWN_SERVER)
    listener, mounts = tmp_path / "s.sock", (Mount(tmp_path / "tree", "/work/tree"),)
    (tmp_path / "tree" / "python").symlink_to(sys.executable)
    argv = ("sh", "-c", "exec ./python own.py")
    command = Command(argv, PYTHON, Limits(**LIMITS), mounts, listener=listener)
    with bare.serve(command, "") as served:
        assert get(listener) == b"own"
    assert served.exit.reason is Reason.KILLED_BY_US
    with bare.serve(replace(command, argv=("no-such-server",)), "") as missing:
        expect_refused(listener)
    assert (missing.exit.reason, missing.exit.code) == (Reason.FINISHED, 1)
    assert missing.exit.stderr.endswith("FileNotFoundError: [Errno 2] No such file or directory\n")


def test_the_worlds_sources_answer_at_the_address_that_commands_are_given(bare: Bare, tmp_path: Path) -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nsources")

        def log_message(self, *_: object) -> None:
            return

    (tmp_path / "tree").mkdir()
    program = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1] + '/x').read())"
    with socketserver.UnixStreamServer(str(tmp_path / "sources"), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ended = bare.run(
            Command(
                ("-c", program, "http://127.0.0.1:8100"),
                PYTHON,
                Limits(**LIMITS),
                (Mount(tmp_path / "tree", "/work/tree"),),
                sources=tmp_path / "sources",
            )
        )
        server.shutdown()
    assert ended.stdout == "b'sources'\n"


def test_no_server_ever_chooses_it() -> None:
    assert "bare" not in choose.REQUIRED
    assert not hasattr(choose, "Bare")


def expect_refused(path: Path) -> None:
    """As in the jail: whoever comes after its end is turned away at once, and need not wait out a deadline."""
    deadline = time.monotonic() + 5
    refused = False
    while not refused and time.monotonic() < deadline:
        try:
            assert get(path, seconds=1) == b""
        except (ConnectionRefusedError, ConnectionResetError):
            refused = True
    assert refused


def get(path: Path, address: str = "/", seconds: float = 10) -> bytes:
    deadline = time.monotonic() + seconds
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(seconds)
        caller.connect(str(path))
        caller.sendall(f"GET {address} HTTP/1.0\r\n\r\n".encode())
        said = b""
        while time.monotonic() < deadline and (data := caller.recv(4096)):
            said += data
    return said.partition(b"\r\n\r\n")[2]
