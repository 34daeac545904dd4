"""The time zones of the world, and whose is which."""

from datetime import datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.utils.formats import date_format
from django.utils.translation import pgettext

from people.accounts.models import User

# Old spellings and offsets that nobody lives in.
NOWHERE = ("Etc", "SystemV", "US", "Brazil", "Canada", "Chile", "Mexico")


@cache
def list_zones() -> dict[str, list[str]]:
    """Every zone that is named after a place, by part of the world."""
    areas: dict[str, list[str]] = {}
    for name in sorted(available_timezones()):
        area, _, place = name.partition("/")
        if place and area not in NOWHERE:
            areas.setdefault(area, []).append(name)
    return areas


def zone_of(user: User) -> ZoneInfo:
    """The zone that they have chosen, or UTC."""
    return ZoneInfo(user.zone or "UTC")


def tell_instant(at: datetime, zone: tzinfo) -> str:
    """An instant in words, with the zone that it is told in."""
    pattern = pgettext("format of a moment", "j M Y, H:i")
    return f"{date_format(at.astimezone(zone), pattern)} ({zone})"
