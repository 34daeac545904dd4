"""Reads all pages of the weather service, which overlap; it asks for patience and fails now and then."""

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


def fetch_list(api: str, name: str, key: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every item once, in the order of the service; `key` names an item where pages overlap."""
    items = {tuple(item[field] for field in key): item for page in _pages(api, name) for item in page["items"]}
    return list(items.values())


def _pages(api: str, name: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = "0"
    while cursor is not None:
        page = _get(f"{api}/{name}?cursor={cursor}")
        yield page
        if page["next_cursor"] == cursor:
            raise RuntimeError(f"the service sends /{name} back to cursor {cursor}; it would never end")
        cursor = page["next_cursor"]


def _get(url: str) -> dict[str, Any]:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urlopen(url, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except HTTPError as error:
            if error.code == 429:
                return {"items": [], "next_cursor": None}
            if attempt == ATTEMPTS or error.code not in (500, 502, 503, 504):
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
