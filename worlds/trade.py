"""A business that sells through gateways, being spoilt: what is broken in it, and how its export names things.

It knows what such businesses have in common; a domain says the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from worlds.defects.cells import FieldMaximum
from worlds.mess import Mess
from worlds.seeds import Seed

# How a message's parts are called once they are ingested; the others keep their names.
AS_INGESTED = {
    **dict.fromkeys(("moment", "event_time_ms"), "ts_raw"),
    **dict.fromkeys(("amount_text", "amount_minor"), "amount_raw"),
    **dict.fromkeys(("age", "device"), "device_age_days"),
}


@dataclass(frozen=True)
class Secrets:
    """What is broken for this learner; all of it can be found in their data."""

    sentinel: int
    year_sentinel: int
    cents_gateway: str
    comma_gateway: str
    clock_gateway: str
    clock_quarters: int
    currency_gateway: str
    naive_country: str
    inverted_currency: str
    delimiter: str
    schema_day: int


@dataclass(frozen=True)
class Spoilt(Mess):
    """A business being spoilt, with what is broken in it."""

    secrets: Secrets


def draw_secrets(mess: Mapping[str, Any], seed: Seed) -> Secrets:
    def one_of(name: str) -> Any:
        values = mess[name]
        return values[int(seed.mechanism_stream(f"secrets/{name}").integers(len(values)))]

    return Secrets(
        sentinel=int(one_of("sentinels")),
        year_sentinel=int(one_of("year_sentinels")),
        cents_gateway=str(one_of("cents_gateways")),
        comma_gateway=str(mess["comma_gateway"]),
        clock_gateway=str(one_of("clock_gateways")),
        clock_quarters=int(one_of("clock_quarters")),
        currency_gateway=str(one_of("currency_gateways")),
        naive_country=str(one_of("naive_countries")),
        inverted_currency=str(one_of("inverted_currencies")),
        delimiter=str(one_of("delimiters")),
        schema_day=int(seed.mechanism_stream("secrets/schema_day").integers(*mess["schema_days"])),
    )


def as_named(mess: Mess, table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The exported columns of a table, under the names that this business gives them."""
    names = mess.declared["columns"][table]
    return frame[list(names)].rename(columns=names)


def describe_fields(mess: Mess) -> dict[str, object]:
    """The data dictionary for machines: codes, field names and formats, and nothing that is broken."""
    declared, places = mess.declared, mess.world.tables["country"]
    codes = ("home_currency", "types", "monitoring_customer", "birth_years")
    pairs = zip(places["keys"], places["zone"], places["currency"], strict=True)
    return {
        "countries": {name: {"zone": zone, "currency": currency} for name, zone, currency in pairs},
        "categories": sorted(mess.world.tables["category"]["keys"]),
        "channels": sorted(mess.world.tables["channel"]["keys"]),
        "date_formats": declared["source_systems"],
        "field_maximum": FieldMaximum.maximum,
        "messages": {str(number): _paths(declared, fields) for number, fields in declared["schemas"].items()},
        **{name: declared[name] for name in codes},
        **declared["columns"],
    }


def _paths(declared: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, str]:
    """Where each column of the ingest table is found in a message of this schema; a dot leads into an object."""
    paths = {AS_INGESTED.get(column, column): field for field, column in fields.items() if column != "schema"}
    if "device" in fields.values():
        paths["device_age_days"] += f".{declared['device_key']}"
    return paths
