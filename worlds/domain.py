"""A domain as declared: calendar, parameters, code tables, entities, events. It refuses what it does not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class DomainError(ValueError):
    """A domain file is not what it must be; the sentence names the field and the remedy."""


@dataclass(frozen=True)
class Calendar:
    """Days the learner sees with outcomes, then days to be scored. Starts at midnight UTC."""

    start: datetime
    days: int
    hidden_days: int

    @property
    def all_days(self) -> int:
        return self.days + self.hidden_days

    @property
    def start_seconds(self) -> int:
        return int(self.start.timestamp())

    @property
    def snapshot_seconds(self) -> int:
        return self.start_seconds + self.days * 86_400


@dataclass(frozen=True)
class EntitySpec:
    rows: int
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Bursts:
    """Some entities act several times within minutes."""

    share_of_entities: float
    per_entity: float
    size_mean: float
    span_minutes: float


@dataclass(frozen=True)
class Counterparty:
    """Whom an event happens with: an entity chosen by weight, often one with an equal `same` column."""

    entity: str
    weight: str
    same: str
    same_share: float


@dataclass(frozen=True)
class EventSpec:
    per: str
    prefix: str
    rate_per_day: str
    hours: tuple[float, ...]
    weekdays: tuple[float, ...]
    trend_per_day: float
    bursts: Bursts
    counterparty: Counterparty
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Domain:
    calendar: Calendar
    params: Mapping[str, str]
    tables: Mapping[str, Mapping[str, Any]]
    entities: Mapping[str, EntitySpec]
    events: Mapping[str, EventSpec]


def read_domain(declared: Mapping[str, Any]) -> Domain:
    """The domain that `declared` (parsed YAML) describes."""
    _need(declared, "world", ("calendar", "params", "tables", "entities", "events"))
    return Domain(
        calendar=_calendar(declared["calendar"]),
        params={name: str(formula) for name, formula in declared["params"].items()},
        tables={name: _code_table(f"tables.{name}", table) for name, table in declared["tables"].items()},
        entities={name: _entity(f"entities.{name}", spec) for name, spec in declared["entities"].items()},
        events={name: _event(f"events.{name}", spec) for name, spec in declared["events"].items()},
    )


def _need(given: object, where: str, keys: Iterable[str]) -> None:
    wanted = set(keys)
    if not isinstance(given, Mapping):
        raise DomainError(f"{where}: expected the keys {', '.join(sorted(wanted))}, found {type(given).__name__}.")
    if missing := wanted - set(given):
        raise DomainError(f"{where}: add {', '.join(sorted(missing))}.")
    if unknown := set(given) - wanted:
        raise DomainError(f"{where}: unknown key {', '.join(sorted(map(str, unknown)))}; remove or rename it.")


def _number(given: Mapping[str, Any], key: str, where: str) -> float:
    value = given[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DomainError(f"{where}.{key}: expected a number, found {value!r}.")
    return float(value)


def _calendar(given: Mapping[str, Any]) -> Calendar:
    _need(given, "calendar", ("start", "days", "hidden_days"))
    try:
        start = datetime.fromisoformat(str(given["start"])).replace(tzinfo=UTC)
    except ValueError as fault:
        raise DomainError(f"calendar.start: write a date such as 2024-01-01, not {given['start']!r}.") from fault
    return Calendar(start, int(_number(given, "days", "calendar")), int(_number(given, "hidden_days", "calendar")))


def _code_table(where: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    if "keys" not in given:
        raise DomainError(f"{where}: add keys, the codes of this table.")
    for column, values in given.items():
        if column != "shuffled" and len(values) != len(given["keys"]):
            raise DomainError(f"{where}.{column}: {len(values)} values for {len(given['keys'])} keys.")
    return dict(given)


def _entity(where: str, given: Mapping[str, Any]) -> EntitySpec:
    _need(given, where, ("rows", "columns"))
    return EntitySpec(int(_number(given, "rows", where)), {k: str(v) for k, v in given["columns"].items()})


def _event(where: str, given: Mapping[str, Any]) -> EventSpec:
    _need(given, where, EventSpec.__dataclass_fields__)
    _need(given["bursts"], f"{where}.bursts", Bursts.__dataclass_fields__)
    _need(given["counterparty"], f"{where}.counterparty", Counterparty.__dataclass_fields__)
    for key, length in (("hours", 24), ("weekdays", 7)):
        if len(given[key]) != length:
            raise DomainError(f"{where}.{key}: expected {length} weights, found {len(given[key])}.")
    return EventSpec(
        per=str(given["per"]),
        prefix=str(given["prefix"]),
        rate_per_day=str(given["rate_per_day"]),
        hours=tuple(given["hours"]),
        weekdays=tuple(given["weekdays"]),
        trend_per_day=_number(given, "trend_per_day", where),
        bursts=Bursts(**given["bursts"]),
        counterparty=Counterparty(**given["counterparty"]),
        columns={name: str(formula) for name, formula in given["columns"].items()},
    )
