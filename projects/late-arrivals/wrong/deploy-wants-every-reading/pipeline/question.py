"""What the service accepts: every field typed and bounded, everything else refused by name."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pipeline.dictionary import BUILT, FARTHEST_SIGHT, FASTEST_WIND, HOURS_BEFORE

FIRST_YEAR, LAST_YEAR = 2000, 2100
LARGEST_BOARD = 2_000
LONGEST_DELAY = 2_880


def _written_out(value: object) -> object:
    """Pydantic would also take a number for a moment; a number does not say what it counts."""
    if isinstance(value, str) and value[4:5] == "-":
        return value
    raise PydanticCustomError("moment", "write a moment as text, such as 2013-06-14T21:05:00Z")


def _of_this_age(value: datetime) -> datetime:
    if FIRST_YEAR <= value.year <= LAST_YEAR:
        return value
    raise PydanticCustomError("moment", "the year must lie between 2000 and 2100")


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_of_this_age)]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Sight = Annotated[float, Field(strict=True, ge=0, le=FARTHEST_SIGHT, allow_inf_nan=False)]
Wind = Annotated[float, Field(strict=True, ge=0, le=FASTEST_WIND, allow_inf_nan=False)]
Rain = Annotated[float, Field(strict=True, ge=0, le=20, allow_inf_nan=False)]
Minutes = Annotated[float, Field(strict=True, ge=-LONGEST_DELAY, le=LONGEST_DELAY, allow_inf_nan=False)]
Year = Annotated[int, Field(strict=True, ge=BUILT[0], le=LAST_YEAR)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Flight(Strict):
    flight_id: Code
    carrier: Code
    dest: Code
    sched_dep_ts: Moment
    sched_arr_ts: Moment

    @model_validator(mode="after")
    def _lands_after_it_leaves(self) -> "Flight":
        if self.sched_arr_ts <= self.sched_dep_ts:
            raise PydanticCustomError("order", "sched_arr_ts is not after the departure")
        return self


class Weather(Strict):
    visib_mi: Sight
    wind_mph: Wind | None
    precip_in: Rain | None


class Departure(Strict):
    """A line of the board; the delay is null while the flight has not left."""

    sched_dep_ts: Moment
    dep_delay_min: Minutes | None


class Question(Strict):
    """One flight, asked about two hours before it is to leave, with what is known then."""

    flight: Flight
    built: Year | None
    weather: Weather
    board: Annotated[list[Departure], Field(max_length=LARGEST_BOARD)]

    @model_validator(mode="after")
    def _knows_no_future(self) -> "Question":
        now = self.flight.sched_dep_ts.timestamp() - HOURS_BEFORE * 3600
        if any(_left(line) >= now for line in self.board):
            raise PydanticCustomError("future", "board holds a departure that is later than the question")
        return self


def _left(line: Departure) -> float:
    """When it left; a flight that has not left is nothing of the future."""
    return float("-inf") if line.dep_delay_min is None else line.sched_dep_ts.timestamp() + 60 * line.dep_delay_min
