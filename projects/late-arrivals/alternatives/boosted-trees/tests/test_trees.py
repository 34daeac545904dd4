"""Trees as arrays: two of them, walked by hand, and the same after the disk; and which family a file holds."""

from pathlib import Path

import numpy as np
import pytest
from pipeline.loading import load_model
from pipeline.model import Model
from pipeline.trees import CODES, NUMBERS, Trees, design

WIND = NUMBERS.index("wind")
NODES = {
    "value": [0.0, -1.0, 2.0, 0.5],
    "feature_idx": [WIND, 0, 0, 0],
    "num_threshold": [10.0, 0.0, 0.0, 0.0],
    "left": [1, 0, 0, 0],
    "right": [2, 0, 0, 0],
    "is_leaf": [0, 1, 1, 1],
}
RANKS = {"carrier": {"AA": 0, "UA": 1}, "dest": {"IAH": 0}}


def flights(wind: list[float]) -> dict[str, np.ndarray]:
    columns = {name: np.zeros(len(wind)) for name in NUMBERS} | {"wind": np.array(wind)}
    return columns | {"carrier": np.array(["UA", "ZZ", "AA"]), "dest": np.array(["IAH"] * 3)}


@pytest.fixture
def trees() -> Trees:
    return Trees(RANKS, -0.5, 2, [0, 3], NODES)


def test_each_flight_walks_to_its_leaves(trees: Trees) -> None:
    wanted = 1 / (1 + np.exp([1.0, 1.0, -2.0]))
    assert trees.probability(flights([3.0, 10.0, 10.1])) == pytest.approx(wanted)


def test_codes_are_ranks_and_strangers_stand_in_the_middle() -> None:
    rows = design(flights([1.0, 2.0, 3.0]), RANKS)
    assert rows.shape == (3, len(NUMBERS) + len(CODES))
    assert rows[:, WIND].tolist() == [1, 2, 3]
    assert rows[:, -2:].tolist() == [[1, 0], [1, 0], [0, 0]]


def test_either_family_is_known_by_its_file(trees: Trees, model: Model, tmp_path: Path) -> None:
    trees.save(tmp_path / "new" / "trees")
    model.save(tmp_path)
    again, version = load_model(tmp_path / "new" / "trees")
    assert again == trees
    assert len(version) == 12
    assert isinstance(load_model(tmp_path)[0], Model)
