"""The three detectors, each on a week that it has to tell from others."""

import numpy as np
import pandas as pd

from pipeline.again import learn_again, say_again
from pipeline.detectors import misranked, stability, watch_contract, watch_outcomes
from pipeline.windows import CHANNELS, STEPS


def test_a_station_in_another_unit_rings_alone() -> None:
    week = pd.DataFrame({"site": ["alder", "birch"] * 50, "vib": 4.0, "temp_c": 58.0, "pressure_bar": 5.0, "load": 0.6})
    week.loc[week["site"] == "birch", "pressure_bar"] *= 14.5038
    assert [alarm.subject for alarm in watch_contract(week) if alarm.rings] == ["pressure_bar at birch"]


def test_the_index_is_nought_for_the_same_and_large_for_others() -> None:
    usual = pd.Series(np.arange(1000.0))
    assert stability(usual, usual) == 0
    assert stability(usual.mask(usual < 330, 5000.0), usual) > 0.2


def test_a_model_that_foresees_failures_has_its_pairs_in_order() -> None:
    failed = np.arange(100) >= 80
    said = np.linspace(0.01, 0.9, 100)
    assert misranked(said, failed) == 0
    assert misranked(said[::-1], failed) == 1
    assert misranked(np.full(100, 0.1), failed) == 0.5


def test_few_failures_say_nothing() -> None:
    failed = np.arange(100) >= 97
    assert not list(watch_outcomes(np.linspace(0.9, 0.01, 100), failed, {"all": np.ones(100, dtype=bool)}))


def test_only_the_make_that_was_learnt_again_gets_other_answers() -> None:
    rng, rows = np.random.default_rng(2), 400
    names = [f"{name}_{step:02d}" for name in (*CHANNELS, "vib_sd") for step in range(STEPS)]
    columns = {name: rng.normal(size=rows) for name in names}
    columns |= {"hours_since_service": rng.uniform(0, 900, rows), "age_years": rng.uniform(1, 20, rows)}
    columns["is_velo"] = np.arange(rows) % 2
    again = learn_again(columns, (columns["vib_00"] > 0).astype(float), 1)
    said = say_again(again, columns, np.full(rows, 0.25))
    assert (said[::2] == 0.25).all()
    assert said[1::2][columns["vib_00"][1::2] > 1].mean() > 0.5
