"""Weeks in service of an airport, made of real days of weeks before, and what one change makes of them.

Flights are as they should be after cleaning, with `late` (1, 0, or -1 where nobody knows), `anchor_p` and `hidden`. The
quiet weeks differ from those before by luck alone; everything else is planted. It does not know how the weeks before
were spoilt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worlds.anchors import refit
from worlds.mess import Mess
from worlds.replays import draw_days, scale_columns, shift_values, thin_rows
from worlds.slices import ZONE, Slice
from worlds.sources import write_parquet

LATE_MINUTES = 30
DELAYS = ("dep_delay_min", "arr_delay_min")
AFTER_LANDING = ["arr_delay_min", "air_time_min"]
FOR_GRADERS = ["hidden", "late", "anchor_p", "hit", "refitted_p"]
# Of the carriers with at least this share one sends seconds: fewer flights would show it late.
LEAST_SHARE = 0.05

Rows = np.ndarray


@dataclass(frozen=True)
class WeeksInService:
    """The weather, the flights of each stream by name, and of each change its week (0 is the first) and its subject."""

    sky: pd.DataFrame
    streams: Mapping[str, pd.DataFrame]
    changes: Mapping[str, Mapping[str, Any]]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {"stream_weather": self.sky, **{f"stream_{name}": flights for name, flights in self.streams.items()}}

    def write(self, folder: Path, name: str = "concept") -> None:
        """One stream as somebody sees it who cleaned it: without the arrivals of the weeks ahead."""
        folder.mkdir(parents=True, exist_ok=True)
        flights = self.streams[name]
        told = {column: flights[column].mask(flights["hidden"]) for column in AFTER_LANDING}
        write_parquet(folder / "flights.parquet", flights.assign(**told).drop(columns=FOR_GRADERS, errors="ignore"))
        write_parquet(folder / "weather.parquet", self.sky)


def make_streams(mess: Mess, piece: Slice, flights: pd.DataFrame, weather: pd.DataFrame) -> WeeksInService:
    """Quiet weeks after the slice has ended, and the same with one change each from some week on."""
    quiet, sky = _draw_weeks(mess, piece, flights, weather)
    subjects = _choose_subjects(mess, quiet)
    changes: dict[str, dict[str, Any]] = {
        name: {"week": mess.within(f"{name}_week"), "subject": text} for name, text in subjects.items()
    }
    week = ((quiet["sched_dep_ts"] - piece.end) / pd.Timedelta(weeks=1)).to_numpy()
    hit = {name: (week >= told["week"]) & _are_of(quiet, told["subject"]) for name, told in changes.items()}
    shortest, longest = (int(minutes) for minutes in mess.declared["held_minutes"])
    held = mess.rng("stream/held").integers(shortest, longest, len(quiet))
    concept = shift_values(quiet, hit["concept"], held, *AFTER_LANDING)
    streams = {
        "quiet": quiet,
        "seconds": scale_columns(quiet, hit["seconds"], 60.0, *DELAYS),
        "population": thin_rows(quiet, hit["population"], mess.share("thinned"), mess.rng("stream/thinned")),
        "concept": _judge_again(concept, hit["concept"]),
    }
    return WeeksInService(sky, streams, changes)


def _draw_weeks(
    mess: Mess, piece: Slice, flights: pd.DataFrame, weather: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flights and weather of whole days of the weeks to learn from; the last weeks are ahead, and hidden."""
    first, live = (moment.tz_convert(ZONE).tz_localize(None) for moment in (piece.start, piece.end))
    service, ahead = (int(mess.declared[name]) for name in ("weeks_in_service", "weeks_ahead"))
    known = pd.date_range(first, periods=7 * int(mess.declared["weeks"]), freq="D")
    replay = draw_days(known, live, 7 * (service + ahead), ZONE, mess.rng("stream/days"))
    quiet = replay.move(flights[~flights["hidden"]], "sched_dep_ts", "sched_arr_ts")
    sky = replay.move(weather, "observed_at").drop_duplicates("observed_at", ignore_index=True)
    ids = [f"f_{number}" for number in mess.rng("stream/ids").permutation(len(quiet)) + 1_000_000]
    end = (live + pd.DateOffset(weeks=service)).tz_localize(ZONE)
    quiet = quiet.assign(flight_id=ids, hidden=quiet["sched_dep_ts"] >= end)
    return quiet, sky.assign(obs_id=[f"w_1{number:05d}" for number in range(len(sky))])


def _choose_subjects(mess: Mess, quiet: pd.DataFrame) -> dict[str, str]:
    """Which carrier sends seconds, which gives up flights, and whose arrivals are held in the air."""
    share = quiet["carrier"].value_counts(normalize=True).sort_index()
    large = share.index[share.between(mess.share("large"), mess.share("largest"))]
    names = [f"carrier {code}" for code in (large if len(large) else [share.idxmax()])]
    banks = [f"hours {first}-{last}" for first, last in mess.declared["banks"]]
    senders = [f"carrier {code}" for code in share.index[share >= LEAST_SHARE]]
    choice = {"seconds": senders, "population": names, "concept": [*names, *banks]}
    return {name: texts[int(mess.rng(f"stream/{name}").integers(len(texts)))] for name, texts in choice.items()}


def _are_of(flights: pd.DataFrame, subject: str) -> Rows:
    """The flights of a carrier ("carrier UA"), or of a bank of scheduled hours ("hours 6-9")."""
    kind, name = subject.split(" ", 1)
    if kind == "carrier":
        return np.asarray(flights["carrier"] == name)
    first, last = map(int, name.split("-"))
    return np.asarray(flights["sched_dep_ts"].dt.tz_convert(ZONE).dt.hour.between(first, last))


def _judge_again(flights: pd.DataFrame, hit: Rows) -> pd.DataFrame:
    """With the outcome as it is now, and the word of a maintainer's model that learnt what the change did to whom."""
    late = flights["arr_delay_min"].gt(LATE_MINUTES).astype("int64").where(flights["late"] >= 0, -1)
    known = ((late >= 0) & ~flights["hidden"]).to_numpy()
    said, happened = (np.asarray(column, dtype="float64") for column in (flights["anchor_p"], late))
    again = refit(said, happened, hit, known)
    return flights.assign(late=late, hit=hit, refitted_p=again)
