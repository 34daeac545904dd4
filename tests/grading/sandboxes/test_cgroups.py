"""Version 2 and version 1 by folders that stand in for the kernel's; what is real here is tried by the other tests."""

import os

import pytest

from grading.sandboxes import cgroups
from grading.sandboxes.base import Limits
from grading.sandboxes.cgroups import MB, V1, V2, find_group
from grading.sandboxes.uncounted import Uncounted

LIMITS = Limits(memory_mb=64, processes=8)


@pytest.fixture
def delegated(tmp_path):
    base = tmp_path / "milepost.service"
    base.mkdir()
    (base / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    (base / "cgroup.subtree_control").write_text("memory\n")
    (base / "cgroup.procs").write_text("")
    return base


def test_version_2_hands_down_what_is_missing(delegated, tmp_path):
    group = V2("/milepost.service", root=tmp_path)
    assert group.counted == {"memory", "pids", "cpu"}
    assert (delegated / "cgroup.subtree_control").read_text() == "+cpu +pids"


def test_version_2_moves_its_own_processes_out_of_the_way(delegated, tmp_path, monkeypatch):
    (delegated / "cgroup.procs").write_text("41\n42\n")
    written = []

    def write(path, value):
        written.append((path.relative_to(delegated), value))
        if len(written) == 1:
            raise OSError("no internal processes")

    monkeypatch.setattr(cgroups, "_write", write)
    V2("/milepost.service", root=tmp_path)
    assert [(str(path), value) for path, value in written] == [
        ("cgroup.subtree_control", "+cpu +pids"),
        ("milepost-worker/cgroup.procs", 41),
        ("milepost-worker/cgroup.procs", 42),
        ("cgroup.subtree_control", "+cpu +pids"),
    ]


def test_version_2_limits_and_measures_a_run(delegated, tmp_path):
    group = V2("/milepost.service", root=tmp_path)
    group.create("7.9", LIMITS)
    run = delegated / "milepost-7.9"
    written = {path.name: path.read_text() for path in run.iterdir()}
    assert written == {
        "memory.max": str(64 * MB),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "12",
        "cpu.max": "100000 100000",
        "cpu.weight": "100",
    }
    (run / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1000000\n")
    (run / "memory.events").write_text("low 0\noom 2\noom_kill 1\n")
    (run / "pids.events").write_text("max 3\n")
    (run / "memory.peak").write_text(str(60 * MB))
    (run / "memory.stat").write_text(f"anon 0\nfile {30 * MB}\nshmem {10 * MB}\n")
    assert (group.cpu_s(), group.over_memory(), group.refused_processes(), group.peak_mb()) == (1.5, True, 3, 40)
    assert group.doors() == [str(run / "cgroup.procs")]
    assert group.folders() == [run]


def test_version_2_kills_by_the_kernels_own_switch(delegated, tmp_path):
    group = V2("/milepost.service", root=tmp_path)
    group.create("7.9", LIMITS)
    group.kill()
    assert (group.folder / "cgroup.kill").read_text() == "1"


def test_a_version_2_group_without_a_kernel_to_ask_measures_nothing(delegated, tmp_path):
    group = V2("/milepost.service", root=tmp_path)
    group.create("7.9", LIMITS)
    assert (group.cpu_s(), group.over_memory(), group.refused_processes(), group.peak_mb()) == (0, False, 0, 0)


def test_version_1_limits_and_measures_a_run(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    group = V1("/box")
    assert group.counted == {"memory", "pids", "cpuacct", "cpu"}
    for controller, file, text in (("cpuacct", "cpuacct.usage", "2500000000"), ("cpu", "cpu.cfs_period_us", "100000")):
        (tmp_path / controller / "box/milepost/7.9").mkdir()
        (tmp_path / controller / "box/milepost/7.9" / file).write_text(text)
    monkeypatch.setattr(type(tmp_path), "mkdir", _made_already(type(tmp_path).mkdir))
    group.create("7.9", LIMITS)
    memory = tmp_path / "memory/box/milepost/7.9"
    assert (memory / "memory.limit_in_bytes").read_text() == str(64 * MB)
    assert (tmp_path / "pids/box/milepost/7.9/pids.max").read_text() == "12"
    assert (tmp_path / "cpu/box/milepost/7.9/cpu.cfs_quota_us").read_text() == "100000"
    (memory / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert (group.cpu_s(), group.over_memory(), group.refused_processes()) == (2.5, True, 0)
    assert len(group.doors()) == len(group.folders()) == 4


def _made_already(mkdir):
    return lambda path, *arguments, **options: mkdir(path, exist_ok=True)


def test_where_no_group_can_be_made_proc_is_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "ROOT", tmp_path / "missing")
    monkeypatch.setattr(cgroups, "V1", lambda named: (_ for _ in ()).throw(OSError("no")))
    group = find_group()
    assert isinstance(group, Uncounted)
    group.create("7.9", LIMITS)
    assert (group.counted, group.doors(), group.folders(), group.over_memory()) == (frozenset(), [], [], False)


def test_looking_at_proc_sees_descendants():
    group = Uncounted()
    group.create("7.9", Limits(memory_mb=1))
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        held = bytearray(b"x") * (20 << 20)
        os.write(writing, b"ok" if held else b"")
        os.read(reading, 99) and os._exit(0)
        os._exit(0)
    try:
        while group.peak_mb() < 20:
            group.over_memory()
        assert group.over_memory()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
