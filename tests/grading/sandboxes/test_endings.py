"""How a run ended is told by us, from outside, in the word that helps most."""

import pytest

from grading.sandboxes.base import Reason


def test_a_program_that_ends_well_has_finished(run):
    ending = run("print('hello')")
    assert (ending.reason, ending.code, ending.stdout, ending.abnormal) == (Reason.FINISHED, 0, "hello\n", False)


def test_a_program_that_ends_with_a_code_has_finished_but_not_well(run):
    ending = run("raise SystemExit(3)")
    assert (ending.reason, ending.code, ending.abnormal) == (Reason.FINISHED, 3, True)


def test_an_exception_is_told_from_the_learners_first_line_on(run):
    ending = run("def share(): return 1 / 0\nshare()")
    assert ending.code == 1
    assert ending.stderr.startswith('Traceback (most recent call last):\n  File "<string>", line 2, in <module>\n')
    assert "runner.py" not in ending.stderr


def test_death_by_a_signal_is_a_crash(run):
    assert run("import os; os.abort()").reason is Reason.CRASHED


def test_a_program_that_sleeps_is_ended_at_its_wall_limit(run):
    ending = run("import time; time.sleep(60)", wall_s=0.4)
    assert ending.reason is Reason.TIMED_OUT
    assert ending.code is None
    assert 0.4 <= ending.wall_s < 2


@pytest.mark.attack
def test_a_program_that_ignores_every_signal_is_ended_all_the_same(run):
    stubborn = """
import signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: time.sleep(9)
"""
    assert run(stubborn, wall_s=0.4).reason is Reason.TIMED_OUT


def test_a_busy_loop_is_out_of_cpu_time(run):
    ending = run("while True: pass", cpu_s=0.4)
    assert ending.reason is Reason.OUT_OF_CPU
    assert 0.4 <= ending.cpu_s < 1.5


@pytest.mark.attack
def test_cpu_time_of_children_counts(run):
    family = "import os\nfor _ in range(3): os.fork()\nwhile True: pass"
    ending = run(family, cpu_s=0.6, processes=16)
    assert ending.reason is Reason.OUT_OF_CPU
    assert ending.wall_s < 3


def test_a_memory_bomb_is_out_of_memory(run, jail):
    ending = run("held = []\nwhile True: held.append(bytearray(1 << 22))", memory_mb=96)
    # No exit code, whether the kernel's killing or our look came first.
    assert (ending.reason, ending.code) == (Reason.OUT_OF_MEMORY, None)
    # Where only /proc is looked at, a quick program overshoots before the next look.
    counted = any("memory" in layer for layer in jail.layers)
    assert 80 <= ending.memory_mb <= (100 if counted else 1000)


@pytest.mark.attack
def test_memory_shared_out_among_children_counts(run):
    family = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(b"x") * (40 << 20)
        time.sleep(60)
time.sleep(60)
"""
    assert run(family, memory_mb=96, wall_s=8).reason is Reason.OUT_OF_MEMORY


@pytest.mark.attack
def test_endless_printing_is_too_much_output_and_keeps_head_and_tail(run):
    ending = run("print('first')\nwhile True: print('x' * 999)", output_kb=4, output_kill_mb=1)
    assert ending.reason is Reason.TOO_MUCH_OUTPUT
    assert ending.stdout.startswith("first\n")
    assert "bytes left out" in ending.stdout
    assert len(ending.stdout) < 5000


@pytest.mark.attack
def test_too_many_processes_are_told_as_such(run, jail):
    if "cgroup v1: pids" not in jail.layers and "cgroup v2: pids" not in jail.layers:
        pytest.skip("without a process group the kernel tells nobody")
    crowd = "import os, time\nfor _ in range(99):\n    if os.fork() == 0: time.sleep(60)"
    assert run(crowd).reason is Reason.TOO_MANY_PROCESSES


@pytest.mark.attack
@pytest.mark.parametrize("folder", ["/work/out", "/tmp", "/dev/shm"])
def test_a_full_disk_is_told_as_such(run, folder):
    writer = f"file = open('{folder}/data', 'wb', 0)\nwhile True: file.write(bytes(1 << 20))"
    ending = run(writer, out_mb=4, tmp_mb=4)
    assert ending.reason is Reason.DISK_FULL
    assert "No space left" in ending.stderr


@pytest.mark.attack
def test_too_many_files_fill_the_disk(run):
    writer = "for number in range(100): open(f'/work/out/{number}', 'w').close()"
    assert run(writer, out_files=20).reason is Reason.DISK_FULL


def test_terminal_controls_never_reach_us(run):
    ending = run(r"print('\x1b[2Jred\x07 \u202eevil\r\nnext\x00')")
    assert ending.stdout == "\ufffd[2Jred\ufffd \ufffdevil\nnext\ufffd\n"


def test_memory_and_cpu_are_measured(run):
    ending = run("held = bytearray(b'x') * (50 << 20)\nsum(range(3_000_000))")
    assert 50 <= ending.memory_mb < 90
    assert 0.02 < ending.cpu_s < 3
