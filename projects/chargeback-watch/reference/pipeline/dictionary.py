"""What the data dictionary says, read from the copy for machines that comes with the export. It learns nothing."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "dictionary.json"


@dataclass(frozen=True)
class Dictionary:
    """The codes, names and formats of one business. `messages` says where each column is found, by schema."""

    zones: Mapping[str, str]
    currencies: Mapping[str, str]
    categories: tuple[str, ...]
    channels: tuple[str, ...]
    home_currency: str
    sale: str
    monitoring_customer: str
    field_maximum: float
    birth_years: tuple[int, int]
    date_formats: Mapping[str, str]
    maturity_days: int
    messages: Mapping[int, Mapping[str, str]]
    columns: Mapping[str, Mapping[str, str]]


def read_dictionary(folder: Path) -> Dictionary:
    return make_dictionary(json.loads((folder / FILE).read_text()))


def make_dictionary(told: Mapping[str, Any]) -> Dictionary:
    tables = ("merchants", "customers", "contracts", "rates", "disputes")
    return Dictionary(
        zones={name: place["zone"] for name, place in told["countries"].items()},
        currencies={name: place["currency"] for name, place in told["countries"].items()},
        categories=tuple(told["categories"]),
        channels=tuple(told["channels"]),
        home_currency=told["home_currency"],
        sale=told["types"]["sale"],
        monitoring_customer=told["monitoring_customer"],
        field_maximum=told["field_maximum"],
        birth_years=tuple(told["birth_years"]),
        date_formats=told["date_formats"],
        maturity_days=told["maturity_days"],
        messages={int(number): paths for number, paths in told["messages"].items()},
        columns={table: told[table] for table in tables},
    )


def hand_on(source: Path, out: Path) -> None:
    """The dictionary goes along with the tables: the next step sees nothing but this folder."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / FILE, out / FILE)
