"""A served app answers on a socket of the host while its context lasts; sources are reached on the jail's loopback."""

import http.client
import http.server
import os
import socket
import socketserver
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grading.sandboxes.base import Command, Environment, Mount, Reason, SandboxFault
from grading.sandboxes.short_paths import shortened

ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"asgi"})
"""
WSGI = """
import os
def app(environ, start_response):
    if environ["PATH_INFO"] == "/die":
        os._exit(7)
    start_response("200 OK", [])
    return [b"wsgi"]
"""
OWN_SERVER = """
import http.server, os, sys, time
time.sleep(float(sys.argv[1]))
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"on port " + os.environ["PORT"].encode())
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
LEARNERS = Path(__file__).parents[3] / ".environments/ml/bin/python"


class Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("sandbox", timeout=20)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def get(path: Path, address: str = "/") -> tuple[int, bytes]:
    with closing(Connection(path)) as connection:
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def command(open_folder, limits):
    tree = open_folder / "tree"
    tree.mkdir()
    (tree / "asgi.py").write_text(ASGI)
    (tree / "wsgi.py").write_text(WSGI)
    (tree / "broken.py").write_text("import nothing_of_that_name\n")
    if not os.access(LEARNERS, os.X_OK):
        pytest.skip("needs the learners' environment")
    mounts = (Mount(tree, "/work/tree"),)
    return Command(
        (), Environment(LEARNERS, "learners'"), limits(), mounts=mounts, listener=open_folder / "service.sock"
    )


def test_an_asgi_app_answers_and_is_gone_afterwards(jail, command):
    with jail.serve(command, "asgi:app") as served:
        assert get(command.listener) == (200, b"asgi")
        assert get(command.listener) == (200, b"asgi")
    assert served.exit.reason is Reason.KILLED_BY_US
    assert served.exit.cpu_s > 0
    assert not command.listener.exists()


def test_a_wsgi_app_answers_too(jail, command):
    with jail.serve(command, "wsgi:app"):
        assert get(command.listener) == (200, b"wsgi")


def test_an_app_that_dies_refuses_its_callers(jail, command):
    with jail.serve(command, "wsgi:app") as served:
        with pytest.raises((http.client.HTTPException, OSError)):
            get(command.listener, "/die")
        # Refused or reset: the second caller may come in the moment of its death.
        with pytest.raises((http.client.HTTPException, OSError)):
            get(command.listener)
    assert (served.exit.reason, served.exit.code) == (Reason.FINISHED, 7)


@pytest.mark.parametrize("target", ["missing:app", "broken:app", "asgi:nothing"])
def test_an_app_that_cannot_be_imported_says_why(jail, command, target):
    with jail.serve(command, target) as served, pytest.raises((http.client.HTTPException, OSError)):
        get(command.listener)
    assert served.exit.code == 1
    assert "Error: " in served.exit.stderr


def test_the_exit_is_not_known_before_the_end(jail, command):
    with jail.serve(command, "asgi:app") as served, pytest.raises(RuntimeError):
        assert served.exit


def test_a_listener_that_cannot_be_made_is_our_fault(jail, command, open_folder):
    command.listener.touch()
    with pytest.raises(SandboxFault, match="cannot listen"), jail.serve(command, "asgi:app"):
        pass


def test_an_examiner_in_another_jail_can_speak_to_the_app(jail, command, run):
    examiner = """
import socket
with socket.socket(socket.AF_UNIX) as service:
    service.connect("/work/service.sock")
    service.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    print(service.makefile("rb").read().decode())
"""
    with jail.serve(command, "asgi:app"):
        ending = run(examiner, listener=command.listener)
    assert ending.stdout.startswith("HTTP/1.1 200 OK")
    assert "asgi" in ending.stdout


@pytest.fixture
def far_down(open_folder):
    """A folder whose path no socket's address can hold."""
    far = open_folder / ("x" * 75) / ("y" * 75)
    far.mkdir(parents=True)
    return far


def test_a_socket_lies_where_it_was_asked_for_however_far_down(jail, command, run, far_down):
    there = replace(command, listener=far_down / "service.sock")
    examiner = "import socket; socket.socket(socket.AF_UNIX).connect('/work/service.sock')"
    with jail.serve(there, "asgi:app"):
        assert there.listener.is_socket()
        assert there.listener.stat().st_mode & 0o777 == (0o666 if os.geteuid() == 0 else 0o600)
        with shortened(there.listener) as short:
            assert get(short) == (200, b"asgi")
        ending = run(examiner, listener=there.listener)
    assert (ending.reason, ending.code) == (Reason.FINISHED, 0)
    assert list(far_down.iterdir()) == []


class Sources(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.encode() * 50_000)

    def address_string(self) -> str:
        return "jail"

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def sources(open_folder):
    server = socketserver.ThreadingUnixStreamServer(str(open_folder / "sources.sock"), Sources)
    (open_folder / "sources.sock").chmod(0o600)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield open_folder / "sources.sock"
    server.shutdown()
    server.server_close()


def test_sources_are_reached_on_the_jails_own_loopback(run, sources):
    program = """
from urllib.request import urlopen
for cursor in range(5):
    print(len(urlopen(f"http://127.0.0.1:8100/disputes?cursor={cursor}").read()))
"""
    assert run(program, sources=sources).stdout == "900000\n" * 5


def test_without_sources_nothing_answers_there(run):
    program = "import socket\nprint(socket.socket().connect_ex(('127.0.0.1', 8100)))"
    assert run(program).stdout == "111\n"


@pytest.mark.parametrize("late", ["0", "0.5"])
def test_a_command_that_listens_on_its_port_is_reached_however_late_it_starts(jail, command, late):
    (command.mounts[0].source / "own.py").write_text(OWN_SERVER)
    with jail.serve(replace(command, argv=("own.py", late)), "") as served:
        assert get(command.listener) == (200, b"on port 8000")
        assert get(command.listener) == (200, b"on port 8000")
    assert served.exit.reason is Reason.KILLED_BY_US
    assert not command.listener.exists()


def test_any_program_may_listen_and_one_that_does_not_exist_says_so(jail, command):
    (command.mounts[0].source / "own.py").write_text(OWN_SERVER)
    script = 'exec python3 own.py 0 || exec "$PYTHON" own.py 0'
    with jail.serve(replace(command, argv=("sh", "-c", script), variables={"PYTHON": str(LEARNERS)}), "") as served:
        assert get(command.listener)[0] == 200
    assert served.exit.reason is Reason.KILLED_BY_US
    refused = pytest.raises((OSError, http.client.HTTPException))
    with jail.serve(replace(command, argv=("no-such-server",)), "") as missing, refused:
        get(command.listener)
    assert missing.exit.reason is Reason.FINISHED
    assert "no-such-server" in missing.exit.stderr or "No such file" in missing.exit.stderr
