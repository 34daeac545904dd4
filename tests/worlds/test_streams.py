"""Changed streams: what is said to change does, from the rows on that were chosen, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from worlds.streams import change_cause, measure_loudness, replace_values, scale_values

N = 4000


@pytest.fixture
def stream() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.02, 0.2, N)
    y = (rng.random(N) < p).astype("int64")
    sold = pd.Series(pd.date_range("2024-06-01", periods=N, freq="h", tz="UTC"))
    lag = pd.Series(pd.to_timedelta(rng.uniform(1, 30, N), unit="D"))
    age = pd.Series(rng.uniform(0, 300, N)).where(pd.Series(rng.random(N) > 0.1))
    columns = {"event_ts": sold, "amount": rng.uniform(1, 9, N), "age": age, "p_true": p, "y": y, "lag": lag}
    return pd.DataFrame({**columns, "disputed_at": (sold + lag).where(y == 1)})


@pytest.fixture
def rows() -> np.ndarray:
    return np.arange(N) >= N // 2


def test_a_turned_cause_moves_log_odds_and_outcomes_of_its_rows_only(stream: pd.DataFrame, rows: np.ndarray) -> None:
    after = change_cause(stream, np.where(rows, 1.5, 0.0), np.random.default_rng(1))
    pd.testing.assert_frame_equal(after[~rows], stream[~rows])
    odds = [frame["p_true"] / (1 - frame["p_true"]) for frame in (after, stream)]
    np.testing.assert_allclose(np.log(odds[0] / odds[1])[rows], 1.5)
    assert after["y"][rows].mean() == pytest.approx(after["p_true"][rows].mean(), abs=0.03)
    assert (after["disputed_at"].notna() == (after["y"] == 1)).all()


def test_what_was_unknown_is_not_replaced(stream: pd.DataFrame, rows: np.ndarray) -> None:
    after = replace_values(stream, "age", rows, np.full(N, 3.0), np.full(N, -1.0), np.random.default_rng(1))
    hit = rows & stream["age"].notna().to_numpy()
    assert set(after["age"][hit]) == {3.0}
    pd.testing.assert_frame_equal(after[~hit], stream[~hit])
    assert (after["p_true"][hit] < stream["p_true"][hit]).all()


def test_another_unit_is_a_factor_and_no_other_outcome(stream: pd.DataFrame, rows: np.ndarray) -> None:
    after = scale_values(stream, "amount", rows, 100.0)
    np.testing.assert_allclose(after["amount"] / stream["amount"], np.where(rows, 100.0, 1.0))
    pd.testing.assert_frame_equal(after.drop(columns="amount"), stream.drop(columns="amount"))


def test_a_change_is_as_loud_as_its_rows_are_many_and_what_a_model_may_be_off_is_not_heard() -> None:
    p = np.full(400, 0.1)
    # From odds of 1:9 to 2:9, so from 0.1 to 2/11: 8.2 more than 10 in a hundred rows, whose spread is 3.
    doubled = np.where(np.arange(400) < 100, np.log(2), 0.0)
    assert measure_loudness(p, doubled, 0.0) == pytest.approx((100 * 2 / 11 - 10) / 3)
    assert measure_loudness(p, doubled, 0.25) == pytest.approx((100 * 2 / 11 - 12.5) / 3)
    everywhere = measure_loudness(p, np.full(400, np.log(2)), 0.0)
    assert everywhere == pytest.approx(2 * measure_loudness(p, doubled, 0.0))
    assert measure_loudness(p, np.zeros(400), 0.0) == 0.0
