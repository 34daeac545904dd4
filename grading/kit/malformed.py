"""Requests that no service should answer as if they were well formed, made of one that is. Knows no project."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grading.kit.bodies import Body, Spoil, Step, leave_out, put, put_text

Path = tuple[Step, ...]

DEEP = 20_000
MEGABYTE = 1024 * 1024
DIGITS = 5000


@dataclass(frozen=True, slots=True)
class Malformed:
    """One request.

    name: what it is, for a table ("the amount NaN"). data: its bytes. field: the name that a refusal has to mention, ""
    where the whole body is meant. bearable: an answer of 200 is no fault; it must only not be a 500 or silence.
    """

    name: str
    data: bytes
    field: str = ""
    bearable: bool = False


def malformed_bodies(valid: Body) -> list[Malformed]:
    """At least 24 requests, made of a valid body: an object with a number and a text somewhere in it.

    valid: what the service answers with 200, as JSON-ready values; nested objects and lists are looked into. What only
    a project knows (a country that does not exist, a time without a zone) its author adds with spoil_each. Send them
    with find_unrefused. Raises ValueError when there is no number or no text in the body.
    """
    number, text = (_first(valid, kinds) for kinds in ((int, float), (str,)))
    if number is None or text is None:
        raise ValueError("a valid body has to have a number and a text somewhere, so that they can be spoilt")
    return [*_not_json(valid), *_not_an_object(valid), *_numbers(valid, number), *_texts(valid, text), *_fields(valid)]


def spoil_each(valid: Body, spoils: Iterable[tuple[str, str, Spoil]]) -> list[Malformed]:
    """The requests that only a project knows to be wrong, made of a valid body.

    spoils: of each its name, the field that a refusal has to mention ("" where the whole body is meant), and what
    spoils the body: ("the amount -5", "amount", put("amount", to=-5)).
    """
    return [Malformed(name, _spoilt(valid, spoil), field) for name, field, spoil in spoils]


def _not_json(valid: Body) -> Iterator[Malformed]:
    sound = json.dumps(valid).encode()
    yield Malformed("nothing at all", b"")
    yield Malformed("only spaces", b"   \r\n")
    yield Malformed("words", b"please predict")
    yield Malformed("half a body", sound[: len(sound) // 2])
    yield Malformed("a body and then some", sound + b"}")
    yield Malformed("a Python dict", repr(valid).encode("utf-8", "replace"))
    yield Malformed("XML", b"<?xml version='1.0'?><predict/>")
    yield Malformed("a form", b"amount=12&channel=web")
    yield Malformed("bytes that are no UTF-8", sound.replace(b'"', b'"\xff\xfe', 1))
    yield Malformed("zeros", b"\x00" * 64)
    yield Malformed(f"{DEEP:,} brackets", b"[" * DEEP + b"]" * DEEP)
    yield Malformed(f"{DEEP:,} objects in each other", b'{"a":' * DEEP + b"1" + b"}" * DEEP)


def _not_an_object(valid: Body) -> Iterator[Malformed]:
    for name, value in (("null", None), ("true", True), ("the number 42", 42), ("a text", "predict"), ("[]", [])):
        yield Malformed(f"{name} as the body", json.dumps(value).encode())
    yield Malformed("{} as the body", b"{}")
    yield Malformed("the body in a list", json.dumps([valid]).encode(), bearable=True)


def _numbers(valid: Body, path: Path) -> Iterator[Malformed]:
    field = _name(path)
    # No JSON, or no number that a parser takes: what refuses it may not know the field.
    for text in ("NaN", "Infinity", "-Infinity", "9" * DIGITS):
        shown = text if len(text) < 20 else f"a number of {DIGITS:,} digits"
        yield Malformed(f"{field}: {shown}", _spoilt(valid, put_text(*path, text=text)))
    yield Malformed(f"{field}: 1e999", _spoilt(valid, put_text(*path, text="1e999")), field)
    wrong: dict[str, object] = {
        "a word": "lots",
        "an emoji": "💶",
        "a list": [1],
        "an object": {"value": 1},
        "true": True,
    }
    for shown, value in wrong.items():
        yield Malformed(f"{field}: {shown}", _spoilt(valid, put(*path, to=value)), field)


def _texts(valid: Body, path: Path) -> Iterator[Malformed]:
    field = _name(path)
    wrong: dict[str, object] = {"a list": ["x"], "an object": {"value": "x"}, "a number": 12.5}
    for shown, value in wrong.items():
        yield Malformed(f"{field}: {shown}", _spoilt(valid, put(*path, to=value)), field)
    half = _spoilt(valid, put_text(*path, text='"\\ud83d"'))
    yield Malformed(f"{field}: half a character", half, bearable=True)
    for shown, text in (("emoji", "🦊" * 40), ("a megabyte", "x" * MEGABYTE), ("a zero byte", "a\x00b")):
        yield Malformed(f"{field}: {shown}", _spoilt(valid, put(*path, to=text)), bearable=True)


def _fields(valid: Body) -> Iterator[Malformed]:
    for name, value in valid.items():
        yield Malformed(f"no {name}", _spoilt(valid, leave_out(name)), name)
        wrong = "none" if isinstance(value, dict | list) else {"value": value}
        yield Malformed(f"{name} of another type", _spoilt(valid, put(name, to=wrong)), name)
    first = next(iter(valid))
    twice = json.dumps(valid)[:-1] + f", {json.dumps(first)}: null}}"
    yield Malformed(f"{first} twice, at last null", twice.encode())


def _first(value: object, kinds: tuple[type, ...], path: Path = ()) -> Path | None:
    """Where the first value of one of these types stands."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        return next((found for name, part in parts if (found := _first(part, kinds, (*path, name)))), None)
    return path if isinstance(value, kinds) and not isinstance(value, bool) else None


def _name(path: Path) -> str:
    """The name of the field in which the value stands, which is not a place in a list."""
    return next(str(part) for part in reversed(path) if isinstance(part, str))


def _spoilt(valid: Body, spoil: Spoil) -> bytes:
    body = spoil(valid)
    return body if isinstance(body, bytes) else json.dumps(body).encode()
