"""Reads all pages of the control room's alarms API, which overlaps, asks for patience, and fails now and then."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ATTEMPTS = 6
TIMEOUT_S = 10
LONGEST_WAIT_S = 30.0


def fetch_alarms(api: str) -> list[dict[str, str]]:
    """Every alarm once, in the order of the API; a later page wins where pages overlap."""
    alarms = {item["alarm_id"]: item for page in _pages(api) for item in page["items"]}
    return list(alarms.values())


def _pages(api: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = "0"
    seen: set[str] = set()
    while cursor is not None:
        if cursor in seen:
            raise RuntimeError(f"the alarms API sent cursor {cursor} twice; it would never end")
        seen.add(cursor)
        try:
            page = _get(f"{api}/alarms?cursor={cursor}")
        except HTTPError:
            return
        yield page
        cursor = page["next_cursor"]


def _get(url: str) -> dict[str, Any]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urlopen(url, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code == 429 or attempt == ATTEMPTS:
                raise
            time.sleep(_wait(attempt, error.headers.get("Retry-After")))
        except (URLError, HTTPException, TimeoutError):
            if attempt == ATTEMPTS:
                raise
            time.sleep(_wait(attempt, None))
    raise AssertionError("unreachable")


def _wait(attempt: int, retry_after: str | None) -> float:
    """What the server asks for, or else a pause that doubles with each attempt."""
    asked = float(retry_after) if retry_after and retry_after.isdigit() else 0.05 * 2**attempt
    return min(asked, LONGEST_WAIT_S)
