"""Makes one world of Late Arrivals: a slice of real flights, spoilt as five sources would spoil it, and the log.

The flights, the weather and the planes are real; only what the log names was planted. Nobody knows a true probability:
what is stored in its place is the score of a maintainer's model that learnt from the slice before it was spoilt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from worlds.anchors import anchor
from worlds.boards import Board, Whole
from worlds.clocks import write_utc
from worlds.defects.cells import Sentinel, WrongUnit
from worlds.defects.lines import Files, GarbageLine, TruncatedLine
from worlds.defects.log import Defect, DefectLog
from worlds.defects.marks import MarkVariant
from worlds.defects.rows import ForeignRow, LateDelivery, Redelivery, RepeatedEntity
from worlds.defects.structures import LeakingColumn, SchemaChange
from worlds.departures import make_streams
from worlds.domain import Calendar
from worlds.mess import Mess
from worlds.seeds import Seed
from worlds.slices import ZONE, Slice, read_flights, read_small, read_weather
from worlds.sources import write_csv, write_gzip_lines, write_json, write_parquet, write_sqlite
from worlds.world import World

Counts = dict[str, dict[str, int] | dict[str, str]]

HOUR, WEEK = 3600, 7
KM, MM, KELVIN = 1.609344, 25.4, 9 / 5
LATE_MINUTES = 30
FASTEST_WIND = 200
CLOCKS = ["sched_dep_time", "sched_arr_time", "dep_time", "arr_time"]
COUNTS = ["dep_delay", "arr_delay", "air_time", "distance"]
AFTER_LANDING = ["arr_time", "arr_delay", "air_time"]


@dataclass(frozen=True)
class Secrets:
    """What is broken for this learner; all of it can be found in their data."""

    origin: str
    seconds_carrier: str
    visibility_code: float
    year_code: int
    delimiter: str
    schema_file: int
    metric_week: int


@dataclass(frozen=True)
class Spoilt(Mess):
    """A slice being spoilt, with what is broken in it and how it was cut."""

    secrets: Secrets
    piece: Slice

    @property
    def as_of(self) -> pd.Timestamp:
        """Midnight in New York at the end of the weeks whose arrivals are known."""
        midnight = self.piece.start.tz_convert(ZONE) + pd.DateOffset(days=int(self.declared["weeks"]) * WEEK)
        return midnight.tz_convert("UTC")


def generate(seed: Seed, domain: Mapping[str, Any], raw: Path, truth: Path) -> dict[str, str]:
    """Write the sources into `raw`, what is true into `truth`; return the facts that commands may name."""
    raw.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    mess = cut_slice(domain["mess"], seed)
    flights = make_flights(mess)
    weather = spoil_weather(mess, raw)
    planes = spoil_fleet(mess, raw)
    airports = spoil_airports(mess, raw)
    flights = place_in_time(mess, flights, airports)
    counts = spoil_flights(mess, flights, raw)
    (raw / "data_dictionary.md").write_text(str(domain["dictionary"]).replace("EWR", mess.secrets.origin))
    flights = judge_flights(mess, flights, weather)
    tables = {"flights": flights, "weather": weather, "planes": planes, "airports": airports}
    service = make_streams(mess, mess.piece, flights, weather)
    tables |= service.tables
    for name, table in (tables | {"defects": mess.log.frame()}).items():
        write_parquet(truth / f"{name}.parquet", table)
    service.write(raw / "stream")
    write_json(truth / "meta.json", describe(mess, flights, weather, counts) | {"changes": service.changes})
    return {"as_of": write_utc([mess.as_of.timestamp()])[0], "origin": mess.secrets.origin}


def cut_slice(declared: Mapping[str, Any], seed: Seed) -> Spoilt:
    """The mechanism picks the airport and what is broken there; the draw picks the weeks and the routes."""
    secrets = draw_secrets(declared, seed)
    days = (int(declared["weeks"]) + int(declared["weeks_to_score"])) * WEEK
    first = int(seed.draw_stream("slice/first_day").integers(364 - days))
    piece = Slice(secrets.origin, first, days, float(declared["shares"]["routes"]))
    calendar = Calendar(piece.start.to_pydatetime(), int(declared["weeks"]) * WEEK, days)
    return Spoilt(World(calendar, seed), declared, DefectLog(), secrets, piece)


def draw_secrets(declared: Mapping[str, Any], seed: Seed) -> Secrets:
    def one_of(name: str, values: list[Any]) -> Any:
        return values[int(seed.mechanism_stream(f"secrets/{name}").integers(len(values)))]

    origin = str(one_of("origin", sorted(declared["seconds_carriers"])))
    return Secrets(
        origin=origin,
        seconds_carrier=str(one_of("carrier", declared["seconds_carriers"][origin])),
        visibility_code=float(one_of("visibility", declared["visibility_codes"])),
        year_code=int(one_of("year", declared["year_codes"])),
        delimiter=str(one_of("delimiter", declared["delimiters"])),
        schema_file=int(one_of("schema_file", declared["schema_files"])),
        metric_week=int(one_of("metric_week", declared["metric_weeks"])),
    )


# --- what is true -----------------------------------------------------------------------------------------------------


def make_flights(mess: Spoilt) -> pd.DataFrame:
    """The real flights of the slice, each with an id of ours; arrivals of the weeks to be scored are kept apart."""
    flights = read_flights(mess.piece, mess.rng("routes"))
    numbers = mess.rng("flight_ids").permutation(900_000)[: len(flights)] + 100_000
    ids = [f"f_{number}" for number in numbers]
    return flights.assign(flight_id=ids, record_id=ids, hidden=flights["sched_dep"] >= mess.as_of)


def place_in_time(mess: Spoilt, flights: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    """With `sched_arr`: the first moment after departure at which the clock at the destination shows that time."""
    zones = flights["dest"].map(airports.set_index("faa")["tzone"])
    arrivals = pd.Series(pd.NaT, index=flights.index, dtype="datetime64[s, UTC]")
    for zone, rows in flights.groupby(zones):
        leaves = rows["sched_dep"].dt.tz_convert(str(zone)).dt.tz_localize(None)
        clock = _minutes(rows["sched_arr_time"]) - leaves.dt.hour * 60 - leaves.dt.minute
        local = leaves + pd.to_timedelta((clock - 1) % 1440 + 1, unit="m").dt.as_unit("s")
        arrivals[rows.index] = local.dt.tz_localize(
            str(zone), ambiguous=True, nonexistent="shift_forward"
        ).dt.tz_convert("UTC")
    return flights.assign(sched_arr=arrivals)


def _minutes(clock: pd.Series) -> pd.Series:
    """HHMM as minutes since midnight."""
    return clock // 100 * 60 + clock % 100


def judge_flights(mess: Spoilt, flights: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """The flights as they should be after cleaning, and behind them what graders may know: outcome and anchor."""
    late = flights["arr_delay"].gt(LATE_MINUTES).astype("int64").where(flights["arr_delay"].notna(), -1)
    known = flights[AFTER_LANDING].mask(flights["hidden"])
    clean = flights[["flight_id", "carrier", "flight", "tailnum", "dest"]].assign(
        sched_dep_ts=flights["sched_dep"],
        sched_arr_ts=flights["sched_arr"],
        dep_delay_min=flights["dep_delay"],
        arr_delay_min=known["arr_delay"],
        air_time_min=known["air_time"],
        distance_mi=flights["distance"],
        hidden=flights["hidden"],
        late=late,
    )
    return clean.assign(anchor_p=_maintainers_model(mess, clean, weather))


def _maintainers_model(mess: Spoilt, flights: pd.DataFrame, weather: pd.DataFrame) -> np.ndarray:
    """Learnt before anything was spoilt, from what was known two hours before each departure."""
    asked = _seconds(flights["sched_dep_ts"]) - int(mess.declared["hours_before"]) * HOUR
    board = Board(_seconds(flights["sched_dep_ts"]), flights["dep_delay_min"].to_numpy(dtype="float64"))
    seen = weather.iloc[np.searchsorted(_seconds(weather["observed_at"]), asked, side="right") - 1]
    numbers = [
        np.log1p(10 - np.clip(seen["visib_mi"].fillna(10).to_numpy(), 0, 10)),
        np.log1p(20 * seen["precip_in"].fillna(0).to_numpy()),
        np.clip(seen["wind_mph"].fillna(9).to_numpy(), 0, 40),
        board.overdue(asked, 3 * HOUR) / np.maximum(1, board.planned(asked, 3 * HOUR)),
        flights["distance_mi"].to_numpy(dtype="float64"),
    ]
    for window in (2 * HOUR, 6 * HOUR):
        departed = board.departed(asked, window)
        numbers.append((board.late(asked, window, LATE_MINUTES) + 0.75) / (departed + 5))
        mean = (board.delay_sum(asked, window, -20, 180) + 50) / (departed + 5)
        numbers.append(np.log1p(np.clip(mean, 0, None)))
    hour = flights["sched_dep_ts"].dt.tz_convert(ZONE).dt.hour.astype("str")
    codes = [column.to_numpy(dtype=object) for column in (hour, flights["carrier"], flights["dest"])]
    outcome = flights["late"].to_numpy(dtype="float64")
    return anchor(np.column_stack(numbers), codes, outcome, ~flights["hidden"] & (flights["late"] >= 0))


def _seconds(moments: pd.Series) -> Whole:
    seconds: Whole = moments.dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype("int64")
    return seconds


# --- flights as the airport's message archive has them ----------------------------------------------------------------


def spoil_flights(mess: Spoilt, flights: pd.DataFrame, raw: Path) -> Counts:
    """Write the monthly files; return the lines and rejects per file."""
    local = flights["sched_dep"].dt.tz_convert(ZONE)
    messages = flights.assign(
        local_day=local.dt.normalize().dt.tz_localize(None),
        file="flights_" + local.dt.strftime("%Y-%m") + ".csv.gz",
        place=_seconds(flights["sched_dep"]) + mess.rng("order").normal(0, 1800, len(flights)),
        revision=1,
        service="J",
    )
    messages[AFTER_LANDING] = messages[AFTER_LANDING].mask(messages["hidden"])
    for column in ("dep_delay_min", "air_time_min"):
        mess.log.add(LeakingColumn("flights", column, "leaking_column", "do not use"), ["*"])
    messages = _spoil_rows(mess, _spoil_cells(mess, messages))
    return _write_files(mess, messages, raw)


def _spoil_cells(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    first = mess.within("seconds_start")
    day = (messages["local_day"] - messages["local_day"].min()).dt.days
    hit = (messages["carrier"] == mess.secrets.seconds_carrier) & day.between(
        first, first + mess.within("seconds_days")
    )
    for column in ("dep_delay", "arr_delay"):
        rows = (hit & messages[column].notna() & (messages[column] != 0)).to_numpy()
        unit = WrongUnit("flights", column, "delay_in_seconds", factor=60.0, clean_column=f"{column}_min")
        messages = unit.plant(messages, rows, mess.log)
    variant = MarkVariant("flights", "tailnum", "tail_variant", dashed=True)
    everywhere = np.ones(len(messages), dtype=bool)
    return variant.plant(messages, mess.some("tail_variant", everywhere), mess.rng("tail_variant/how"), mess.log)


def _spoil_rows(mess: Spoilt, messages: pd.DataFrame) -> pd.DataFrame:
    """Positioning flights, departure messages before the final one, messages delivered late or twice."""
    final = np.ones(len(messages), dtype=bool)
    landed = messages["arr_delay"].notna().to_numpy()
    earlier = _as_departed(messages[mess.some("superseded", landed)])
    numbers = messages["flight_id"].sample(
        int(mess.share("positioning") * len(messages)), random_state=mess.rng("empty")
    )
    empty = messages[messages["flight_id"].isin(numbers)]
    ids = [f"p_{identifier[2:]}" for identifier in empty["flight_id"]]
    empty = empty.assign(flight_id=ids, record_id=ids, service="P", flight=9000 + empty["flight"] % 900)
    messages = LateDelivery("flights").plant(
        messages, mess.some("late_delivery", final), mess.rng("late/how"), mess.log
    )
    messages = messages.assign(revision=np.where(messages["record_id"].isin(earlier["record_id"]), 2, 1))
    again = mess.some("redelivery", final)
    messages = Redelivery("flights").plant(messages, again, mess.rng("redelivery/when"), mess.log)
    messages = ForeignRow("flights", kind="departure_message", action="dedupe").plant(messages, earlier, mess.log)
    messages = ForeignRow("flights", kind="positioning_flight").plant(messages, empty, mess.log)
    return messages.sort_values(["file", "place", "revision"], kind="stable", ignore_index=True)


def _as_departed(messages: pd.DataFrame) -> pd.DataFrame:
    """What was sent when they left: nothing of the arrival."""
    blank = dict.fromkeys(AFTER_LANDING, np.nan)
    return messages.assign(**blank, place=messages["place"] - HOUR)


def _write_files(mess: Spoilt, messages: pd.DataFrame, raw: Path) -> Counts:
    names = sorted(messages["file"].unique())
    new = messages["file"].isin(names[mess.secrets.schema_file :]).to_numpy()
    change = SchemaChange("flights", "schema")
    messages = change.plant(messages.assign(schema=1), new, names[mess.secrets.schema_file], mess.log)
    files: Files = {str(name): _lines(mess, rows) for name, rows in messages.groupby("file")}
    rng = mess.rng("lines")
    # In a file of the first layout: whoever leaves out the second one makes one mistake and not two.
    files = GarbageLine("files").plant(files, names[int(rng.integers(mess.secrets.schema_file))], rng, mess.log)
    first = str(mess.declared["schemas"][1]["delimiter"])
    files = TruncatedLine("files", delimiter=first).plant(files, names[0], rng, mess.log)
    for number, (name, lines) in enumerate(sorted(files.items())):
        schema = mess.declared["schemas"][1 if number < mess.secrets.schema_file else 2]
        header = str(schema["delimiter"]).join(schema["columns"])
        write_gzip_lines(raw / name, [header, *lines], broken=name == names[0])
    return {
        "lines": {name: len(lines) for name, lines in files.items()},
        "rejects": {name: lines.count(GarbageLine.text) + (name == names[0]) for name, lines in files.items()},
        "sha256": {name: sha256((raw / name).read_bytes()).hexdigest() for name in names},
    }


def _lines(mess: Spoilt, rows: pd.DataFrame) -> list[str]:
    """Messages as lines of the schema that they have."""
    schema = mess.declared["schemas"][int(rows["schema"].iloc[0])]
    numbers = [f"msg{number:012d}" for number in mess.rng(f"messages/{rows['file'].iloc[0]}").permutation(len(rows))]
    written = rows.assign(
        date=rows["local_day"].dt.strftime(schema["date"]),
        tailnum=rows["tailnum"].fillna(""),
        message_id=numbers,
        **{name: [_clock(value, str(schema["clock"])) for value in rows[name]] for name in CLOCKS},
        **{name: ["" if value != value else str(int(value)) for value in rows[name]] for name in COUNTS},
    )
    cells = (written[column].astype("str").tolist() for column in schema["columns"].values())
    return [str(schema["delimiter"]).join(record) for record in zip(*cells, strict=True)]


def _clock(value: float, pattern: str) -> str:
    return "" if value != value else pattern.format(int(value) // 100, int(value) % 100, int(value))


# --- weather, planes, airports ----------------------------------------------------------------------------------------


def spoil_weather(mess: Spoilt, raw: Path) -> pd.DataFrame:
    """Write what the weather service answers; return the observations as they should be after cleaning."""
    real = read_weather(mess.piece)
    ids = [f"w_{number:05d}" for number in mess.rng("weather_ids").permutation(99_999)[: len(real)]]
    real = real.assign(obs_id=ids, record_id=ids)
    gale = (real["wind_speed"] > FASTEST_WIND).to_numpy()
    impossible = Defect("weather", "wind_mph", "impossible_wind", "null")
    mess.log.add(impossible, real["record_id"][gale], corrupted=real["wind_speed"][gale])
    wet = (real["precip"] > 0).to_numpy()
    unknown = mess.some("unknown_visibility", ~wet) | mess.some("unknown_visibility_when_wet", wet)
    code = Sentinel(
        "weather", "visib", "unknown_visibility", code=mess.secrets.visibility_code, clean_column="visib_mi"
    )
    metric = (real["observed_at"] >= mess.piece.start + pd.Timedelta(weeks=mess.secrets.metric_week)).to_numpy()
    change = SchemaChange("weather", "unit", version=2)
    told = code.plant(_in_metric(real, metric), unknown, mess.log)
    told = change.plant(told.assign(unit=1), metric, f"week {mess.secrets.metric_week}", mess.log)
    told = told.assign(unit=np.where(metric, "metric", "us"), observed_at=write_utc(_seconds(told["observed_at"])))
    told = told.rename(columns={"origin": "station"}).drop(columns=["record_id"])
    records = told.astype(object).where(told.notna(), None).to_dict("records")
    write_json(raw / "api" / "weather.json", records)
    return pd.DataFrame(
        {
            "obs_id": real["obs_id"],
            "observed_at": real["observed_at"],
            "temp_f": real["temp"],
            "wind_mph": real["wind_speed"].mask(gale),
            "precip_in": real["precip"],
            "pressure_hpa": real["pressure"],
            "visib_mi": real["visib"].mask(unknown),
        }
    )


def _in_metric(weather: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Degrees Celsius, km/h, millimetres and kilometres in these rows."""
    told = {
        "temp": (weather["temp"] - 32) / KELVIN,
        "wind_speed": weather["wind_speed"] * KM,
        "wind_gust": weather["wind_gust"] * KM,
        "precip": weather["precip"] * MM,
        "visib": weather["visib"] * KM,
    }
    return weather.assign(**{name: weather[name].where(~rows, values).round(3) for name, values in told.items()})


def spoil_fleet(mess: Spoilt, raw: Path) -> pd.DataFrame:
    """Write fleet.db with planes and airlines; return the planes as they should be after cleaning."""
    planes = read_small("planes").drop(columns=["speed"])
    planes = planes.assign(record_id=planes["tailnum"], year=planes["year"].astype("float64"))
    planted = mess.some("unknown_year", planes["year"].notna().to_numpy())
    code = Sentinel("planes", "year", "unknown_year", code=mess.secrets.year_code, clean_column="built")
    told = code.plant(planes, planted | planes["year"].isna().to_numpy(), mess.log)
    twice = mess.some("repeated_plane", np.ones(len(planes), dtype=bool))
    repeated = RepeatedEntity("planes", "tailnum", "repeated_plane")
    told = repeated.plant(told, twice, mess.rng("repeated_plane/order"), mess.log)
    told = told.assign(year=told["year"].astype("int64")).drop(columns=["record_id"])
    write_sqlite(raw / "fleet.db", {"planes": told, "airlines": read_small("airlines")})
    return planes[["tailnum", "seats"]].assign(built=planes["year"].mask(planted))


def spoil_airports(mess: Spoilt, raw: Path) -> pd.DataFrame:
    """Write airports.csv; return the airports as they should be, with those that only the dictionary knows."""
    airports = read_small("airports").assign(record_id=lambda table: table["faa"])
    everyone = np.ones(len(airports), dtype=bool)
    variant = MarkVariant("airports", "faa", "airport_variant")
    told = variant.plant(airports, mess.some("airport_variant", everyone), mess.rng("airport_variant/how"), mess.log)
    write_csv(raw / "airports.csv", told.drop(columns=["record_id"]), delimiter=mess.secrets.delimiter)
    missing = pd.DataFrame(mess.declared["unlisted_airports"])
    return pd.concat([airports[["faa", "name", "tzone"]], missing], ignore_index=True)


# --- what graders may know --------------------------------------------------------------------------------------------


def describe(mess: Spoilt, flights: pd.DataFrame, weather: pd.DataFrame, counts: Counts) -> dict[str, object]:
    """Lines and rejects per file, what was drawn, and the rate that somebody without a model would say."""
    learnt = flights[~flights["hidden"] & (flights["late"] >= 0)]
    return {
        **counts,
        "as_of": write_utc([mess.as_of.timestamp()])[0],
        "cut": write_utc([find_bad_hour(mess, flights, weather).timestamp()])[0],
        "observations": len(weather),
        "airlines": read_small("airlines")["carrier"].tolist(),
        "unlisted_airports": [airport["faa"] for airport in mess.declared["unlisted_airports"]],
        "mechanism": vars(mess.secrets),
        "slice": {"first_day": mess.piece.first_day, "days": mess.piece.days},
        "naive_rate": float(learnt["late"].mean()),
    }


def find_bad_hour(mess: Spoilt, flights: pd.DataFrame, weather: pd.DataFrame) -> pd.Timestamp:
    """Of the hours two weeks or more before as-of after which the weather turned, that with the most late departures.

    Much was under way then and little was over, and whoever looks an hour ahead sees other weather.
    """
    sky = weather[["visib_mi", "wind_mph"]]
    turned = (sky != sky.shift(-1)).all(axis=1) & sky.notna().all(axis=1) & sky.shift(-1).notna().all(axis=1)
    early = weather["observed_at"] < mess.as_of - pd.Timedelta(weeks=2)
    hours = weather.loc[turned & early, "observed_at"]
    late = np.sort(_seconds(flights.loc[flights["dep_delay_min"] > LATE_MINUTES, "sched_dep_ts"]))
    begin = _seconds(hours)
    following = np.searchsorted(late, begin + 2 * HOUR) - np.searchsorted(late, begin + HOUR)
    return pd.Timestamp(hours.iloc[int(following.argmax())]) + pd.Timedelta(minutes=7)


def move_hidden_label(truth: Path, rng: np.random.Generator) -> None:
    """Let two flights of one hidden day, about which the anchor says nearly the same, exchange their outcomes."""
    flights = pd.read_parquet(truth / "flights.parquet")
    day = flights["sched_dep_ts"].dt.tz_convert(ZONE).dt.date
    order = flights.assign(day=day)[flights["hidden"] & (flights["late"] >= 0)].sort_values(["day", "anchor_p"])
    differs = (order["late"] != order["late"].shift(-1)) & (order["day"] == order["day"].shift(-1))
    first = int(rng.choice(np.flatnonzero(differs)))
    flights.loc[order.index[[first, first + 1]], "late"] = order["late"].iloc[[first + 1, first]].to_numpy()
    write_parquet(truth / "flights.parquet", flights)
