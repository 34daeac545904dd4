"""What a clock on a wall shows, as an instant. When clocks are changed, an hour is missing or comes twice."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from people.accounts.zones import list_zones
from people.cohorts.models import Cohort

YEARS = range(2000, 2101)
PATTERN = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Reading:
    """The instant that a text means, or the fault that keeps it from meaning one; and what is to be said of it."""

    at: datetime | None = None
    fault: str = ""
    remark: str = ""


def zone_of(cohort: Cohort) -> ZoneInfo:
    """In which a cohort's dates are set and shown."""
    return ZoneInfo(cohort.zone or "UTC")


def is_zone(name: str) -> bool:
    return name == "UTC" or any(name in names for names in list_zones().values())


def write_clock(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as a form shows it in this zone, without its seconds."""
    return at.astimezone(zone).strftime(PATTERN) if at else ""


def read_clock(text: str, zone: ZoneInfo, is_end: bool = True) -> Reading:
    """The instant at which clocks of this zone show this. Of an hour that comes twice an end is in the second one."""
    if not text.strip():
        return Reading()
    try:
        shown = datetime.fromisoformat(text.strip())
    except ValueError:
        return Reading(fault=_("Write a date and a time, such as 2026-12-04T17:00."))
    if shown.year not in YEARS:
        return Reading(fault=_("Choose a year from {first} to {last}.").format(first=YEARS[0], last=YEARS[-1]))
    if shown.tzinfo is not None:
        return Reading(shown.astimezone(UTC))
    local = shown.replace(tzinfo=zone, fold=int(is_end))
    at = local.astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != shown:
        return Reading(fault=_tell_gap(local, zone))
    return Reading(at, remark=_tell_double(local, zone, is_end))


def shift_clock(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """So many days later at the same hour of this zone's clocks; in an hour that is missing, as much after the gap."""
    return (at.astimezone(zone) + timedelta(days=days)).astimezone(UTC)


def _tell_gap(local: datetime, zone: ZoneInfo) -> str:
    sentence = _("{shown} does not exist in {zone}: clocks are put forward then. Choose {earlier} or {later}.")
    # With fold 0 a time in the gap is read by the offset before it, with fold 1 by the one after it.
    later, earlier = (local.replace(fold=fold).astimezone(UTC).astimezone(zone) for fold in (0, 1))
    return sentence.format(shown=f"{local:%H:%M}", zone=zone, earlier=f"{earlier:%H:%M}", later=f"{later:%H:%M}")


def _tell_double(local: datetime, zone: ZoneInfo, is_end: bool) -> str:
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return ""
    second = _("{shown} comes twice in {zone}, since clocks are put back then; the second one is meant.")
    first = _("{shown} comes twice in {zone}, since clocks are put back then; the first one is meant.")
    return (second if is_end else first).format(shown=f"{local:%Y-%m-%d %H:%M}", zone=zone)
