"""The API as pages, for people: what its schema says, part by part. Nothing comes from elsewhere, and nothing runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from people.accounts.languages import WRITTEN
from people.openapi import read_schema

Shape = Mapping[str, Any]
# What is inside of what, and no further: some shapes hold themselves.
DEEPEST: Final = 4
PLACES: Final = ("path", "query", "header")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is sent or answered; what is inside of another has its name before its own."""

    name: str
    kind: str
    is_required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a request or an answer holds, as one media type."""

    status: str
    media: str
    kind: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method does at one address."""

    name: str
    method: str
    path: str
    words: str
    is_open: bool
    parameters: Sequence[Field]
    sent: Sequence[Body]
    answers: Sequence[Body]
    refusals: Sequence[str]


Parts = Mapping[str, Sequence[Operation]]


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """How to ask, and every address in a line."""
    problem = list(_list_fields({"$ref": "#/components/schemas/Problem"}))
    context = {"parts": read_parts(), "problem": problem, "server": request.build_absolute_uri("/").rstrip("/")}
    return render(request, "visitor/api_docs.html", context)


@require_safe
def api_part(request: HttpRequest, part: str) -> HttpResponse:
    """All that is sent and answered at the addresses that begin with one word."""
    parts = read_parts()
    if part not in parts:
        raise Http404
    return render(request, "visitor/api_part.html", {"place": f"/api/{part}", "operations": parts[part]})


@cache
def read_parts() -> Parts:
    """The operations by the first word of their address, in the schema's own order."""
    parts: dict[str, list[Operation]] = {}
    for path, methods in read_schema(WRITTEN)["paths"].items():
        for method, told in methods.items():
            parts.setdefault(told["tags"][0], []).append(_read_operation(method.upper(), path, told))
    return parts


def _read_operation(method: str, path: str, told: Shape) -> Operation:
    answers = {status: answer for status, answer in told["responses"].items() if status < "4"}
    return Operation(
        name=told["operationId"],
        method=method,
        path=path,
        words=told.get("description", ""),
        is_open={} in told.get("security", [{}]),
        parameters=[
            _read_parameter(one) for place in PLACES for one in told.get("parameters", ()) if one["in"] == place
        ],
        sent=list(_list_bodies("", told.get("requestBody", {}))),
        answers=[body for status, answer in answers.items() for body in _list_bodies(status, answer)],
        refusals=sorted(set(told["responses"]) - set(answers)),
    )


def _read_parameter(told: Shape) -> Field:
    name = f"{told['name']} ({told['in']})"
    return Field(name, _name_kind(told["schema"]), told.get("required", False), told.get("description", ""))


def _list_bodies(status: str, told: Shape) -> Iterator[Body]:
    """One for each media type; equal ones, such as JSON and a form of the same fields, are told together."""
    media: dict[tuple[str, tuple[Field, ...]], list[str]] = {}
    for name, content in told.get("content", {}).items():
        shape = content.get("schema", {})
        media.setdefault((_name_kind(shape), tuple(_list_fields(shape))), []).append(name)
    for (kind, fields), names in media.items():
        yield Body(status, ", ".join(names), kind, fields)
    if status and not media:
        yield Body(status, "", "", ())


def _list_fields(shape: Shape, within: str = "", depth: int = DEEPEST) -> Iterator[Field]:
    shape, depth = _resolve(shape), depth - 1
    if depth < 0:
        return
    if "items" in shape:
        yield from _list_fields(shape["items"], f"{within}[]", depth)
    for name, inner in shape.get("properties", {}).items():
        full = f"{within}.{name}" if within else name
        yield Field(full, _name_kind(inner), name in shape.get("required", ()), inner.get("description", ""))
        yield from _list_fields(inner, full, depth)
    if isinstance(named := shape.get("additionalProperties"), dict) and named:
        yield from _list_fields(named, f"{within}.*" if within else "*", depth)


def _resolve(shape: Shape) -> Shape:
    """The shape that is meant, where another is named."""
    if "$ref" in shape:
        return _resolve(read_schema(WRITTEN)["components"]["schemas"][shape["$ref"].rpartition("/")[2]])
    return {**_resolve(shape["allOf"][0]), **shape} if len(shape.get("allOf", ())) == 1 else shape


def _name_kind(shape: Shape) -> str:
    meant = _resolve(shape)
    if "oneOf" in meant:
        kinds = [_name_kind(one) for one in meant["oneOf"]]
    elif "enum" in meant:
        kinds = [str(one) for one in meant["enum"] if one not in (None, "")]
    elif "items" in meant:
        kinds = [f"list of {_name_kind(meant['items'])}"]
    else:
        kinds = [meant.get("format") or meant.get("type", "anything")]
    if meant.get("nullable"):
        kinds.append("null")
    return " | ".join(dict.fromkeys(kinds)) + _name_limits(meant)


def _name_limits(shape: Shape) -> str:
    limits = {
        "minimum": "≥ {}",
        "maximum": "≤ {}",
        "minLength": "{} letters or more",
        "maxLength": "{} letters at most",
    }
    told = [words.format(shape[name]) for name, words in limits.items() if name in shape]
    return f", {', '.join(told)}" if told else ""
