"""Load on a whole installation: figures come out and nothing fails; what is told follows from what was counted."""

import re
import subprocess
from pathlib import Path

import pytest

from scripts.load_steps import Step, quantile, tell_names, tell_steps
from scripts.loading import tell

ROOT = Path(__file__).resolve().parents[2]


def a_step(learners: int, page_ms: int) -> Step:
    taken = {
        "map": {page_ms: 18, 2 * page_ms: 2},
        "hand in": {300: 4},
        "first live line": {20: 3, 90: 1},
        "stream": {5: 4},
    }
    return Step(learners, 10, taken, {"map": 0}, {"web": 0.9, "postgresql": 0.2}, 0.8, [0, 0, 3], 1.5)


def test_quantiles_are_those_of_what_was_counted() -> None:
    counted = {10: 50, 20: 45, 100: 5}
    assert [quantile(counted, share) for share in (0.5, 0.95, 0.96, 1)] == [10, 20, 100, 100]
    assert quantile({}, 0.5) == 0


def test_a_step_is_told_with_its_pages_hand_ins_and_first_lines() -> None:
    row = list(tell_steps([a_step(25, 100)]))[-1]
    assert row.startswith(
        "| 25 | 2.8 | 100 | 200 | 200 | 300 | 300 | 300 | 20 | 90 | 90 | 0 | web 0.90, postgresql 0.20 |"
    )
    names = [line.split(" | ")[0] for line in tell_names(a_step(25, 100))][2:]
    assert names == ["| map", "| first live line", "| hand in", "| stream"]


def test_it_is_said_where_it_bends_and_what_was_busiest() -> None:
    steps = [a_step(25, 100), a_step(50, 900)]
    told = "\n".join(tell(steps, "Locks"))
    assert "It bends at 50 learners: With 50 learners web used 90% of a core" in told
    assert "Locks: 0, 3, 3" in told
    assert "No step bent" in "\n".join(tell(steps[:1], "Locks"))


@pytest.mark.slow
def test_eight_learners_and_a_leader_use_a_real_installation_and_nothing_fails() -> None:
    words = ["scripts/load", "--learners", "8", "--seconds", "15", "--think", "2", "--crowd", "40"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=540)
    assert done.returncode == 0, done.stdout + done.stderr
    [row] = re.findall(r"^\| 8 \|.*$", done.stdout, re.M)
    a_second, *figures = (cell.strip() for cell in row.split("|")[2:12])
    assert float(a_second) > 0.5
    assert all(float(figure) > 0 for figure in figures[:3]), row
    assert {"hand in", "first live line"} <= set(re.findall(r"^\| ([a-z ]+?) \|", done.stdout, re.M))
