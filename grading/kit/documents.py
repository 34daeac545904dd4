"""Reading JSON and JSON lines that a stranger wrote; nothing raises anything but DoesNotHold, whatever the bytes."""

from collections.abc import Mapping
from typing import Any

from grading.kit.checking import DoesNotHold
from grading.kit.opening import describe_bytes, read_regular
from grading.kit.printing import counted, listed, printable
from grading.kit.produced import Produced
from grading.kit.strict_json import NotJson, parse_json

MOST_LINES = 50_000

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "int": (int,),
    "number": (int, float),
    "bool": (bool,),
    "list": (list,),
    "object": (dict,),
}


def document(produced: Produced, name: str, *, fields: Mapping[str, str], max_mb: float = 1) -> dict[str, Any]:
    """A JSON file that holds one object, or DoesNotHold with a sentence that names the field and the remedy.

    fields: field -> "string", "int", "number", "bool", "list" or "object"; with a `?` at the end the field may be
    null or absent. Further fields are left as they are. NaN, infinity and repeated keys are refused. max_mb: megabytes
    (2**20 bytes); a larger file is refused unread.
    """
    data = read_regular(produced, name, max_mb)
    try:
        value = parse_json(data)
    except NotJson as why:
        raise DoesNotHold(_not_json(name, data, why)) from None
    return expect_object(name, value, fields)


def lines(
    produced: Produced,
    name: str,
    *,
    fields: Mapping[str, str],
    max_mb: float = 8,
    may_be_empty: bool = True,
) -> list[dict[str, Any]]:
    """A file of JSON objects, one to a line, blank lines skipped; the conditions of `document` hold for each line.

    At most 50,000 lines. may_be_empty: a file of 0 bytes is an empty list and no fault.
    """
    data = read_regular(produced, name, max_mb, may_be_empty)
    rows = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    if len(rows) > MOST_LINES:
        raise DoesNotHold(f"{name} has {len(rows):,} lines; at most {MOST_LINES:,} are read.")
    return [_line(name, number, line, fields) for number, line in rows]


def _line(name: str, number: int, line: bytes, fields: Mapping[str, str]) -> dict[str, Any]:
    try:
        value = parse_json(line)
    except NotJson as why:
        raise DoesNotHold(f"{name}, line {number:,} is not JSON: {why}. Write one object to a line.") from None
    return expect_object(f"{name}, line {number:,}", value, fields)


def _not_json(name: str, data: bytes, why: NotJson) -> str:
    what = describe_bytes(data[:4096])
    if what == "JSON text":
        return f"{name} is not strict JSON: {printable(why, 160)}."
    return f"{name} is not JSON: it is {what} ({printable(why, 160)}). Write it with json.dump."


def expect_object(where: str, value: Any, fields: Mapping[str, str]) -> dict[str, Any]:
    """The value, if it is an object with these fields (as for document); else DoesNotHold, whose sentence begins with
    `where`."""
    if not isinstance(value, dict):
        raise DoesNotHold(f"{where} holds a {_kind_of(value)} where an object ({{...}}) is promised.")
    missing = [field for field, kind in fields.items() if not kind.endswith("?") and value.get(field) is None]
    if missing:
        raise DoesNotHold(
            f"{where} lacks {counted(len(missing), 'field')}: {listed(missing, 20)}.",
            expected=listed(fields, 20),
            found=listed(value, 20),
        )
    for field, kind in fields.items():
        found = value.get(field)
        if found is not None and not _is_a(found, kind.rstrip("?")):
            raise DoesNotHold(
                f"{where}: field {field} is a {_kind_of(found)} where a {kind.rstrip('?')} is promised.",
                expected=kind,
                found=found,
            )
    return value


def _is_a(value: Any, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "bool" or not isinstance(value, bool))


def _kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    names = {
        str: "string",
        int: "number",
        float: "number",
        list: "list",
        dict: "object",
        type(None): "null",
    }
    return names.get(type(value), "value")
