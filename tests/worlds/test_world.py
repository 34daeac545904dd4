"""Worlds: mechanism and draw, order in time, and a new column that moves no other."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from worlds.domain import read_domain
from worlds.history import first_time, local_hour, local_weekday, prior_count
from worlds.oracle import expected_log_loss, skill
from worlds.seeds import Seed
from worlds.world import World, draw_world

PAYMENTS = Path(__file__).parents[2] / "projects/chargeback-watch/domains/payments.yaml"


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    small = yaml.safe_load(PAYMENTS.read_text())["world"]
    small["entities"]["customer"]["rows"] = 150
    return small


@pytest.fixture(scope="module")
def world(declared: dict[str, Any]) -> World:
    return draw_world(read_domain(declared), Seed(5, 6))


def test_the_mechanism_stays_while_the_rows_change(declared: dict[str, Any], world: World) -> None:
    other = draw_world(read_domain(declared), Seed(5, 7))
    assert other.params == world.params
    assert other.tables == world.tables
    assert other.events["txn"]["txn_id"].tolist() != world.events["txn"]["txn_id"].tolist()


def test_another_mechanism_has_other_causes(declared: dict[str, Any], world: World) -> None:
    signs = {tuple(np.sign(list(draw_world(read_domain(declared), Seed(m, 6)).params.values()))) for m in range(5)}
    assert len(signs) > 2


def test_a_new_column_and_a_new_parameter_move_no_other(declared: dict[str, Any], world: World) -> None:
    wider = copy.deepcopy(declared)
    columns = wider["entities"]["customer"]["columns"]
    wider["entities"]["customer"]["columns"] = {"mood": "normal(0, 1)", **columns}
    wider["params"] = {"b_mood": "uniform(0, 1)", **wider["params"]}
    other = draw_world(read_domain(wider), Seed(5, 6))
    pd.testing.assert_frame_equal(other.entities["customer"].drop(columns="mood"), world.entities["customer"])
    pd.testing.assert_frame_equal(other.events["txn"], world.events["txn"])


def test_events_are_in_order_and_nobody_acts_twice_in_a_second(world: World) -> None:
    sales = world.events["txn"]
    assert sales["seconds"].is_monotonic_increasing
    assert not sales.duplicated(["customer_id", "seconds"]).any()
    assert sales["seconds"].between(0, world.calendar.all_days * 86_400 - 1).all()


def test_outcomes_are_as_frequent_as_declared(world: World) -> None:
    assert world.events["txn"]["p_true"].mean() == pytest.approx(0.06, abs=1e-6)


def test_earlier_rows_are_counted_strictly_before_and_within_the_window() -> None:
    seconds = np.array([0, 0, 3599, 3600, 3601])
    assert prior_count(list("ababa"), seconds, 3600).tolist() == [0, 0, 1, 1, 1]
    assert first_time(list("aab"), list("xxx")).tolist() == [True, False, True]


def test_the_hour_follows_the_wall_clock() -> None:
    noon = pd.DatetimeIndex(["2024-01-01 12:00Z", "2024-07-01 12:00Z", "2024-07-01 12:00Z"])
    zones = np.array(["Europe/Berlin", "Europe/Berlin", "America/New_York"], dtype=object)
    assert local_hour(noon, zones).tolist() == [13, 14, 8]


def test_skill_is_one_for_the_oracle_and_zero_for_the_constant() -> None:
    truth = np.random.default_rng(0).uniform(0.01, 0.3, 1000)
    assert skill(truth, truth, 0.1, truth) == pytest.approx(1)
    assert skill(truth, np.full(1000, 0.1), 0.1, truth) == pytest.approx(0)
    assert expected_log_loss(truth, truth) < expected_log_loss(truth, truth[::-1])


def test_the_weekday_is_that_of_the_place() -> None:
    late = pd.DatetimeIndex(["2024-05-31 23:30"] * 2, tz="UTC")
    assert local_weekday(late, np.array(["Europe/Berlin", "America/New_York"])).tolist() == [5, 4]
