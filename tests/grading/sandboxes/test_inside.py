"""What a jailed program sees: its own things, and nothing of ours or of the host's."""

import json
import os
import socket
from pathlib import Path

import pytest

from grading.sandboxes.base import Command, Environment, Limits, Mount, SandboxFault
from grading.sandboxes.bubblewrap import VARIABLES


def facts(run, program, **changes):
    ending = run(f"import json, os\n{program}", **changes)
    assert ending.code == 0, ending.stderr
    return json.loads(ending.stdout)


def test_nothing_of_our_environment_is_inside(run, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    found = facts(run, "print(json.dumps(dict(os.environ)))", variables={"MODEL_DIR": "/work/model"})
    assert found.pop("MODEL_DIR") == "/work/model"
    assert set(found) <= {*VARIABLES, "PWD", "LC_CTYPE"}
    assert found["HOME"] == "/tmp"
    assert found["OMP_NUM_THREADS"] == "1"


def test_the_root_holds_only_what_the_jail_needs(run):
    assert set(facts(run, "print(json.dumps(os.listdir('/')))")) <= {
        *("bin", "dev", "etc", "jail", "lib", "lib64", "proc", "sbin", "tmp", "usr", "var", "work"),
        # The folders that lead to the interpreter, at its own path.
        *Path(os.path.realpath("/proc/self/exe")).parts[1:2],
        *Path(os.sys.executable).parts[1:2],
    }


def test_files_of_the_host_are_not_there(run, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("canary")
    program = f"""
seen = [path for path in ({str(secret)!r}, "/etc/shadow", "/root/.ssh", "/sys/class", "/proc/sys/kernel/core_pattern/x")
        if os.path.exists(path)]
print(json.dumps(seen))"""
    assert facts(run, program) == []


def test_only_own_processes_are_seen(run):
    program = "print(json.dumps([entry for entry in os.listdir('/proc') if entry.isdigit()]))"
    assert len(facts(run, program)) <= 3


def test_the_command_line_of_the_jail_tells_no_paths(run):
    assert "milepost" not in facts(run, "print(json.dumps(open('/proc/1/cmdline').read()))")


def test_no_descriptor_of_ours_is_inherited(run):
    assert facts(run, "print(json.dumps(os.listdir('/proc/self/fd')))")[:3] == ["0", "1", "2"]
    assert len(facts(run, "print(json.dumps(os.listdir('/proc/self/fd')))")) == 4


def test_mounts_are_read_only_and_where_they_were_asked_for(run, open_folder):
    (open_folder / "rows.csv").write_text("a,b\n")
    program = """
answers = [open("/work/in/rows.csv").read()]
for act in (lambda: open("/work/in/new", "w"), lambda: os.chmod("/work/in/rows.csv", 0o777),
            lambda: open("/work/new", "w"), lambda: open("/usr/bin/new", "w"), lambda: open("/new", "w")):
    try:
        act()
    except OSError as error:
        answers.append(error.errno)
print(json.dumps(answers))"""
    assert facts(run, program, mounts=(Mount(open_folder, "/work/in"),)) == ["a,b\n", 30, 30, 30, 30, 30]


@pytest.mark.parametrize("target", ["/etc", "/work/../etc", "/work/out", "/jail/runner.py", "relative", "/work/"])
def test_a_mount_elsewhere_is_refused(run, tmp_path, target):
    with pytest.raises(SandboxFault, match="nothing can be mounted"):
        run("", mounts=(Mount(tmp_path, target),))


def test_a_mount_of_what_does_not_exist_is_our_fault(run, tmp_path):
    with pytest.raises(SandboxFault, match="does not exist"):
        run("", mounts=(Mount(tmp_path / "missing", "/work/in"),))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs learners' code as another user")
def test_a_folder_that_nobody_could_read_inside_is_told_with_its_remedy(run, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(SandboxFault, match="chmod o"):
        run("", mounts=(Mount(closed, "/work/in"),))


def test_a_missing_interpreter_is_our_fault(jail):
    with pytest.raises(SandboxFault, match="no interpreter"):
        jail.run(Command(("-c", ""), Environment(Path("/nowhere/bin/python"), ""), Limits(), cwd="/work"))


def test_a_folder_to_start_in_that_is_not_there_is_our_fault(run):
    with pytest.raises(SandboxFault, match="could not be built"):
        run("", cwd="/work/nowhere")


def test_the_network_is_its_own_loopback(run):
    with socket.create_server(("127.0.0.1", 0)) as host:
        program = f"""
import socket
def reach(*address):
    try:
        socket.create_connection(address, 1)
        return True
    except OSError:
        return False
own = socket.create_server(("127.0.0.1", 0))
addresses = [("127.0.0.1", {host.getsockname()[1]}), ("1.1.1.1", 53), ("localhost", own.getsockname()[1])]
print(json.dumps([reach(*address) for address in addresses]))"""
        assert facts(run, program) == [False, False, True]


def test_a_module_runs_as_python_itself_would_run_it(jail, python, limits, open_folder):
    package = open_folder / "pipeline"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "names.py").write_text("NAME = 'sales'\n")
    (package / "ingest.py").write_text(
        "import sys\nfrom pipeline.names import NAME\n"
        "if __name__ == '__main__':\n    print(NAME, sys.argv[1:], __spec__.name, sys.path[0])\n"
    )
    command = Command(
        ("-m", "pipeline.ingest", "--out", "/work/out"), python, limits(), mounts=(Mount(open_folder, "/work/tree"),)
    )
    assert jail.run(command).stdout == "sales ['--out', '/work/out'] pipeline.ingest /work/tree\n"


def test_a_script_runs_with_its_arguments(jail, python, limits, open_folder):
    (open_folder / "go.py").write_text("import sys; print(sys.argv, __name__)")
    command = Command(("go.py", "a"), python, limits(), mounts=(Mount(open_folder, "/work/tree"),))
    assert jail.run(command).stdout == "['go.py', 'a'] __main__\n"


def test_a_module_that_is_not_there_is_named(run, jail, python, limits, open_folder):
    command = Command(("-m", "pipeline.ingest"), python, limits(), mounts=(Mount(open_folder, "/work/tree"),))
    ending = jail.run(command)
    assert (ending.code, "pipeline" in ending.stderr) == (1, True)


def test_what_the_interpreter_does_at_its_end_is_done(run):
    program = """
import atexit, threading, time
atexit.register(print, "at exit")
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
print("no newline", end="")"""
    assert run(program).stdout == "no newlinethread\nat exit\n"


def test_processes_of_python_work(run, open_folder, jail, python, limits):
    (open_folder / "work.py").write_text(
        "import multiprocessing\ndef double(n): return 2 * n\n"
        "if __name__ == '__main__':\n"
        "    for kind in ('fork', 'spawn'):\n"
        "        with multiprocessing.get_context(kind).Pool(2) as pool: print(pool.map(double, [1, 2]))\n"
    )
    command = Command(("-m", "work"), python, limits(), mounts=(Mount(open_folder, "/work/tree"),))
    ending = jail.run(command)
    assert ending.stdout == "[2, 4]\n[2, 4]\n", ending.stderr


def test_two_runs_share_no_hash_seed(run):
    assert run("print(hash('sale'))").stdout != run("print(hash('sale'))").stdout
