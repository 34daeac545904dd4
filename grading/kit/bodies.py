"""Making the body of a sound request, and spoiling it one field at a time. Knows JSON and no project.

put, leave_out and put_text give a function of a body (nested dictionaries and lists): what it returns is another body,
or bytes that no Python value could make. The body itself is left as it was. A path is the names (and, in lists, the
places) that lead to a value; one that leads nowhere raises KeyError, IndexError or TypeError.
"""

import json
from collections.abc import Callable
from operator import delitem, setitem
from typing import Any

Body = dict[str, Any]
Spoil = Callable[[Body], object]
Step = str | int

_MARK = "@spoilt@"


def put(*path: Step, to: object) -> Spoil:
    """The body with `to` at this path: put("transaction", "amount_eur", to=-5)."""
    return lambda body: _changed(body, path, lambda holder, name: setitem(holder, name, to))


def leave_out(*path: Step) -> Spoil:
    """The body without the field at this path."""
    return lambda body: _changed(body, path, delitem)


def put_text(*path: Step, text: str) -> Spoil:
    """The body as bytes, with this text where the value stands: NaN, 1e999 and the like are no JSON values."""
    return lambda body: json.dumps(put(*path, to=_MARK)(body)).replace(f'"{_MARK}"', text).encode()


def number_or_null(number: float) -> float | None:
    """A number of a table as a body has it: null where nothing is known (nan)."""
    return None if number != number else float(number)


def _changed(value: Any, path: tuple[Step, ...], change: Callable[[Any, Step], None]) -> Any:
    """A copy of the value, and of what leads to the end of the path, changed there."""
    first, *rest = path
    copy = value.copy()
    if rest:
        copy[first] = _changed(value[first], tuple(rest), change)
    else:
        change(copy, first)
    return copy
