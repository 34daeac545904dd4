"""Has the same work judged by us, by nbgrader, by otter-grader and by nobody (the command, then pytest), in turn.

Every side gets the same bytes of data, the same learner's code and the same questions, and must refuse work that is
wrong before it is timed. What is not the same: only we keep the learner's code from the truth and from this host.
CPU time is that of all processes; for a warm start the making of the next one is in it, and told apart below.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from grading.world import REPOSITORY
from scripts.benchmarks import Cost, Ground, lay_ground, measured
from scripts.peer_sides import CLASS, ENVIRONMENTS, Bare, Nbgrader, NbgraderClass, Otter, Ours, Side, Task

TASKS = ("cleaning", "fitting")
VERSIONS = REPOSITORY / "scripts" / "peers.txt"
LIBRARIES = ("pandas", "scikit-learn", "pyarrow")
PEERS = {"bare": ("pytest",), "nbgrader": ("nbgrader",), "otter": ("otter-grader", "ipykernel")}
GOAL, GOAL_OF = 0.8, "fitting"


def install(name: str) -> bool:
    """Whether this peer is there now, at the pinned versions, in an environment of its own."""
    folder, stamp = ENVIRONMENTS / name, ENVIRONMENTS / name / "versions.txt"
    if stamp.exists() and stamp.read_bytes() == VERSIONS.read_bytes():
        return True
    shutil.rmtree(folder, ignore_errors=True)
    words = [str(REPOSITORY / ".venv" / "bin" / "uv"), "pip", "install", "--quiet", "--compile-bytecode"]
    words += ["--python", str(folder / "bin" / "python"), "-c", str(VERSIONS), *LIBRARIES, *PEERS[name]]
    print(f"installing {', '.join(PEERS[name])} into var/peers/{name}", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True, text=True)
        subprocess.run(words, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as failed:
        why = str(getattr(failed, "stderr", "") or failed).strip()[-300:]
        print(f"{name} cannot be had here, so it is left out: {why}", flush=True)
        return False
    shutil.copyfile(VERSIONS, stamp)
    return True


def lay_sides(task: Task, ground: Ground, peers: list[str]) -> dict[str, Side]:
    sides: dict[str, Side] = {"ours, warm": Ours(task, ground.warm), "ours, cold": Ours(task, ground.cold)}
    if "bare" in peers:
        sides["bare"] = Bare("bare", task)
    if "nbgrader" in peers:
        sides["nbgrader"] = Nbgrader("nbgrader", task)
        sides[f"nbgrader, {CLASS} at once"] = NbgraderClass("nbgrader", task)
    if "otter" in peers:
        sides["otter"] = Otter("otter", task)
    return sides


def insist_on_sense(sides: dict[str, Side], source: str) -> None:
    """Right work passes and wrong work does not, or a side's time means nothing. Fills the caches as well."""
    for name, side in sides.items():
        for spoilt in (True, False):
            if side.ready(source, spoilt)() is spoilt:
                raise SystemExit(f"{name} gave {'wrong work a pass' if spoilt else 'right work no pass'}")


def take_turns(ground: Ground, sides: dict[str, Side], source: str) -> dict[str, list[Cost]]:
    """Each round has every side once, and begins with another one."""
    names, taken = list(sides), {name: list[Cost]() for name in sides}
    for turn in range(ground.runs):
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            side = sides[name]
            # A remark that is new each time: nothing of an earlier turn is of use to anybody.
            judge = side.ready(f"{source}# {turn}\n", False)
            ground.settle()
            with measured(ground) as cost:
                passed = judge()
            if not passed:
                raise SystemExit(f"{name} gave right work no pass")
            taken[name].append(Cost(cost.wall_s / side.share, cost.cpu_s / side.share))
    return taken


def print_table(task: str, taken: dict[str, list[Cost]]) -> None:
    wall = {name: statistics.median(cost.wall_s for cost in costs) for name, costs in taken.items()}
    cpu = {name: statistics.median(cost.cpu_s for cost in costs) for name, costs in taken.items()}
    titles = f"{'wall s':>8} {'CPU s':>8}   ours/this: {'wall warm':>9} {'wall cold':>10} {'CPU cold':>9}"
    print(f"{task + ': one verdict':24} {titles}")
    for name, costs in taken.items():
        warm, cold = wall["ours, warm"] / wall[name], wall["ours, cold"] / wall[name]
        ratios = f"{warm:22.2f} {cold:10.2f} {cpu['ours, cold'] / cpu[name]:9.2f}"
        slowest = max(cost.wall_s for cost in costs)
        print(f"{name:24} {wall[name]:8.2f} {cpu[name]:8.2f}{ratios}   (slowest {slowest:.2f}, n={len(costs)})")
    if task == GOAL_OF and "bare" in wall:
        print(f"ours, warm / bare: {wall['ours, warm'] / wall['bare']:.2f} (goal <= {GOAL})")


def print_our_share(ground: Ground, sides: dict[str, Side], taken: dict[str, list[Cost]]) -> None:
    """What a verdict takes beyond the learner's own CPU time, the asking of all checks included."""
    for name in ("ours, warm", "ours, cold"):
        side = sides[name]
        assert isinstance(side, Ours)
        own = side.own_cpu_s[-ground.runs :]
        beyond = [(cost.wall_s - cpu_s) * 1000 for cost, cpu_s in zip(taken[name], own, strict=True)]
        warm = ", ".join(map(str, side.warm_starts[-ground.runs :]))
        print(f"{name}: {statistics.median(beyond):.0f} ms beyond the learner's CPU time; of 2 starts, warm: {warm}")
    making = statistics.median(make_slots(ground) for _ in range(ground.runs))
    print(f"the warm slots that one verdict uses up: {making:.2f} s of CPU to make again, in the row's CPU", flush=True)


def make_slots(ground: Ground) -> float:
    """CPU seconds of making one slot of each kind anew."""
    ground.settle()
    with measured(ground) as cost:
        for kind in list(ground.warm.pool.ready):
            if slot := ground.warm.pool.take(kind, lambda slot: True):
                slot.throw_away()
    return cost.cpu_s


def compare(name: str, runs: int, peers: list[str]) -> None:
    with lay_ground(runs) as ground, tempfile.TemporaryDirectory(prefix="milepost-peers-") as scratch:
        Path(scratch).chmod(0o755)
        task = Task(name, Path(scratch))
        sides = lay_sides(task, ground, peers)
        insist_on_sense(sides, task.learner)
        taken = take_turns(ground, sides, task.learner)
        print_table(name, taken)
        print_our_share(ground, sides, taken)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench --peers", description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", default=TASKS, help=f"of {', '.join(TASKS)}; default: all")
    parser.add_argument("--runs", type=int, default=7, help="rounds; each has every side once")
    asked = parser.parse_args()
    if unknown := set(asked.tasks) - set(TASKS):
        parser.error(f"there is no task {', '.join(sorted(unknown))}; there are {', '.join(TASKS)}")
    peers = [name for name in PEERS if install(name)]
    for name in asked.tasks:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {asked.runs} rounds", flush=True)
        compare(name, asked.runs, peers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
