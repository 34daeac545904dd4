"""Compares the shape of a domain file with the ready-made ones of its package: they are the form that it fills in.

What all of them have is required, and what none of them has is unknown. A mapping whose keys differ from one to the
next holds names of the domain's own. A number stays within what the ready-made ones span, and some way beyond.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

# A number may be so many times what the ready-made ones have at most, or at least: beyond lies another task.
BEYOND = 4.0
LONGEST_LIST = 400
RANGE = 2


class Misfit(NamedTuple):
    field: str
    sentence: str
    remedy: str


def find_misfits(own: Any, ready: Sequence[Any], path: str = "") -> Iterator[Misfit]:
    """Every place in which it is not formed as they are."""
    kinds = {_kind(one) for one in ready}
    if _kind(own) not in kinds:
        yield Misfit(path, f"{_show(own)} is {_article(_kind(own))}.", _right_kind(own, kinds))
    elif isinstance(own, Mapping):
        yield from _mapping(own, [one for one in ready if isinstance(one, Mapping)], path)
    elif isinstance(own, list):
        yield from _list(own, [one for one in ready if isinstance(one, list)], path)
    elif _kind(own) == "number":
        yield from _number(own, [one for one in ready if _kind(one) == "number"], path)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    for kind, types in (("number", int | float), ("text", str), ("list", list), ("mapping", Mapping)):
        if isinstance(value, types):
            return kind
    return "date" if isinstance(value, datetime.date) else "nothing"


def _article(kind: str) -> str:
    return kind if kind in ("true or false", "nothing", "text") else f"a {kind}"


def _right_kind(own: Any, kinds: set[str]) -> str:
    told = f"Give {' or '.join(_article(kind) for kind in sorted(kinds))}"
    if "text" in kinds and not isinstance(own, list | Mapping):
        return f'{told}; in quotes, as in "NO", nothing is taken for something else.'
    return f"{told}."


def _mapping(own: Mapping[Any, Any], ready: Sequence[Mapping[Any, Any]], path: str) -> Iterator[Misfit]:
    keys = [set(one) for one in ready]
    wanted, known = set.intersection(*keys), set.union(*keys)
    is_open = wanted != known
    for key in sorted(wanted - set(own) if not is_open else (), key=str):
        yield Misfit(_join(path, key), "It is missing.", f"Add it; {_example(ready[0][key])}")
    for key in sorted(set(own) - known if not is_open else (), key=str):
        yield Misfit(
            _join(path, key),
            "Nobody reads this key.",
            f"Remove it, or rename it: {_names(wanted - set(own) or wanted)}.",
        )
    if is_open:
        yield from _open_mapping(own, ready, path)
    for key in own:
        alike = [one[key] for one in ready if key in one]
        if alike and not is_open:
            yield from find_misfits(own[key], alike, _join(path, key))


def _open_mapping(own: Mapping[Any, Any], ready: Sequence[Mapping[Any, Any]], path: str) -> Iterator[Misfit]:
    """Its keys are its own; its values are of their kind, and the same ones where all of theirs are."""
    every = [value for one in ready for value in one.values()]
    if not own:
        yield Misfit(path, "It is empty.", f"Fill it as the ready-made ones do; {_example(ready[0])}")
    for key, value in own.items():
        yield from find_misfits(value, every, _join(path, key))
    if all(isinstance(value, str) for value in [*every, *own.values()]):
        held = [set(one.values()) for one in ready]
        if all(one == held[0] for one in held) and set(own.values()) != held[0]:
            lacking, odd = held[0] - set(own.values()), set(own.values()) - held[0]
            said = f"No field holds {_names(lacking)}." if lacking else f"Nothing is called {_names(odd)}."
            yield Misfit(path, said, f"Name a field for each of {_names(held[0])}.")


def _list(own: list[Any], ready: Sequence[list[Any]], path: str) -> Iterator[Misfit]:
    if not own or len(own) > LONGEST_LIST:
        yield Misfit(path, f"It has {len(own)} entries.", f"Give from 1 to {LONGEST_LIST}.")
        return
    every = [item for one in ready for item in one]
    if _is_range(ready):
        yield from _range(own, ready, path)
        return
    kinds = {_kind(item) for item in every}
    for place, item in enumerate(own):
        if _kind(item) not in kinds:
            yield Misfit(f"{path}[{place}]", f"{_show(item)} is {_article(_kind(item))}.", _right_kind(item, kinds))


def _is_range(ready: Sequence[list[Any]]) -> bool:
    return all(len(one) == RANGE and all(_kind(x) == "number" for x in one) and one[0] < one[1] for one in ready)


def _range(own: list[Any], ready: Sequence[list[Any]], path: str) -> Iterator[Misfit]:
    if len(own) != RANGE or any(_kind(item) != "number" for item in own) or not own[0] < own[1]:
        yield Misfit(path, f"{_show(own)} is no range.", "Give two numbers, the smaller first.")
        return
    for place, item in enumerate(own):
        yield from _number(item, [one[place] for one in ready], f"{path}[{place}]")


def _number(own: float, ready: Sequence[float], path: str) -> Iterator[Misfit]:
    low, high = find_bounds(ready)
    if not low <= own <= high:  # refuses what is no number as well
        yield Misfit(path, f"{own:g} is far from what the ready-made domains have.", f"Give from {low:g} to {high:g}.")


def find_bounds(ready: Sequence[float]) -> tuple[float, float]:
    """How far a number may lie from those of the ready-made domains; a share stays one."""
    least, most = min(ready), max(ready)
    low = least / BEYOND if least >= 0 else least * BEYOND
    high = most * BEYOND if most >= 0 else most / BEYOND
    return low, min(high, 1.0) if least >= 0 and most <= 1 and any(0 < one < 1 for one in ready) else high


def _join(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _names(names: Any) -> str:
    return ", ".join(sorted(map(str, names)))


def _show(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= 60 else f"{told[:57]}…"


def _example(value: Any) -> str:
    return f"a ready-made one has {_show(value)}."
