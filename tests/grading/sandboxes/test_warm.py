"""A warm run is to be told from a cold one by its clock alone; whatever does not fit starts cold."""

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from grading.sandboxes import pool as pools
from grading.sandboxes.base import Command, Environment, Mount, Reason, SandboxFault
from grading.sandboxes.flavours import read_flavours
from grading.sandboxes.pool import LIMITS
from grading.sandboxes.warm import Warm

FLAVOURS = Path(__file__).parents[3] / "environments/ml/warm.txt"
LEARNERS = Environment(Path(__file__).parents[3] / ".environments/ml/bin/python", "learners'")
LIGHT = Environment(Path(sys.executable), "of the tests", (("decimal", "json", "http.client"),))
# Whether it is warm: a cold interpreter has not imported this.
HELD = "import sys\nprint('decimal' in sys.modules)\n"
PROBE = """
import atexit, decimal, gc, http.client, json, locale, os, resource, signal, socket, sys, threading, time, warnings

def told():
    status = open("/proc/self/status").read().split("\\n")
    return {
        "argv": sys.argv,
        "path": sys.path,
        "flags": list(sys.flags),
        "options": [sys.warnoptions, sys._xoptions, sys.dont_write_bytecode, sys.orig_argv],
        "names": sorted(globals()),
        "main": [__name__, sorted(vars(sys.modules["__main__"]))],
        "modules": sorted(sys.modules),
        "cwd": os.getcwd(),
        "environment": dict(os.environ),
        "mask": os.umask(0o77),
        "descriptors": [os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in range(3)],
        "opened": os.listdir("/proc/self/fd"),
        "inheritable": [os.get_inheritable(fd) for fd in range(3)],
        "stdin": sys.stdin.read(),
        "streams": [[stream.encoding, stream.errors, stream.line_buffering] for stream in (sys.stdout, sys.stderr)],
        "threads": [len(os.listdir("/proc/self/task")), [thread.name for thread in threading.enumerate()]],
        "handlers": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
        "masked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "warnings": [str(found) for found in warnings.filters],
        "endings": atexit._ncallbacks(),
        "garbage": [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()],
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource)
                   if name.startswith("RLIMIT_") and name != "RLIMIT_CPU"},
        "numbers": [sys.getrecursionlimit(), sys.getswitchinterval(), os.nice(0), os.getpid(), os.getppid()],
        "session": os.getsid(0) == os.getsid(0),
        "who": [line for line in status if line.split(":")[0] in
                ("Uid", "Gid", "Groups", "CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp", "Seccomp_filters")],
        "sizes": [os.statvfs(path)[:4] + os.statvfs(path)[5:7] for path in ("/work/out", "/tmp", "/dev/shm")],
        "folders": [sorted(os.listdir(path)) for path in ("/", "/work", "/work/in", "/work/tree", "/jail", "/tmp")],
        "hooks": [len(sys.meta_path), len(sys.path_hooks), str(sys.excepthook), socket.getdefaulttimeout()],
        "zone": [time.tzname, locale.getlocale()],
    }

def refusal(path, flags):
    try:
        os.close(os.open(path, flags, 0o666))
    except OSError as error:
        return error.errno

found = told()
folders = ("/", "/work", "/work/tree", "/work/in", "/work/in/raw", "/jail", "/usr", "/tmp", "/work/out")
found["writing"] = [refusal(f"{folder}/x", os.O_WRONLY | os.O_CREAT) for folder in folders]
print(json.dumps(found))
"""


@pytest.fixture(scope="module", autouse=True)
def _never_wait_for_an_idle_host():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "idle", lambda: True)
        yield


@pytest.fixture(scope="module")
def warm(jail):
    warm = Warm(jail, 2)
    yield warm
    warm.close()
    assert not warm.pool.ready or not any(warm.pool.ready.values())


@pytest.fixture
def command(open_folder, limits):
    """A command that runs this text, as `python -m program`, on a tree and an input."""
    for name in ("tree", "raw", "taken"):
        (open_folder / name).mkdir()
        (open_folder / name).chmod(0o755)
    (open_folder / "raw" / "rows.csv").write_text("a,b\n")
    mounts = (Mount(open_folder / "tree", "/work/tree"), Mount(open_folder / "raw", "/work/in/raw"))

    def command(program: str, *argv: str, **changes: object) -> Command:
        (open_folder / "tree" / "program.py").write_text(program)
        environment = changes.pop("environment", LIGHT)
        names = set(Command.__dataclass_fields__)
        fields = {"mounts": mounts, **{name: changes.pop(name) for name in names & changes.keys()}}
        return Command(("-m", "program", *argv), environment, limits(**changes), **fields)

    return command


def fill(warm, command) -> None:
    """Let the pool learn of this kind of command and make its slots."""
    warm.pool.take(warm.kind(command), lambda slot: False)
    assert warm.pool.wait_until_full(30)


def run_warm(warm, command):
    """In a slot, or the test does not say what it claims."""
    fill(warm, command)
    before = sum(map(len, warm.pool.ready.values()))
    used = warm.pool.given
    ending = warm.run(command)
    assert (before, warm.pool.given) == (before, used + 1)
    return ending


@pytest.mark.parametrize(
    "argv",
    [("-m", "program", "--in", "x"), ("program.py", "x"), ("-c", "exec(open('program.py').read())", "x")],
    ids=str,
)
def test_an_interpreter_looks_the_same_warm_and_cold(warm, jail, command, argv):
    asked = replace(command(PROBE), argv=argv, variables={"MODEL_DIR": "/work/model"})
    cold, warmed = jail.run(asked), run_warm(warm, asked)
    assert cold.code == 0, cold.stderr
    assert warmed.code == 0, warmed.stderr
    told, found = json.loads(cold.stdout), json.loads(warmed.stdout)
    for name in told:
        assert found[name] == told[name], name
    assert (warmed.stderr, warmed.reason, warmed.files) == (cold.stderr, cold.reason, cold.files)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["pyarrow", "pandas", "sklearn", "torch", "fastapi"])
def test_the_learners_libraries_leave_nothing_that_differs(jail, command, first):
    """Their threads, handlers, filters and variables are those of a program that imports them itself."""
    if not os.access(LEARNERS.python, os.X_OK):
        pytest.skip("needs the learners' environment")
    flavour = next(flavour for flavour in read_flavours(FLAVOURS) if flavour[0] == first)
    program = f"import marshal, {', '.join(flavour)}\n{PROBE}"
    asked = command(program, environment=replace(LEARNERS, flavours=(flavour,)), memory_mb=2048, tmp_mb=128, cpu_s=20)
    warm = Warm(jail, 1)
    try:
        cold, warmed = jail.run(asked), run_warm(warm, asked)
    finally:
        warm.close()
    assert warmed.code == 0, warmed.stderr
    told, found = json.loads(cold.stdout), json.loads(warmed.stdout)
    assert {name: found[name] for name in told} == told


def test_what_a_slot_holds_is_there_at_the_first_line(warm, jail, command):
    assert jail.run(command(HELD)).stdout == "False\n"
    assert run_warm(warm, command(HELD)).stdout == "True\n"


def test_two_slots_share_no_randomness(warm, command):
    program = "import random, uuid, os\nprint(random.random(), hash('a'), uuid.uuid4(), id(os), os.urandom(4))\n"
    first, second = (run_warm(warm, command(program)).stdout.split() for _ in range(2))
    assert not set(first) & set(second)


def test_a_slot_is_used_once(warm, command):
    program = """
import builtins, os, sys
folders = ("/tmp", "/dev/shm", "/work/out")
print(hasattr(builtins, "mark"), [folder for folder in folders if os.path.exists(f"{folder}/mark")])
builtins.mark = True
for folder in folders:
    open(f"{folder}/mark", "w").close()
"""
    said = {run_warm(warm, command(program)).stdout for _ in range(4)}
    assert said == {"False []\n"}


def test_there_is_nobody_left_to_talk_to(warm, command):
    program = """
import os, socket
for pid in ("self", "1", "2"):
    try:
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        continue
    for link in links:
        if pid == "self" and "socket" in link:
            print("GOT", pid, link)
for fd in range(3, 256):
    try:
        os.write(fd, b"{}"), print("GOT", fd)
    except OSError:
        pass
"""
    assert "GOT" not in run_warm(warm, command(program)).stdout


ENDINGS = {
    "import sys; sys.exit(3)": {},
    "raise ValueError('five')": {},
    "import os; os.abort()": {},
    "held = []\nwhile True: held.append(bytearray(1 << 22))": {},
    "while True: pass": {"cpu_s": 0.4},
    "import time; time.sleep(60)": {"wall_s": 0.5},
    "while True: print('x' * 65536)": {"output_kill_mb": 1},
    "open('/work/out/x', 'wb').write(bytes(20 << 20))": {"file_mb": 64},
    "open('/tmp/x', 'wb').write(bytes(20 << 20))": {"file_mb": 64},
    "open('/work/out/x', 'wb').write(bytes(4 << 20))": {"file_mb": 2},
    "import os, time\nfor _ in range(40):\n if not os.fork(): time.sleep(9)": {},
    "for n in range(300): open(f'/work/out/{n}', 'w').close()": {"out_files": 100},
    "held = [open('/tmp/x', 'w') for _ in range(500)]": {"open_files": 64},
}


@pytest.mark.slow
@pytest.mark.parametrize("program", ENDINGS)
def test_every_ending_is_told_as_after_a_cold_start(warm, jail, command, program):
    asked = command(program, **ENDINGS[program])
    cold, warmed = jail.run(asked), run_warm(warm, asked)
    assert (warmed.reason, warmed.code) == (cold.reason, cold.code)
    assert warmed.stderr.replace("id=", "") == cold.stderr.replace("id=", "")
    assert warmed.refused == cold.refused
    assert (cold.reason, cold.code) != (Reason.FINISHED, 0)


def test_only_the_job_itself_is_counted(warm, command):
    busy = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
    fill(warm, command(busy))
    began = time.monotonic()
    ending = warm.run(command(busy))
    assert 0.25 < ending.cpu_s < 0.45
    assert ending.wall_s <= time.monotonic() - began
    assert ending.memory_mb > 3


def test_the_jobs_own_cpu_limit_holds_for_one_process_too(warm, command):
    program = "import resource\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0])\n"
    assert 4 <= int(run_warm(warm, command(program, cpu_s=3)).stdout) <= 8


def test_what_is_produced_is_taken_out(warm, command, open_folder):
    taken = open_folder / "taken"
    program = "open('/work/out/out.txt', 'w').write(open('/work/in/raw/rows.csv').read())"
    ending = run_warm(warm, command(program, collect=taken, expected={"out.txt": 1}))
    assert ending.files == ("out.txt",)
    assert (taken / "out.txt").read_text() == "a,b\n"


def cold_because(warm, command) -> str:
    fill(warm, command)
    used = warm.pool.given
    said = warm.run(command).stdout
    assert warm.pool.given == used
    return said


@pytest.mark.parametrize("name", ["decimal.py", "json", "http"])
def test_a_file_that_would_come_before_a_library_starts_cold(warm, command, open_folder, name):
    path = open_folder / "tree" / name
    path.write_text("") if path.suffix else path.mkdir()
    assert cold_because(warm, command(HELD)) == "False\n"


@pytest.mark.parametrize("limit", ["cpu_s", "memory_mb", "processes", "open_files", "file_mb", "out_mb", "tmp_mb"])
def test_more_than_a_slot_can_be_given_starts_cold(warm, command, limit):
    assert not warm.fits(next_slot(warm, command(HELD)), command(HELD, **{limit: getattr(LIMITS, limit) + 1}))


def test_little_memory_starts_cold(warm, command):
    assert not warm.fits(next_slot(warm, command(HELD)), command(HELD, memory_mb=4))


def next_slot(warm, command):
    fill(warm, command)
    return warm.pool.ready[warm.kind(command)][0]


def test_other_variables_are_another_kind(warm, command):
    variables = {"PYTHONHASHSEED": "7"}
    program = HELD + "print(hash('a'))\n"
    said = {run_warm(warm, command(program, variables=variables)).stdout for _ in range(2)}
    assert len(said) == 1


def test_a_slot_that_died_is_not_used(warm, command):
    for slot in list(warm.pool.ready.get(warm.kind(command(HELD)), [])) or [next_slot(warm, command(HELD))]:
        os.kill(slot.shim.process.pid, signal.SIGKILL)
        slot.shim.process.wait()
    ending = warm.run(command(HELD))
    assert (ending.code, ending.stdout) == (0, "False\n")


def test_a_job_that_cannot_begin_is_told_as_after_a_cold_start(warm, jail, command, open_folder):
    missing = command(HELD, mounts=(Mount(open_folder / "nowhere", "/work/in/x"),))
    fill(warm, missing)
    with pytest.raises(SandboxFault, match="does not exist"):
        warm.run(missing)


def test_an_old_slot_is_not_used(warm, command, monkeypatch):
    fill(warm, command(HELD))
    monkeypatch.setattr(pools, "OLDEST_S", -1)
    assert warm.run(command(HELD)).stdout == "False\n"


def test_libraries_that_print_are_not_imported_ahead(jail, command, caplog):
    loud = Warm(jail, 1)
    try:
        asked = command("print(1)", environment=replace(LIGHT, flavours=(("this",),)))
        fill(loud, asked)
        assert not loud.pool.ready.get(loud.kind(asked))
        assert loud.run(asked).stdout == "1\n"
    finally:
        loud.close()
    assert "print when they are imported" in caplog.text


def test_what_is_ours_is_there_when_the_interpreter_starts(warm, command, open_folder):
    """As the examiner's environment: modules of ours are imported ahead, from where they are mounted."""
    ours = open_folder / "ours"
    ours.mkdir()
    (ours / "kit_of_a_test.py").write_text("")
    asked = command(
        "import sys, os; print('kit_of_a_test' in sys.modules, sys.path[:2], os.listdir('/package'))",
        environment=replace(LIGHT, flavours=(("kit_of_a_test",),)),
        mounts=(
            Mount(open_folder / "tree", "/work/tree"),
            Mount(ours, "/ours/kit"),
            Mount(open_folder / "raw", "/package"),
        ),
        variables={"PYTHONPATH": "/ours/kit"},
    )
    assert run_warm(warm, asked).stdout == "True ['/work/tree', '/ours/kit'] ['rows.csv']\n"


def test_a_forked_child_leaves_the_slots_to_its_parent(warm, command):
    fill(warm, command(HELD))
    child = os.fork()
    if child == 0:
        os._exit(len(warm.pool.ready) + len(warm.pool.asked))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert run_warm(warm, command(HELD)).stdout == "True\n"
