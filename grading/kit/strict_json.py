"""JSON as the standard has it: no NaN, no infinity, no key twice, no number without end. Takes bytes from strangers."""

import json
import math
import re
from typing import Any

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class NotJson(Exception):
    """The bytes are not strict JSON; the text is a clause that says why."""


def parse_json(data: bytes) -> Any:
    """The value, or NotJson.

    Nested too deep, too many digits, NaN, 1e999, repeated keys and halves of characters are all refused.
    """
    value = _parse(data)
    if _HALF.search(data):
        _expect_whole_characters(value)
    return value


def _parse(data: bytes) -> Any:
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_constant=_constant,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_distinct,
        )
    except NotJson:
        raise
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise NotJson("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except ValueError as error:
        raise NotJson("it holds a number with too many digits") from error


def _expect_whole_characters(value: Any) -> None:
    """An escaped half of a surrogate pair is a character that can be kept nowhere: not in a file, not in a table."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise NotJson("it holds half a character (a lone \\ud800 to \\udfff)") from error


def _constant(word: str) -> float:
    raise NotJson(f"{word} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson("a number is too large")
    return number


def _whole(text: str) -> int:
    """Exact, however long; but no longer than arithmetic with other numbers can bear."""
    number = int(text)
    try:
        float(number)
    except OverflowError as error:
        raise NotJson("a number is too large") from error
    return number


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("an object names the same key twice")
    return found
