"""A Vega-Lite specification as a page shows it: its title, the room that it needs, and its rows as a table."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext

Spec = Mapping[str, Any]
Row = Mapping[str, str]

HEIGHT = 280
MOST_HEIGHT = 1200
SIDE_BY_SIDE_HEIGHT = 360


@dataclass(frozen=True, slots=True)
class ShownPlot:
    """`spec` is JSON without the title, which the page writes itself; `height` in CSS pixels is kept for the drawing.

    `tables` are its datasets, as rows of texts by column name.
    """

    title: str
    spec: str
    height: int
    tables: list[list[Row]]


def show_plot(spec: Spec) -> ShownPlot:
    drawn = {name: part for name, part in spec.items() if name not in ("title", "description")}
    titles, formats = _read_channels(spec)
    tables = [_build_table(rows, titles, formats) for rows in _datasets(spec)]
    return ShownPlot(_title(spec), json.dumps(drawn), _height(spec), tables)


def _title(spec: Spec) -> str:
    title = spec.get("title")
    text = title.get("text") if isinstance(title, Mapping) else title
    words = " ".join(map(str, text)) if isinstance(text, list) else text
    return str(words or spec.get("description") or "")


def _height(spec: Spec) -> int:
    """What the specification says, or a height that most plots can do with."""
    said = spec.get("height")
    if isinstance(said, int | float) and not isinstance(said, bool):
        return int(min(max(said, 80), MOST_HEIGHT))
    return HEIGHT if "mark" in spec or "layer" in spec else SIDE_BY_SIDE_HEIGHT


def _objects(value: object) -> Iterator[Spec]:
    """Every object of the specification that is not a row of data."""
    if isinstance(value, Mapping):
        yield value
        for name, part in value.items():
            if name not in ("data", "datasets"):
                yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)


def _datasets(spec: Spec) -> list[Sequence[Mapping[str, object]]]:
    found = list(spec.get("datasets", {}).values())
    found += [part["data"].get("values", []) for part in _objects(spec) if isinstance(part.get("data"), Mapping)]
    return [rows for rows in found if rows]


def _read_channels(spec: Spec) -> tuple[dict[str, str], dict[str, str]]:
    """What each field is called on its axis, and how its numbers are written there."""
    titles: dict[str, str] = {}
    formats: dict[str, str] = {}
    for channel in _objects(spec):
        field, axis = channel.get("field"), channel.get("axis")
        if not isinstance(field, str):
            continue
        axis = axis if isinstance(axis, Mapping) else {}
        if title := channel.get("title") or axis.get("title"):
            titles.setdefault(field, str(title))
        if pattern := axis.get("format") or channel.get("format"):
            formats.setdefault(field, str(pattern))
    return titles, formats


def _build_table(
    rows: Sequence[Mapping[str, object]], titles: Mapping[str, str], formats: Mapping[str, str]
) -> list[Row]:
    fields = list(dict.fromkeys(field for row in rows for field in row))
    called = [titles.get(field, field) for field in fields]
    names = [name if called.count(name) == 1 else field for name, field in zip(called, fields, strict=True)]
    return [
        {name: _write(row.get(field), formats.get(field, "")) for name, field in zip(names, fields, strict=True)}
        for row in rows
    ]


def _write(value: object, pattern: str) -> str:
    """A cell's text; of the axis's formats only per cent matters, for nobody guesses that 0.07 is 7 %."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if pattern.endswith("%"):
        return gettext("{number}%").format(number=_localise(f"{100 * value:.1f}"))
    return _localise(f"{value:,.6g}")


def _localise(number: str) -> str:
    """The same number with the marks that the reader's language puts into numbers."""
    return number.translate({ord(","): get_format("THOUSAND_SEPARATOR"), ord("."): get_format("DECIMAL_SEPARATOR")})
