"""The model learns what is there, forgets nothing on its way to disk, and moves no further than it is pulled."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.model import NUMBERS, Model, fit, load_model, relearn

RIDES = 1200


def drawn(pull: float, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Flights of two carriers: the wind and the second carrier make them late."""
    rng = np.random.default_rng(seed)
    columns = {name: rng.normal(5, 2, RIDES) for name in NUMBERS} | {"rain": np.zeros(RIDES)}
    columns |= {
        "carrier": rng.choice(["AA", "UA"], RIDES),
        "dest": np.full(RIDES, "IAH"),
        "local_hour": np.full(RIDES, 8),
    }
    score = (columns["wind"] - 5) / 2 + pull * (columns["carrier"] == "UA") - 1
    return columns, (rng.random(RIDES) < 1 / (1 + np.exp(-score))).astype("float64")


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(*drawn(1.0, seed=1))


def two_flights(**changed: list[object]) -> dict[str, np.ndarray]:
    """In the middle of everything, of either carrier, unless something is said to be otherwise."""
    usual = {name: [5.0, 5.0] for name in NUMBERS} | {"rain": [0.0, 0.0]}
    usual |= {"carrier": ["AA", "UA"], "dest": ["IAH", "IAH"], "local_hour": [8, 8]}
    return {name: np.array(values) for name, values in (usual | changed).items()}


def test_it_finds_the_cause_and_its_size(model: Model) -> None:
    calm, stormy = (model.probability(two_flights(wind=[wind, wind])) for wind in (3.0, 7.0))
    assert stormy - calm == pytest.approx([0.38, 0.45], abs=0.1)
    assert model.probability(two_flights()) == pytest.approx([0.28, 0.48], abs=0.07)


def test_what_it_says_is_right_on_average(model: Model) -> None:
    columns, late = drawn(1.0, seed=1)
    assert model.probability(columns).mean() == pytest.approx(late.mean(), abs=1e-6)


def test_codes_that_nobody_has_seen_count_for_nothing(model: Model) -> None:
    known, strange = model.probability(two_flights()), model.probability(two_flights(carrier=["ZZ", "ZZ"]))
    assert known[0] < strange[0] == strange[1] < known[1]


def test_it_is_the_same_after_the_disk_and_its_version_is_of_its_bytes(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "deep" / "down")
    again, version = load_model(tmp_path / "deep" / "down")
    assert np.array_equal(again.probability(two_flights()), model.probability(two_flights()))
    assert len(version) == 12
    fit(*drawn(1.0, seed=2)).save(tmp_path)
    assert load_model(tmp_path)[1] != version


def test_learning_again_moves_what_has_changed_and_leaves_the_rest(model: Model) -> None:
    after = relearn(model, *drawn(3.0, seed=3))
    before, now = (one.probability(two_flights()) for one in (model, after))
    assert now[1] - before[1] > 0.25
    assert abs(now[0] - before[0]) < 0.1
    assert after.known == model.known
