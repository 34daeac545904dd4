"""Pictures of aggregates as Vega-Lite specifications: makers of common ones, and what any may hold. Knows no page.

The makers choose no colours: those are the page's, light or dark. What is to stand out bears the style "mark" (a pass
mark, a threshold), what is only there to compare with the style "other".
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from grading.kit.printing import printable

Plot = dict[str, Any]
Layer = dict[str, Any]

MOST_ROWS = 100
MOST_BYTES = 20_000
DEEPEST = 16
TEXT_LENGTH = 200

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MOST_BARS = 30
MOST_BINS = 40
ROW_HEIGHT = 28
AXIS_HEIGHT = 56
HEIGHT = 280
PER_CENT = ".0%"

VIEWS = ("mark", "layer", "hconcat", "vconcat", "concat", "facet", "repeat", "spec")
# What would fetch, run, make up rows, or speak to the program that draws rather than of what is drawn.
REFUSED = frozenset(
    {"url", "href", "expr", "signal", "signals", "test", "transform", "params", "selection", "usermeta"}
    | {"sequence", "graticule", "sphere", "init", "update", "on", "bind"}
)
_SCHEMA = re.compile(r"https://vega\.github\.io/schema/vega-lite/v[56](\.\d+){0,2}\.json")
_ADDRESS = re.compile(r"//|^\s*(data|javascript|blob|file)\s*:", re.IGNORECASE)


def plain_plot(spec: Mapping[str, object]) -> Plot:
    """The specification as JSON-ready values, or ValueError that says why it is not accepted (the author's fault).

    spec: Vega-Lite version 5 or 6, e.g. of `altair.Chart.to_dict()`. Its rows stand in it (`data.values` or
    `datasets`), at most 100 in all and each of plain values; the whole is at most 20 kB of JSON. Addresses,
    expressions, signals, transforms and interaction are refused: work out in Python what is to be drawn. NumPy scalars
    become Python's, numbers that are not finite become null, and texts lose their control characters.
    """
    plain = _plain_object(spec, ())
    if not any(view in plain for view in VIEWS):
        raise ValueError("plot: this is no Vega-Lite; it has neither a mark nor a layer")
    rows = sum(len(rows) for rows in _datasets(plain))
    if not 0 < rows <= MOST_ROWS:
        raise ValueError(f"plot: {rows} rows of data; from 1 to {MOST_ROWS} are shown. Aggregate before you draw")
    size = len(json.dumps(plain, allow_nan=False))
    if size > MOST_BYTES:
        raise ValueError(f"plot: {size:,} bytes of JSON; at most {MOST_BYTES:,} are kept")
    return plain


def _plain_object(value: Mapping[str, object], path: tuple[str, ...]) -> Plot:
    if not isinstance(value, Mapping):
        raise ValueError(f"plot: {_where(path)} is a {type(value).__name__} and no object")
    if path[-1:] == ("data",):
        return _plain_data(value, path)
    if path == ("datasets",):
        return {printable(name, TEXT_LENGTH): _plain_rows(rows, (*path, str(name))) for name, rows in value.items()}
    return {_plain_name(name, path): _plain(part, (*path, str(name))) for name, part in value.items()}


def _plain_name(name: object, path: tuple[str, ...]) -> str:
    if not isinstance(name, str):
        raise ValueError(f"plot: {_where(path)} has the key {name!r}; keys are texts")
    if name in REFUSED or name.lower().endswith("expr"):
        raise ValueError(
            f"plot: {_where((*path, name))} is not accepted: addresses, expressions and interaction are not"
        )
    return printable(name, TEXT_LENGTH)


def _plain_data(value: Mapping[str, object], path: tuple[str, ...]) -> Plot:
    if set(value) == {"name"}:
        return {"name": printable(value["name"], TEXT_LENGTH)}
    if set(value) == {"values"}:
        return {"values": _plain_rows(value["values"], (*path, "values"))}
    raise ValueError(f"plot: {_where(path)} may hold `values` or the `name` of a dataset, and nothing else")


def _plain_rows(rows: object, path: tuple[str, ...]) -> list[Plot]:
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"plot: {_where(path)} is to be a list of objects, one for a row")
    return [
        {printable(name, TEXT_LENGTH): _plain_scalar(cell, (*path, str(name))) for name, cell in row.items()}
        for row in rows
    ]


def _plain(value: object, path: tuple[str, ...]) -> object:
    if len(path) > DEEPEST:
        raise ValueError(f"plot: {_where(path[:4])}… is nested too deeply")
    if isinstance(value, Mapping):
        return _plain_object(value, path)
    if isinstance(value, list | tuple):
        return [_plain(part, (*path, str(place))) for place, part in enumerate(value)]
    return _plain_scalar(value, path)


def _plain_scalar(value: Any, path: tuple[str, ...]) -> str | int | float | bool | None:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if not isinstance(value, str):
        raise ValueError(
            f"plot: {_where(path)} is a {type(value).__name__}; texts, numbers, true, false and null are plain"
        )
    if path == ("$schema",):
        return _schema(value)
    if _ADDRESS.search(value):
        raise ValueError(f"plot: {_where(path)} holds an address; nothing is fetched to draw")
    return printable(value, TEXT_LENGTH)


def _schema(value: str) -> str:
    if not _SCHEMA.fullmatch(value):
        raise ValueError("plot: $schema names something else than Vega-Lite 5 or 6")
    return value


def _where(path: Sequence[str]) -> str:
    return printable(".".join(path), 80) or "the specification"


def _datasets(value: object) -> list[list[Plot]]:
    """The rows of every dataset in it, wherever they stand."""
    if isinstance(value, list):
        return [rows for part in value for rows in _datasets(part)]
    if not isinstance(value, dict):
        return []
    found = list(value["datasets"].values()) if isinstance(value.get("datasets"), dict) else []
    if isinstance(value.get("data"), dict):
        found.append(value["data"].get("values", []))
    return found + [
        rows for name, part in value.items() if name not in ("data", "datasets") for rows in _datasets(part)
    ]


def bars(
    values: Mapping[str, float], *, title: str, by: str, value: str, share: bool = False, mark: float | None = None
) -> Plot:
    """Lying bars, one for each name, in the order given, at most the first 30; e.g. defects missed by kind.

    values: name -> length of its bar. by, value: what names and lengths are, for the axes and the table. share: lengths
    are shares from 0 to 1, shown in per cent. mark: where a line is drawn across, in the unit of `values`.
    """
    rows: list[Layer] = [{"name": name, "value": _number(length)} for name, length in islice(values.items(), MOST_BARS)]
    # Room for the number beside the longest bar.
    most = max([row["value"] for row in rows if row["value"] > 0] + [mark or 0]) or 1
    length = _across("value", value, mark, share) | {"scale": {"zero": True, "domainMax": _number(most * 1.2)}}
    names = _down(by)
    text = {"field": "value", "type": "quantitative", **_format(share)}
    layers: list[Layer] = [
        {"mark": "bar", "encoding": {"x": length, "y": names}},
        {
            "mark": {"type": "text", "align": "left", "dx": 4},
            "encoding": {"x": length, "y": names, "text": text},
        },
    ]
    return _plot(title, rows, [*layers, *_rule("x", mark)], AXIS_HEIGHT + ROW_HEIGHT * len(rows))


def intervals(
    values: Mapping[str, tuple[float, float, float]], *, title: str, by: str, value: str, mark: float | None = None
) -> Plot:
    """A dot with its interval for each name, in the order given, at most the first 30; e.g. skill by slice.

    values: name -> (low, middle, high) in one unit, as skill_by_slice gives them. Others as for bars.
    """
    rows = [
        {"name": name, "low": _number(low), "value": _number(middle), "high": _number(high)}
        for name, (low, middle, high) in islice(values.items(), MOST_BARS)
    ]
    names = _down(by)
    ends = {"x": _across("low", value, mark), "x2": {"field": "high"}, "y": names}
    layers: list[Layer] = [
        {"mark": {"type": "rule", "style": "interval"}, "encoding": ends},
        {"mark": {"type": "point", "filled": True}, "encoding": {"x": _across("value", value, mark), "y": names}},
    ]
    return _plot(title, rows, [*_rule("x", mark), *layers], AXIS_HEIGHT + ROW_HEIGHT * len(rows))


def curve(points: Sequence[tuple[float, float]], *, title: str, x: str, y: str, share: bool = True) -> Plot:
    """A line through points (x, y) beside the diagonal on which x = y; e.g. calibration: said and true by decile.

    points: at most 100, of one unit on both axes, as `deciles` gives them. share: they are shares from 0 to 1, shown in
    per cent.
    """
    rows = [{"x": _number(a), "y": _number(b)} for a, b in points]
    across, up = _axis("x", x, share), _axis("y", y, share)
    same = {**up, "field": "x"}
    layers: list[Layer] = [
        {"mark": {"type": "line", "style": "other"}, "encoding": {"x": across, "y": same}},
        {"mark": {"type": "line", "point": True}, "encoding": {"x": across, "y": up}},
    ]
    return _plot(title, rows, layers, HEIGHT)


def histogram(
    values: npt.ArrayLike, *, title: str, value: str, count: str, bins: int = 20, mark: float | None = None
) -> Plot:
    """How many values lie in each of `bins` equal spans (at most 40); e.g. latencies.

    values: floats, one axis, what is not finite left out; the spans begin at the smallest and end at the largest.
    value: what is counted, with its unit ("milliseconds"); count: of what there are so many ("answers"). mark: where a
    line is drawn, in the unit of `values`.
    """
    data = np.asarray(values, dtype=np.float64)
    counts, edges = np.histogram(data[np.isfinite(data)], bins=min(bins, MOST_BINS))
    rows = [
        {"from": _number(low), "to": _number(high), "count": int(number)}
        for low, high, number in zip(edges, edges[1:], counts, strict=False)
    ]
    across = {"field": "from", "type": "quantitative", "bin": "binned", "title": _marked(value, mark)}
    up = {"field": "count", "type": "quantitative", "title": count}
    layers: list[Layer] = [{"mark": "bar", "encoding": {"x": across, "x2": {"field": "to"}, "y": up}}]
    return _plot(title, rows, [*layers, *_rule("x", mark)], HEIGHT)


def weekly(
    series: Mapping[str, Mapping[int, float]], *, title: str, value: str, by: str = "line", mark: float | None = None
) -> Plot:
    """A line over weeks for each name, at most 100 points in all; e.g. an alarm's value and its threshold.

    series: name -> week (1, 2, ...) -> value. value: what is drawn, with its unit; by: what the names are. mark: where
    a line is drawn across.
    """
    rows = [
        {"week": int(week), "name": name, "value": _number(level)}
        for name, line in series.items()
        for week, level in line.items()
    ]
    weeks = {"field": "week", "type": "ordinal", "title": "week", "axis": {"labelAngle": 0}}
    up = {"field": "value", "type": "quantitative", "title": _marked(value, mark)}
    encoding: Layer = {"x": weeks, "y": up}
    if len(series) > 1:
        name = {"field": "name", "type": "nominal", "title": by, "sort": None, "legend": {"title": None}}
        encoding |= {"color": name, "strokeDash": name}
    return _plot(
        title, rows, [{"mark": {"type": "line", "point": True}, "encoding": encoding}, *_rule("y", mark)], HEIGHT
    )


def _plot(title: str, rows: list[Layer], layers: list[Layer], height: int) -> Plot:
    return {"$schema": SCHEMA, "title": title, "height": height, "data": {"values": rows}, "layer": layers}


def _axis(field: str, title: str, share: bool) -> Layer:
    return {"field": field, "type": "quantitative", "title": title, **({"axis": _format(share)} if share else {})}


def _across(field: str, title: str, mark: float | None, share: bool = False) -> Layer:
    return _axis(field, _marked(title, mark, share), share) | {"scale": {"zero": False}}


def _down(title: str) -> Layer:
    return {"field": "name", "type": "nominal", "title": title, "sort": None, "axis": {"title": None}}


def _format(share: bool) -> Layer:
    return {"format": PER_CENT} if share else {}


def _marked(title: str, mark: float | None, share: bool = False) -> str:
    """The line is named where its axis is, for whoever cannot see it."""
    if mark is None:
        return title
    return f"{title}; the line is at {mark:.0%}" if share else f"{title}; the line is at {mark:g}"


def _rule(channel: str, mark: float | None) -> list[Layer]:
    return [] if mark is None else [{"mark": {"type": "rule", "style": "mark"}, "encoding": {channel: {"datum": mark}}}]


def _number(value: float) -> float:
    """Six digits: a picture shows no more, and a table is not read for them."""
    return float(f"{float(value):.6g}")
