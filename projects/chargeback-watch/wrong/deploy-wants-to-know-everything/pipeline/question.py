"""What the service accepts: every field typed and bounded, everything else refused by name."""

from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from pipeline.served import MODEL

LONGEST_HISTORY = 5_000
OLDEST_DEVICE_DAYS = 3_650
FIRST_YEAR, LAST_YEAR = 1990, 2100

D = TypeVar("D", bound=date)


def _written_out(value: object) -> object:
    """Pydantic would also take a number for a moment; a number does not say what it counts."""
    if isinstance(value, str) and value[4:5] == "-":
        return value
    raise PydanticCustomError("moment", "write a date or moment as text, such as 2024-05-31T12:00:00Z")


def _of_this_age(value: D) -> D:
    if FIRST_YEAR <= value.year <= LAST_YEAR:
        return value
    raise PydanticCustomError("moment", "the year must lie between 1990 and 2100")


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_of_this_age)]
Day = Annotated[date, BeforeValidator(_written_out), AfterValidator(_of_this_age)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Amount = Annotated[float, Field(strict=True, gt=0, lt=1_000_000, allow_inf_nan=False)]
DeviceAge = Annotated[float, Field(strict=True, ge=0, le=OLDEST_DEVICE_DAYS, allow_inf_nan=False)]
Fee = Annotated[float, Field(strict=True, ge=0, le=10_000, allow_inf_nan=False)]
Country = Literal[tuple(MODEL.zones)]
Channel = Literal[tuple(MODEL.codes["channel"])]
Category = Literal[tuple(MODEL.codes["category"])]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PastSale(Strict):
    event_ts: Moment
    merchant_id: Id
    amount_eur: Amount | None


class Sale(PastSale):
    txn_id: Id
    customer_id: Id
    channel: Channel
    device_age_days: DeviceAge


class Merchant(Strict):
    category: Category
    country: Country


class Customer(Strict):
    country: Country
    signup_date: Day


class Question(Strict):
    """One sale to be scored, with all earlier sales of its customer."""

    transaction: Sale
    merchant: Merchant
    customer: Customer
    fee_bps: Fee
    history: Annotated[list[PastSale], Field(max_length=LONGEST_HISTORY)]

    @field_validator("history")
    @classmethod
    def _is_past(cls, history: list[PastSale], info: ValidationInfo) -> list[PastSale]:
        sale = info.data.get("transaction")
        if sale is not None and any(past.event_ts > sale.event_ts for past in history):
            raise PydanticCustomError("future", "holds a sale that is later than the transaction")
        return history
