"""How a log line looks, for people and for machines."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from people.operators.masking import mask
from people.origins import find_origin

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Lines(logging.Formatter):
    """A line for people: what led to it stands in brackets. No text can look like a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        _hide_path(record)
        led = " ".join(f"{name}={value}" for name, value in find_origin().describe().items())
        told = CONTROL.sub("?", mask(super().format(record))).replace("\n", "\n    ")
        head = f"{_moment(record)} {record.levelname} {record.name}"
        return f"{head} [{led}]: {told}" if led else f"{head}: {told}"


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        _hide_path(record)
        told: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(record.getMessage()),
            **find_origin().describe(),
        }
        if record.exc_info:
            told["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False, default=str)


def _hide_path(record: logging.LogRecord) -> None:
    """Django names the path of a request that went wrong; we name its place in the table of addresses."""
    request = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    path = getattr(request, "path", None)
    if path and match and isinstance(record.args, tuple):
        record.args = tuple(f"/{match.route}" if arg == path else arg for arg in record.args)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
