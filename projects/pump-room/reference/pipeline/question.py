"""What the service accepts: every field typed and bounded, everything else refused by name."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

LONGEST_WINDOW = 168
FIRST_YEAR, LAST_YEAR = 1950, 2100


def _written_out(value: object) -> object:
    """Pydantic would also take a number for a moment; a number does not say what it counts."""
    if isinstance(value, str) and value[4:5] == "-":
        return value
    raise PydanticCustomError("moment", "write a date or moment as text, such as 2024-05-31T12:00:00Z")


def _of_this_age(value: date) -> date:
    if FIRST_YEAR <= value.year <= LAST_YEAR:
        return value
    raise PydanticCustomError("moment", "the year must lie between 1950 and 2100")


def _whole_hour(value: datetime) -> datetime:
    if value.minute == value.second == value.microsecond == 0:
        return value
    raise PydanticCustomError("moment", "measurements stand at whole hours")


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_of_this_age)]
Hour = Annotated[Moment, AfterValidator(_whole_hour)]
Day = Annotated[date, BeforeValidator(_written_out), AfterValidator(_of_this_age)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Count = Annotated[int, Field(strict=True, ge=0, le=1000)]


def between(low: float, high: float) -> object:
    return Annotated[float, Field(strict=True, ge=low, le=high, allow_inf_nan=False)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Pump(Strict):
    pump_id: Id
    make: Literal["Norda", "Velo"]
    commissioned: Day


class Reading(Strict):
    ts: Hour
    vib: between(0, 50) | None
    temp_c: between(-30, 110) | None
    pressure_bar: between(0, 14) | None
    load: between(0, 1) | None


class Question(Strict):
    """One pump at one whole hour, with what its sensors said in the week before."""

    pump: Pump
    at: Hour
    running_since: Moment
    failures_30d: Count
    readings: Annotated[list[Reading], Field(max_length=LONGEST_WINDOW)]

    @model_validator(mode="after")
    def _fits_together(self) -> "Question":
        first = self.at - timedelta(hours=LONGEST_WINDOW)
        hours = [reading.ts for reading in self.readings]
        if any(not first <= hour < self.at for hour in hours) or len(set(hours)) != len(hours):
            raise PydanticCustomError("readings", "readings: one for each hour of the 168 before `at`, at most")
        if self.running_since > self.at:
            raise PydanticCustomError("running_since", "running_since lies after `at`")
        return self
