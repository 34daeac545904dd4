"""What a worker and its shim say to each other, as lines of JSON; refuses to know how any of it is done."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from grading.sandboxes.base import Exit, Limits, Reason, RefusedFile


@dataclass(frozen=True, slots=True)
class Bind:
    """A path of the host that is seen read-only inside at `target`; only `programs` may be executed."""

    source: str
    target: str
    programs: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One run: what to start, what it sees, what it may use and what to take out of it afterwards.

    With `waits` it is half a run: what is started imports and waits for a second order, which says the rest. With
    `tells` the answers say what it prints while it runs.
    """

    argv: list[str]
    limits: Limits
    binds: list[Bind]
    variables: dict[str, str]
    cwd: str
    collect: str | None = None
    expected: dict[str, float] = field(default_factory=dict)
    sockets: dict[str, str] = field(default_factory=dict)
    listen: str | None = None
    require: list[str] = field(default_factory=list)
    cgroup: str | None = None
    waits: bool = False
    tells: bool = False

    def to_line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


def read_order(line: str) -> Order:
    fields = json.loads(line)
    fields["limits"] = Limits(**fields["limits"])
    fields["binds"] = [Bind(**bind) for bind in fields["binds"]]
    return Order(**fields)


def exit_to_fields(ending: Exit) -> dict[str, object]:
    return asdict(ending)


def exit_from_fields(fields: dict[str, Any]) -> Exit:
    fields["reason"] = Reason(fields["reason"])
    fields["files"] = tuple(fields["files"])
    fields["refused"] = tuple(RefusedFile(**refused) for refused in fields["refused"])
    return Exit(**fields)
