"""Weather with forecasts as they were issued: the further ahead, the less they know. It does not know who looks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]

WET_ABOVE = 0.35
SD = 5.0
MEMORY = 0.75


@dataclass(frozen=True)
class Weather:
    """Per day what it was (`temp`, `rain`); per day of issue and lead 1.. what was said (`said_temp`, `chance`)."""

    temp: Floats
    rain: Floats
    said_temp: Floats
    chance: Floats

    @property
    def wet(self) -> npt.NDArray[np.bool_]:
        return self.rain > 0


def observations(weather: Weather, dates: Sequence[str]) -> pd.DataFrame:
    """A row for each of these days, the first being day 0: date, temp, unit, rain_mm."""
    n = len(dates)
    return pd.DataFrame({"date": dates, "temp": weather.temp[:n], "unit": "C", "rain_mm": weather.rain[:n]})


def forecasts(weather: Weather, dates: Sequence[str], days: int) -> pd.DataFrame:
    """What was issued on the first `days` days: issued (its number), issued_on, date, temp, unit, rain_chance."""
    issued, lead = (array.ravel() for array in np.indices((days, weather.chance.shape[1])))
    of = np.asarray(dates, dtype=object)
    said = {"issued": issued, "issued_on": of[issued], "date": of[issued + lead + 1]}
    return pd.DataFrame(
        {**said, "temp": weather.said_temp[:days].ravel(), "unit": "C", "rain_chance": weather.chance[:days].ravel()}
    )


def in_fahrenheit(frame: pd.DataFrame, rows: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """The same temperatures, those of `rows` in the other unit."""
    other = np.round(frame["temp"] * 1.8 + 32, 1)
    return frame.assign(temp=np.where(rows, other, frame["temp"]), unit=np.where(rows, "F", frame["unit"]))


def issue_twice(said: pd.DataFrame, days: npt.NDArray[np.bool_], sd: float, rng: np.random.Generator) -> pd.DataFrame:
    """Forecasts with `issued_at`: all at 17:00, those of these days at 05:00 too, with other temperatures."""
    early = said[days[said["issued"]]]
    early = early.assign(temp=np.round(early["temp"] + rng.normal(0, sd, len(early)), 1))
    both = pd.concat([said.assign(hour="T17:00:00"), early.assign(hour="T05:00:00")])
    both["issued_at"] = both["issued_on"] + both["hour"]
    return both.sort_values(["issued_at", "date"], kind="stable")


def draw_weather(days: pd.DatetimeIndex, leads: int, reach: float, rng: np.random.Generator) -> Weather:
    """`reach`: after how many days a forecast's correlation with what comes has fallen to 1/e.

    A forecast is right on average: of all days of which it says the same, the mean is what it says.
    """
    usual = 13 - 12 * np.cos(2 * np.pi * (days.day_of_year.to_numpy() - 20) / 365.25)
    warm, damp = _remembering(len(days), rng), _remembering(len(days), rng)
    know = np.exp(-np.arange(1, leads + 1) / reach)
    of_warm, of_damp = (_foretell(state, know, rng) for state in (warm, damp))
    ahead = np.minimum(np.arange(len(days))[:, None] + np.arange(1, leads + 1), len(days) - 1)
    rain = np.where(damp > WET_ABOVE, np.round(0.4 + 6 * (damp - WET_ABOVE), 1), 0.0)
    chance = ndtr((of_damp - WET_ABOVE) / np.sqrt(1 - know**2))
    return Weather(np.round(usual + SD * warm, 1), rain, np.round(usual[ahead] + SD * of_warm, 1), np.round(chance, 2))


def _remembering(days: int, rng: np.random.Generator) -> Floats:
    state = rng.normal(size=days)
    for day in range(1, days):
        state[day] = MEMORY * state[day - 1] + np.sqrt(1 - MEMORY**2) * state[day]
    return state


def _foretell(state: Floats, know: Floats, rng: np.random.Generator) -> Floats:
    """(days, leads): the mean of what is to come, for somebody whose knowledge correlates with it by `know`."""
    days, leads = len(state), len(know)
    ahead = np.minimum(np.arange(days)[:, None] + np.arange(1, leads + 1), days - 1)
    return np.asarray(know**2 * state[ahead] + know * np.sqrt(1 - know**2) * rng.normal(size=(days, leads)))
