"""The simulated queue: right where theory knows the answer, nobody lost, the same by seed, fair."""

import math
from random import Random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.deadline_night import Night, live_through, waits_of_last_hour
from scripts.queueing import House, Run, Scaling, erlang_c, percentile, replay
from scripts.simulation import find_fewest

TIMES = [{"passed": [6.0, 9.0], "refused": [3.0, 5.0, 12.0]}]
Arrivals = list[tuple[float, int, int, float]]
# Instants, a few learners of three cohorts, and what a worker needs.
SOME = st.lists(st.tuples(st.floats(0, 300), st.integers(0, 8), st.integers(0, 2), st.floats(0.1, 60)), max_size=40)


def one_each(arrivals: Arrivals) -> Arrivals:
    """The same, each by a learner of their own in one cohort: nothing is superseded and all is taken in turn."""
    return [(at, number, 0, service) for number, (at, _, _, service) in enumerate(sorted(arrivals))]


def of_their_own(arrivals: Arrivals) -> Arrivals:
    """The same, each learner always in the same cohort."""
    return [(at, learner, learner % 3, service) for at, learner, _, service in arrivals]


def poisson(count: int, rate: float, needs: float, seed: int) -> Arrivals:
    random, at, arrivals = Random(seed), 0.0, []
    for number in range(count):
        at += random.expovariate(rate)
        arrivals.append((at, number, 0, random.expovariate(1 / needs)))
    return arrivals


def at_work(runs: list[Run], at: float) -> list[Run]:
    return [run for run in runs if run.began is not None and run.ended is not None and run.began <= at < run.ended]


@pytest.mark.parametrize(
    ("workers", "offered", "chance"), [(1, 0.5, 0.5), (2, 1, 1 / 3), (3, 2, 4 / 9), (10, 8, 0.4092)]
)
def test_erlang_knows_how_often_somebody_waits(workers: int, offered: float, chance: float) -> None:
    assert erlang_c(workers, offered) == pytest.approx(chance, abs=5e-5)


@pytest.mark.parametrize(("workers", "use"), [(1, 0.5), (1, 0.8), (2, 0.8), (5, 0.85)])
def test_waits_are_those_of_theory_where_there_is_one(workers: int, use: float) -> None:
    needs, rate = 8.0, use * workers / 8.0
    runs = [run for seed in range(4) for run in replay(poisson(15_000, rate, needs, seed), workers)]
    chance = erlang_c(workers, rate * needs)
    assert mean(run.wait > 0 for run in runs) == pytest.approx(chance, rel=0.06)
    assert mean(run.wait for run in runs) == pytest.approx(chance / (workers / needs - rate), rel=0.12)


@given(SOME, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_nobody_is_lost_and_no_worker_does_two_things(arrivals: Arrivals, workers: int) -> None:
    given_in = of_their_own(arrivals)
    runs = replay(given_in, workers)
    assert len(runs) <= len(given_in)
    assert all(run.began is not None and run.ended == run.began + run.service_s for run in runs)
    assert {run.learner for run in runs} == {learner for _, learner, _, _ in given_in}, "the newest is always judged"
    newest = {learner: at for at, learner, _, _ in sorted(given_in)}
    assert {run.learner: run.arrived for run in runs}.keys() == newest.keys()
    for run in runs:
        assert run.began is not None
        assert len(at_work(runs, run.began)) <= workers
        assert len({other.learner for other in at_work(runs, run.began)}) == len(at_work(runs, run.began))
        if run.wait > 1e-6:
            before = run.began - min(run.wait, 1e-7)
            held_up = run.learner in {other.learner for other in at_work(runs, before)}
            assert held_up or len(at_work(runs, before)) == workers, "a worker stood about while somebody waited"


@given(SOME, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_with_one_worker_more_nobody_waits_longer(arrivals: Arrivals, workers: int) -> None:
    fewer, more = (replay(one_each(arrivals), count) for count in (workers, workers + 1))
    assert all(late.wait >= soon.wait - 1e-9 for late, soon in zip(fewer, more, strict=True))


def test_what_is_handed_in_again_makes_way_only_while_it_waits() -> None:
    runs = replay([(0, 1, 0, 10), (1, 2, 0, 10), (2, 2, 0, 5), (3, 1, 0, 5)], 1)
    assert [(run.learner, run.arrived, run.began) for run in runs] == [(1, 0, 0), (2, 2, 10), (1, 3, 15)]


def test_one_cohorts_rush_does_not_hold_up_another() -> None:
    rush = [(float(number) / 100, number, 0, 10.0) for number in range(100)]
    runs = replay([*rush, (5, 500, 1, 10), (200, 501, 1, 10)], 1)
    waits = [run.wait for run in runs if run.cohort == 1]
    assert all(wait <= 20 for wait in waits), "the run at work, and at most one more"
    assert max(run.wait for run in runs if run.cohort == 0) > 900


def test_who_was_away_has_no_claim_to_be_served_before_all_others() -> None:
    first = [(float(number), number, 0, 10.0) for number in range(30)]
    second = [(150 + number / 100, 100 + number, 1, 10.0) for number in range(30)]
    order = [run.cohort for run in sorted(replay([*first, *second], 1), key=lambda run: run.began or 0)]
    assert sorted(order[16:24]) == [0, 0, 0, 0, 1, 1, 1, 1], "in turn from then on"


def test_one_learner_has_one_run_at_work_at_a_time() -> None:
    runs = replay([(0, 1, 0, 10), (1, 1, 0, 10), (2, 2, 0, 10)], 2)
    assert [(run.learner, run.began) for run in runs] == [(1, 0), (1, 10), (2, 2)]


def test_a_night_is_the_same_by_seed_and_another_by_another() -> None:
    night = Night(60, cohorts=2)
    one, again, other = (
        [(run.learner, run.arrived, run.wait) for run in live_through(night, TIMES, 1, seed)[0]] for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


def test_a_night_has_its_rush_before_the_due_instant() -> None:
    night = Night(4000, second_thoughts=0, pass_share=1)
    runs, _ = live_through(night, TIMES, 4000, 1)
    assert len(runs) == 4000
    assert all(0 <= run.arrived <= night.due for run in runs)
    # The integral of the rate over the last hour, as a share of the whole.
    share = math.log(70 / 10) / math.log(730 / 10)
    assert len(waits_of_last_hour(night, runs)) / 4000 == pytest.approx(share, abs=0.03)


def test_nobody_has_more_attempts_than_there_are() -> None:
    night = Night(20, pass_share=0, think_min=0.1, second_thoughts=0, attempts=3, attempt_min=20)
    runs, _ = live_through(night, TIMES, 20, 1)
    for learner in range(20):
        came = [run.arrived for run in runs if run.learner == learner]
        assert len(came) <= 3 + (night.due - came[0]) / 1200 + 1
        assert all(later - first >= 1199 for first, later in zip(came, came[3:], strict=False))


def test_more_workers_are_found_for_more_learners_and_one_fewer_would_not_do() -> None:
    slow = [{"passed": [30.0], "refused": [30.0]}]
    few, many = (find_fewest(Night(learners), slow, 3) for learners in (100, 500))
    assert few[0].workers < many[0].workers
    assert many[0].p95 < 60 <= (many[1].p95 if many[1] else 0)


def test_a_rule_by_age_calls_workers_up_and_lets_them_go() -> None:
    night, slow = Night(500), [{"passed": [30.0], "refused": [30.0]}]
    alone, few = live_through(night, slow, 1, 1)
    helped, hours = live_through(night, slow, 1, 1, Scaling(above_s=15, least=1, most=20))
    fixed = live_through(night, slow, 20, 1)[1]
    p95 = [percentile(waits_of_last_hour(night, runs), 0.95) for runs in (alone, helped)]
    assert p95[1] < 120 < p95[0]
    assert few < hours < fixed


def test_dismissed_workers_finish_what_they_do_and_take_nothing_more() -> None:
    house = House(2)
    first = house.hand_in(1, 0, 10)
    house.env.run(until=1)
    house.dismiss()
    house.dismiss()
    late = house.hand_in(2, 0, 10)
    assert house.finish() == [first, late]
    assert first.ended == 10
    assert late.began is None
    assert late.wait == math.inf
