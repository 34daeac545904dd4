"""Windows see what came before them, in the life that goes on."""

import numpy as np

from pipeline.windows import CHANNELS, STEP, STEPS, window_columns


def columns(life: np.ndarray, change: float = 0.0) -> dict[str, np.ndarray]:
    hours = STEP * STEPS
    hourly = {name: np.arange(hours, dtype=float)[None].copy() for name in CHANNELS}
    hourly["vib"][0, -1] += change
    at_mark = np.append(life[0, STEP::STEP], life[0, -1])[None]
    return window_columns(hourly, life, at_mark)


def test_the_last_day_is_the_last_day() -> None:
    found = columns(np.zeros((1, STEP * STEPS), dtype=int))
    assert found["vib_24h_mean"][0, -1] == np.arange(144, 168).mean()
    assert found["vib_00"][0, -1] == np.arange(162, 168).mean()
    assert found["readings_24h"][0, -1] == 24


def test_nothing_of_another_life_comes_in() -> None:
    life = (np.arange(STEP * STEPS) >= 159).astype(int)[None]
    found = columns(life)
    assert found["vib_24h_mean"][0, -1] == np.arange(159, 168).mean()
    assert np.isnan(found["vib_02"][0, -1])
    assert found["readings_24h"][0, -1] == 9


def test_a_later_reading_moves_no_earlier_mark() -> None:
    life = np.zeros((1, STEP * STEPS), dtype=int)
    before, after = columns(life), columns(life, change=9.0)
    for name, values in before.items():
        assert np.array_equal(values[0, :-1], after[name][0, :-1], equal_nan=True)
