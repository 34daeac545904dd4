"""JSON as the standard has it: no NaN, no infinity, no key twice, no number without end. Takes bytes from strangers."""

import json
import math
from typing import Any


class NotJson(Exception):
    """The bytes are not strict JSON; the text is a clause that says why."""


def parse_json(data: bytes) -> Any:
    """The value, or NotJson. Nested too deep, too many digits, NaN, 1e999 and repeated keys are all refused."""
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_constant=_constant,
            parse_float=_finite,
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


def _constant(word: str) -> float:
    raise NotJson(f"{word} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson("a number is too large")
    return number


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("an object names the same key twice")
    return found
