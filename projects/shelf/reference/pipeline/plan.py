"""What is known of promotions on a day: the last published version of each. It knows no table and no file."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Version(NamedTuple):
    promotion: str
    version: int
    published_on: date
    store: str
    sku: str
    starts_on: date
    ends_on: date
    discount: float
    cancelled: bool


def in_force(versions: Iterable[Version], as_of: date) -> list[Version]:
    """For each promotion and shelf the newest version published up to and on `as_of`, unless it calls it off."""
    latest: dict[tuple[str, str, str], Version] = {}
    for version in sorted(versions, key=lambda v: v.version):
        if version.published_on <= as_of:
            latest[version.promotion, version.store, version.sku] = version
    return [version for version in latest.values() if not version.cancelled]
