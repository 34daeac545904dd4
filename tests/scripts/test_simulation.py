"""What feeds the simulation and what it says: times of real runs, a table of workers, a rush beside the real one."""

import json
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from grading.sandboxes.base import Command, Environment, Exit, Limits, Reason, Served
from people.learners.models import Run
from scripts import simulation
from scripts.crowd import make_crowd
from scripts.efficiency import Counted, Shares
from scripts.queueing import replay
from scripts.replayed import draw_plan, read_seen, simulate_drawn, simulate_same, tell
from scripts.service_history import read_services
from scripts.simulation import read_times

SERVICES = {"shelf": {"ingest": {"passed": [4.0], "refused": [8.0]}, "clean": {"passed": [], "refused": [1.0]}}}


@pytest.mark.django_db
def test_times_are_read_of_runs_that_were_judged_and_of_no_others() -> None:
    make_crowd(60)
    ended = timezone.now() - timedelta(hours=2)
    Run.objects.filter(state="done").update(started_at=ended - timedelta(seconds=18), finished_at=ended)
    Run.objects.filter(outcome="broken").update(finished_at=None)
    services = read_services(days=1)["crowd"]
    counted = {name: sum(len(times[name]) for times in services.values()) for name in ("passed", "refused")}
    assert counted["passed"] == Run.objects.filter(outcome="passed").count() > 0
    assert counted["refused"] == Run.objects.filter(outcome="failed").count() > 0
    assert {second for times in services.values() for kind in times.values() for second in kind} == {18.0}
    assert read_services(days=0) == {}


def test_milestones_are_chosen_of_which_both_endings_were_seen() -> None:
    assert read_times(SERVICES, "shelf") == read_times(SERVICES, "shelf/ingest") == [SERVICES["shelf"]["ingest"]]
    assert read_times(SERVICES, "shelf/clean") == read_times(SERVICES, "pump-room") == []


def test_the_table_is_printed_and_what_cannot_be_worked_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "services.json"
    place.write_text(json.dumps({"services": SERVICES}))
    words = ["simulate", str(place), "--sizes", "50", "--nights", "2"]
    monkeypatch.setattr("sys.argv", words)
    assert simulation.main() == 0
    assert "| 50 | shelf | 6.0 |" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", [*words, "--scaling"])
    assert simulation.main() == 0
    assert "| 50 | shelf | 15 s |" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", [*words, "--due", "shelf/clean"])
    with pytest.raises(SystemExit):
        simulation.main()
    assert "has no run of shelf/clean that passed" in capsys.readouterr().err


def test_a_rush_is_drawn_by_seed_and_the_last_of_each_learner_passes() -> None:
    plan = draw_plan(30, 5, 60, seed=1)
    assert plan == draw_plan(30, 5, 60, seed=1) != draw_plan(30, 5, 60, seed=2)
    assert sum(passes for _, _, passes in plan) == len({learner for _, learner, _ in plan})


def test_what_the_simulated_queue_did_is_simulated_without_a_miss() -> None:
    came = [(at, learner, 0, 3.0 + number % 4) for number, (at, learner, _) in enumerate(draw_plan(30, 20, 60, 1))]
    real = {(run.arrived, run.learner): run for run in replay(came, 1)}
    rows: list[dict[str, Any]] = []
    for at, learner, _, _ in came:
        run = real.get((at, learner))
        ended = {"started": run and run.began, "finished": run and run.ended}
        rows.append({"learner": learner, "queued": at, **ended})
    seen = read_seen(rows)
    assert seen.superseded == len(came) - len(real) > 0
    assert simulate_same(seen, 1) == pytest.approx(seen.waits)
    assert simulate_drawn(seen, 1, seed=3) == simulate_drawn(seen, 1, seed=3)
    assert "(+0%)" in next(iter(tell(seen, 1)))


class Played:
    """A jail that only says how long it took."""

    layers = ("none",)

    def run(self, command: Command) -> Exit:
        return Exit(Reason.FINISHED, 0, float(command.argv[0]), 0, 0)

    @contextmanager
    def serve(self, command: Command, target: str) -> Any:
        served = Served()
        yield served
        served.ended = self.run(command)


def test_what_learners_and_checks_use_is_told_apart() -> None:
    theirs, ours = (Environment(Path(name), "") for name in ("/theirs/python", "/ours/python"))
    sandbox = Counted(Played(), ours.python)
    before = sandbox.read()
    for seconds, environment in (("3", theirs), ("1.5", ours)):
        sandbox.run(Command((seconds,), environment, Limits()))
    with sandbox.serve(Command(("2",), theirs, Limits()), "app:app"):
        pass
    used = sandbox.read() - before
    assert (used.theirs, used.checks, sandbox.layers) == (5, 1.5, ("none",))
    assert str(Shares(5, 1.5, 10)).startswith("efficiency 0.50, with the checks 0.65 (")
