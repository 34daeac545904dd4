"""Reads a stranger's domain file in a bounded process of its own, and lists every fault in it: its formulas need numpy.

Form comes first. What has its form is drawn and looked at: something that never changes teaches nothing. What was drawn
is made a whole world of at last.
"""

import json
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from curriculum.package import ProjectPackage, load
from grading.authors import load_module
from grading.bounds import bound_process
from grading.domain_shape import Misfit, find_misfits
from grading.domain_text import parse_domain
from worlds.domain import DomainError, read_domain
from worlds.expressions import ExpressionError
from worlds.formulas import Known, find_faults
from worlds.seeds import Seed
from worlds.switches import WORD
from worlds.vocabulary import VOCABULARY
from worlds.world import World, draw_world

WORLD = frozenset({"calendar", "params", "tables", "entities", "events"})
OUTCOME = "bernoulli("
# The columns that every event has before its formulas.
GIVEN = ("seconds", "day", "at", "in_burst")
# An outcome may be so many times as frequent or as rare as on the ready-made domains.
RARER = 2.0
SEED = Seed(1, 1)


def main() -> None:
    bound_process()
    asked = json.load(sys.stdin)
    faults = list(find_all(load(Path(asked["package"])), asked["text"], Path(asked["scratch"])))
    json.dump([fault._asdict() for fault in faults], sys.stdout)


def find_all(package: ProjectPackage, text: str, scratch: Path) -> Iterator[Misfit]:
    """Form, then formulas; what they draw, and the world that it makes, only where both are right."""
    own: dict[str, Any] = parse_domain(text)
    ready: list[Mapping[str, Any]] = [package.domain(name) for name in package.domains]
    faults = [*find_misfits(own, ready), *_slug_faults(own, package)]
    if _has_world(ready) and isinstance(own.get("world"), Mapping):
        faults += list(_formula_faults(own["world"], ready))
    if not faults and _has_world(ready):
        faults = list(_drawing_faults(own["world"], [_mapping(one["world"]) for one in ready]))
    yield from faults or _generation_faults(package, own, scratch)


def _has_world(ready: Sequence[Mapping[str, Any]]) -> bool:
    return all(isinstance(one.get("world"), Mapping) and set(one["world"]) == WORLD for one in ready)


def _slug_faults(own: Mapping[str, Any], package: ProjectPackage) -> Iterator[Misfit]:
    if own.get("slug") in package.domains:
        yield Misfit("slug", f"{own['slug']!r} is one of the package's own.", "Give it a name of its own.")


def _formula_faults(world: Mapping[str, Any], ready: Sequence[Mapping[str, Any]]) -> Iterator[Misfit]:
    params, entities, events = (_mapping(world.get(name)) for name in ("params", "entities", "events"))
    tables = {name: tuple(_mapping(table)) for name, table in _mapping(world.get("tables")).items()}
    yield from _in_order("world.params", params, Known(tables=tables, in_params=True))
    yield from _switch_faults(params, [one["world"]["params"] for one in ready])
    columns = {name: _mapping(_mapping(spec).get("columns")) for name, spec in entities.items()}
    for name, formulas in columns.items():
        yield from _in_order(f"world.entities.{name}.columns", formulas, Known(tuple(params), tables=tables))
    for name, spec in events.items():
        told, path = _mapping(spec), f"world.events.{name}"
        actor, other = told.get("per"), _mapping(told.get("counterparty")).get("entity")
        both = {entity: tuple(columns.get(entity, ())) for entity in (actor, other) if isinstance(entity, str)}
        alone = Known(tuple(params), {str(actor): both.get(str(actor), ())}, tables)
        yield from _in_order(path, {"rate_per_day": told.get("rate_per_day", "1")}, alone)
        given = (*params, *GIVEN, f"{name}_id", *(f"{entity}_id" for entity in both))
        yield from _in_order(f"{path}.columns", _mapping(told.get("columns")), Known(given, both, tables))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _in_order(path: str, formulas: Mapping[str, Any], known: Known) -> Iterator[Misfit]:
    """A formula sees those before it."""
    for name, formula in formulas.items():
        for sentence in find_faults(str(formula), known, VOCABULARY):
            said, _, remedy = sentence.partition("; ") if "; " in sentence else sentence.partition(". ")
            yield Misfit(f"{path}.{name}", f"{said.rstrip('.')}.", f"{remedy[:1].upper()}{remedy[1:]}")
        known = Known((*known.names, str(name)), known.parents, known.tables, known.in_params)


def _switch_faults(own: Mapping[str, Any], ready: Sequence[Mapping[str, Any]]) -> Iterator[Misfit]:
    """Neighbours' worlds differ by these, so each of them has to turn."""
    for name in own:
        if all(WORD in str(one.get(name)) for one in ready) and WORD not in str(own[name]):
            yield Misfit(
                f"world.params.{name}", "It has no variance from learner to learner.", "Write switch(off, on)."
            )


def _drawing_faults(own: Mapping[str, Any], ready: Sequence[Mapping[str, Any]]) -> Iterator[Misfit]:
    try:
        drawn = draw_world(read_domain(own), SEED)
    except (DomainError, ExpressionError) as refused:
        field, _, sentence = str(refused).partition(": ")
        yield Misfit(f"world.{field.replace('/', '.')}", sentence, "Mend it and hand it in again.")
    except (ValueError, KeyError, TypeError, IndexError, MemoryError, ArithmeticError) as fault:
        yield Misfit("world", _told(fault), "Look at shares that sum to 1, codes, zones and sizes.")
    else:
        others = [draw_world(read_domain(one), SEED) for one in ready]
        yield from _still_columns(drawn, others)
        yield from _odd_rates(own, drawn, others)


def _still_columns(drawn: World, others: Sequence[World]) -> Iterator[Misfit]:
    """Every column that differs from row to row in all ready-made domains does so here."""
    for kind in ("entities", "events"):
        for name, table in getattr(drawn, kind).items():
            for column in table.columns:
                varies = all(getattr(one, kind)[name][column].nunique() > 1 for one in others)
                if varies and table[column].nunique() <= 1:
                    sentence = (
                        f"It is {table[column].iloc[0] if len(table) else 'nothing'!s} in every row: no variance."
                    )
                    yield Misfit(f"world.{kind}.{name}.columns.{column}", sentence, "Let it hang on something drawn.")


def _odd_rates(own: Mapping[str, Any], drawn: World, others: Sequence[World]) -> Iterator[Misfit]:
    for name, spec in own["events"].items():
        for column, formula in spec["columns"].items():
            rates = [float(one.events[name][column].mean()) for one in others] if OUTCOME in str(formula) else []
            rate = float(drawn.events[name][column].mean()) if rates else 0.0
            low, high = (min(rates) / RARER, max(rates) * RARER) if rates else (0.0, 1.0)
            if not low <= rate <= high:
                sentence = f"It is 1 in {rate:.1%} of the rows."
                yield Misfit(
                    f"world.events.{name}.columns.{column}", sentence, f"Let it be from {low:.1%} to {high:.1%}."
                )


def _generation_faults(package: ProjectPackage, own: Mapping[str, Any], scratch: Path) -> Iterator[Misfit]:
    raw, truth = scratch / "raw", scratch / "truth"
    raw.mkdir()
    truth.mkdir()
    try:
        load_module(package.folder / "data.py").generate(SEED, own, raw, truth)
    except Exception as fault:
        yield Misfit("", f"It makes no world: {_told(fault)}", "Compare the values with those of a ready-made domain.")


def _told(fault: BaseException) -> str:
    return "".join(traceback.format_exception_only(fault)).strip()[-300:]


if __name__ == "__main__":
    main()
