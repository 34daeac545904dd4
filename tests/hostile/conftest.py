"""The ground that hostile programs are let loose on: the jail alone, the whole line, a service, an upload.

A mark, the canary, lies in all that a learner may never see: truth, checks, the reference, secrets, our environment.
"""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from curriculum.package import ProjectPackage, load
from grading.facilities import Facilities
from grading.kit import Answer, Service
from grading.pipeline import Job, grade
from grading.sandboxes.base import Command, Environment, Exit, Limits, Mount, SandboxFault
from grading.sandboxes.bubblewrap import STRICT, Bubblewrap
from grading.store import Store
from grading.verdict import Verdict
from grading.world import Draw
from people.learners.refusals import Refusal
from people.learners.unpacking import read_zip
from tests.hostile.programs import CLASSES, HERE, Program

ROOT = HERE.parents[1]
PROJECT = ROOT / "projects" / "chargeback-watch"
ENVIRONMENTS = ROOT / ".environments"
CANARY = "milepost-canary-5d41402abc4b"
LIMITS = Limits(
    cpu_s=3, wall_s=4, memory_mb=160, processes=24, file_mb=16, out_mb=32, tmp_mb=32, out_files=150, output_kill_mb=4
)
EXPECTED = {"rows.csv": 1, "model.json": 1}
DRAW = Draw(mechanism=11, draw=12, domain="payments")
MODULES = {"ingest": "ingest", "clean": "clean", "feature": "feature", "model": "train", "deploy": "serve"}
UNREACHED = "print('GOT a module that no key names')\nMARK = 'GOT'\n"
PLANTED = f'\n\nCANARY = "{CANARY}"\n'
PLANTED_TRUTH = f"""

generate_as_ever = generate


def generate(seed, domain, raw, truth):
    facts = generate_as_ever(seed, domain, raw, truth)
    (truth / "canary.json").write_text('"{CANARY}"')
    return facts
"""
held: Counter[str] = Counter()
met: Counter[str] = Counter()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Counts each attack, and those of them that were held, what they left behind included."""
    report = yield
    if "trial" in getattr(item, "fixturenames", ()) and isinstance(item, pytest.Function):
        kind = item.callspec.params["program"].kind
        met[kind] += report.when == "setup"
        held[kind] += (report.when == "setup") - (not report.passed)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if met:
        terminalreporter.section("attacks held, class by class")
        for kind, title in CLASSES.items():
            terminalreporter.write_line(f"{title:<45} {held[kind]:>3} of {met[kind]}")
        terminalreporter.write_line(f"{'all':<45} {held.total():>3} of {met.total()}")


@pytest.fixture(scope="session")
def jail() -> Bubblewrap:
    jail = Bubblewrap(require=STRICT if os.geteuid() == 0 else frozenset())
    try:
        jail.run(Command(("-c", ""), Environment(Path(sys.executable), ""), Limits(), cwd="/work"))
    except SandboxFault as fault:
        pytest.skip(f"no jail can be built here: {fault}")
    return jail


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Secrets and services of this host, and what a well-informed attacker knows of them."""
    for folder in tmp_path.parents[:3]:
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    tmp_path.chmod(0o755)
    secret = tmp_path / "truth.parquet"
    secret.write_text(CANARY)
    before = secret.stat()
    for room in ("memo", "blobs", "trees", "scratch"):
        (tmp_path / "store" / room).mkdir(parents=True)
    monkeypatch.setenv("SECRET_KEY", CANARY)
    name = f"milepost-hostile-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
    ):
        abstract.bind(f"\0{name}")
        named.bind(str(tmp_path / "broker.sock"))
        for listener in (abstract, named):
            listener.listen()
        for listener in (tcp, abstract, named):
            listener.setblocking(False)
        yield {
            "HOSTS_FILE": str(secret),
            "HOSTS_PORT": str(tcp.getsockname()[1]),
            "HOSTS_NAME": name,
            "HOSTS_SOCKET": str(tmp_path / "broker.sock"),
            "HOSTS_PROCESS": str(os.getpid()),
        }
        for listener in (tcp, abstract, named):
            with pytest.raises(BlockingIOError):
                listener.accept()
    assert secret.read_text() == CANARY
    assert (secret.stat().st_mode, secret.stat().st_uid) == (before.st_mode, before.st_uid)
    assert not list((tmp_path / "store").glob("*/*"))


@dataclass(frozen=True)
class Attack:
    """Lets a program loose in the bare jail."""

    jail: Bubblewrap
    told: dict[str, str]
    taken: Path

    def __call__(self, program: Path) -> Exit:
        self.taken.mkdir(exist_ok=True)
        command = Command(
            (program.name,),
            Environment(Path(sys.executable), ""),
            LIMITS,
            mounts=(Mount(HERE / program.parent, "/work/tree"),),
            variables=self.told,
            collect=self.taken,
            expected=EXPECTED,
        )
        return self.jail.run(command)


@pytest.fixture
def attack(jail: Bubblewrap, host: dict[str, str], tmp_path: Path) -> Attack:
    return Attack(jail, host, tmp_path / "taken")


@dataclass(frozen=True)
class Line:
    """Judges the flagship's reference with some modules replaced by a program, on one world, by the real line."""

    package: ProjectPackage
    facilities: Facilities
    stored: str

    def tree(self, program: Program | None = None) -> str:
        """The reference; with a program in place of a module, which then lies beside it as honest_<module>."""
        reference = self.package.folder / "reference"
        files = {p.relative_to(reference).as_posix(): p.read_bytes() for p in (reference / "pipeline").rglob("*.py")}
        for module in self._modules(program) if program else []:
            files[f"pipeline/honest_{module}.py"] = files[f"pipeline/{module}.py"]
            files[f"pipeline/{module}.py"] = program.source.encode() if program else b""
        files["pipeline/unreached.py"] = UNREACHED.encode()
        return self.facilities.store.put_files(files)

    def _modules(self, program: Program) -> list[str]:
        return program.modules or [MODULES[program.against]]

    def judge(self, kind: str, program: Program | None = None) -> Verdict:
        return grade(Job(self.stored, kind, self.tree(program), DRAW), self.facilities)


@pytest.fixture(scope="session")
def line(jail: Bubblewrap, tmp_path_factory: pytest.TempPathFactory) -> Line:
    """With less patience than the package has by itself, and the canary planted in all that is ours."""
    ground = tmp_path_factory.mktemp("line")
    for folder in ground.parents[:3]:
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    folder = Path(shutil.copytree(PROJECT, ground / "package", ignore=shutil.ignore_patterns("__pycache__", ".*")))
    ground.chmod(0o755)
    told = folder / "project.yaml"
    told.write_text(re.sub(r"cpu_s: \d+, wall_s: \d+", "cpu_s: 8, wall_s: 20", told.read_text()))
    for checks in folder.glob("*/checks.py"):
        checks.write_text(checks.read_text() + PLANTED)
    (folder / "data.py").write_text((folder / "data.py").read_text() + PLANTED_TRUTH)
    (folder / "reference" / "notes.md").write_text(CANARY)
    (ground / "secret-key").write_text(CANARY)
    facilities = Facilities(Store(ground / "store"), jail, ENVIRONMENTS)
    return Line(load(folder), facilities, facilities.store.put(folder))


Serve = Callable[[Program], tuple[list[Answer], Exit]]


@pytest.fixture
def serve(jail: Bubblewrap, host: dict[str, str], tmp_path: Path) -> Serve:
    """Starts a program as a service and asks it as deploy does: how it is, and twice the same question."""

    def ask(program: Program) -> tuple[list[Answer], Exit]:
        socket_path = tmp_path / "service.sock"
        command = Command(
            (),
            Environment(ENVIRONMENTS / "ml" / "bin" / "python", ""),
            replace(LIMITS, wall_s=14),
            mounts=(Mount(program.path.parent, "/work/tree"),),
            variables=host,
            listener=socket_path,
        )
        service = Service(socket_path, deadline_s=1.5)
        with jail.serve(command, f"{program.path.stem}:app") as served:
            _wait_for_first_breath(service)
            answers = [service.get("/health"), *(service.post("/predict", {"amount": 1}) for _ in range(2))]
        return answers, served.exit

    return ask


def _wait_for_first_breath(service: Service) -> None:
    """Python itself needs a moment, which is no fault of the program's."""
    deadline = time.monotonic() + 3
    while (left := deadline - time.monotonic()) > 0:
        with socket.socket(socket.AF_UNIX) as knock:
            # Whoever hangs up early on a busy host ends a program that only begins to answer.
            knock.settimeout(left)
            knock.connect(str(service.socket_path))
            try:
                knock.sendall(b"HEAD /awake HTTP/1.0\r\n\r\n")
                if knock.recv(1):
                    return
            except OSError:
                continue


def unpack(program: Program, store: Store, into: Path) -> tuple[str, str]:
    """Hand in the archive that the program makes: how that ends, and what is said."""
    made = subprocess.run([sys.executable, str(program.path)], capture_output=True, check=True, timeout=60)
    try:
        tree = read_zip(io.BytesIO(made.stdout))
    except Refusal as refusal:
        return refusal.code, refusal.sentence
    store.fetch(store.put_files(tree), into)
    return "taken", ", ".join(sorted(tree))
