"""One draw of a domain: parameters, entities, events, all true and clean. It does not know how they will be spoilt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from worlds.arrivals import Arrivals, arrive, meet
from worlds.domain import Calendar, Domain, EventSpec
from worlds.expressions import Parent, Scope, Value, evaluate
from worlds.seeds import Seed
from worlds.switches import WORD, set_switches
from worlds.vocabulary import VOCABULARY


@dataclass(frozen=True)
class World:
    calendar: Calendar
    seed: Seed
    switches: dict[str, bool] = field(default_factory=dict)
    params: dict[str, float] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    entities: dict[str, pd.DataFrame] = field(default_factory=dict)
    events: dict[str, pd.DataFrame] = field(default_factory=dict)


def draw_world(domain: Domain, seed: Seed) -> World:
    """Parameters and shuffled codes come from the mechanism, all rows from the draw."""
    switches = set_switches([name for name, formula in domain.params.items() if WORD in formula], seed)
    world = World(domain.calendar, seed, switches)
    for name, table in domain.tables.items():
        world.tables[name] = _shuffled(name, table, seed)
    for name, formula in domain.params.items():
        world.params[name] = _draw_param(world, name, formula)
    for name, entity in domain.entities.items():
        world.entities[name] = _grow(world, f"entities/{name}", entity.rows, {}, entity.columns, {})
    for name, event in domain.events.items():
        world.events[name] = _happen(world, name, event)
    return world


def _draw_param(world: World, name: str, formula: str) -> float:
    scope = Scope(
        f"params/{name}", 1, world.seed.mechanism_stream, params=world.params, switched=world.switches.get(name)
    )
    return float(np.ravel(evaluate(formula, scope, VOCABULARY))[0])


def _shuffled(name: str, table: Mapping[str, Any], seed: Seed) -> dict[str, Any]:
    codes = {column: list(values) for column, values in table.items() if column != "shuffled"}
    for column in table.get("shuffled", ()):
        codes[column] = seed.mechanism_stream(f"tables/{name}/{column}").permutation(codes[column]).tolist()
    return codes


def _scope(world: World, path: str, rows: int, columns: dict[str, Value], parents: dict[str, Parent]) -> Scope:
    return Scope(path, rows, world.seed.draw_stream, columns, world.params, world.tables, parents)


def _grow(
    world: World,
    path: str,
    rows: int,
    columns: dict[str, Value],
    formulas: Mapping[str, str],
    parents: dict[str, Parent],
) -> pd.DataFrame:
    """Column after column; a formula sees those before it."""
    for name, formula in formulas.items():
        scope = _scope(world, f"{path}/{name}", rows, columns, parents)
        columns[name] = np.broadcast_to(evaluate(formula, scope, VOCABULARY), (rows,)).copy()
    return pd.DataFrame(columns)


def _happen(world: World, name: str, spec: EventSpec) -> pd.DataFrame:
    path = f"events/{name}"
    actors, others = world.entities[spec.per], world.entities[spec.counterparty.entity]
    everyone = {spec.per: Parent(actors, np.arange(len(actors)))}
    rate = evaluate(spec.rate_per_day, _scope(world, f"{path}/rate", len(actors), {}, everyone), VOCABULARY)
    arrivals = arrive(spec, world.calendar, rate, world.seed.draw_stream(f"{path}/arrivals"))
    met = meet(spec.counterparty, actors, others, arrivals.actor, world.seed.draw_stream(f"{path}/counterparty"))
    parents = {spec.per: Parent(actors, arrivals.actor), spec.counterparty.entity: Parent(others, met)}
    columns = _given_columns(world, name, spec, arrivals, parents)
    return _grow(world, path, len(met), columns, spec.columns, parents)


def _given_columns(
    world: World, name: str, spec: EventSpec, arrivals: Arrivals, parents: dict[str, Parent]
) -> dict[str, Value]:
    numbers = world.seed.draw_stream(f"events/{name}/ids").permutation(900_000)[: len(arrivals.seconds)] + 100_000
    ids = {f"{entity}_id": parent.table[f"{entity}_id"].to_numpy()[parent.index] for entity, parent in parents.items()}
    return {
        f"{name}_id": np.array([f"{spec.prefix}_{number}" for number in numbers], dtype=object),
        "seconds": arrivals.seconds,
        "day": arrivals.seconds // 86_400,
        "at": pd.to_datetime(arrivals.seconds + world.calendar.start_seconds, unit="s", utc=True).as_unit("s"),
        "in_burst": arrivals.in_burst,
        **ids,
    }
