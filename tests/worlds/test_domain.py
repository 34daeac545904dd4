"""Domain files: what is wrong is named, with the remedy."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from worlds.domain import DomainError, read_domain

PAYMENTS = Path(__file__).parents[2] / "projects/chargeback-watch/domains/payments.yaml"


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return yaml.safe_load(PAYMENTS.read_text())["world"]


def test_the_payments_domain_is_read(declared: dict[str, Any]) -> None:
    domain = read_domain(declared)
    assert (domain.calendar.days, domain.calendar.hidden_days) == (150, 112)
    assert set(domain.entities) == {"customer", "merchant"}


@pytest.mark.parametrize(
    ("path", "to", "sentence"),
    [
        (("calendar", "start"), "soon", "calendar.start: write a date such as 2024-01-01"),
        (("calendar", "days"), "many", "calendar.days: expected a number, found 'many'"),
        (("calendar", "hours"), 3, "calendar: unknown key hours"),
        (("entities", "customer", "row"), 3, "entities.customer: unknown key row"),
        (("entities", "customer"), 3, "entities.customer: expected the keys columns, rows, found int"),
        (("events", "txn", "hours"), [1, 2], "events.txn.hours: expected 24 weights, found 2"),
        (("events", "txn", "bursts"), {}, "events.txn.bursts: add"),
        (("tables", "country", "zone"), ["UTC"], "tables.country.zone: 1 values for 5 keys"),
        (("tables", "empty"), {"share": []}, "tables.empty: add keys"),
    ],
)
def test_a_fault_is_named_with_its_field(declared: dict[str, Any], path: tuple, to: object, sentence: str) -> None:
    changed = copy.deepcopy(declared)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    with pytest.raises(DomainError) as refused:
        read_domain(changed)
    assert sentence in str(refused.value)


def test_a_missing_part_is_asked_for(declared: dict[str, Any]) -> None:
    with pytest.raises(DomainError, match="world: add params"):
        read_domain({name: part for name, part in declared.items() if name != "params"})
