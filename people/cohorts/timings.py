"""Sets when a cohort's milestones open, are due and close, and what late work costs. For instructors only."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from people.cohorts.clocks import YEARS, is_zone, shift_clock, zone_of
from people.cohorts.dates import Place, list_places, read_timings
from people.cohorts.diary import note
from people.cohorts.lateness import Dates
from people.cohorts.models import Cohort, Membership, Timing
from people.learners.refusals import Refusal

FIELDS: Final = ("opens_at", "due_at", "closes_at")
MOST_DAYS, MOST_LATE_DAYS = 366, 365


@dataclass(frozen=True, slots=True)
class Rules:
    """The zone in which a cohort's dates are told, and what late work costs."""

    zone: str
    late_percent: int
    late_days: int | None


def mark_dates(cohort: Cohort) -> str:
    """Changes whenever a date of this cohort does."""
    told = sorted((place, _tell(timing)) for place, timing in read_timings(cohort).items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def find_faults(wanted: Mapping[Place, Dates]) -> dict[tuple[str, str, str], str]:
    """What cannot be in these dates, by slug, kind and field."""
    faults = {}
    for (slug, kind), dates in wanted.items():
        if dates.opens_at and dates.due_at and dates.due_at <= dates.opens_at:
            faults[slug, kind, "due_at"] = _("{kind} would be due before it opens. Choose a later due date.").format(
                kind=kind
            )
        if dates.closes_at and dates.due_at and dates.closes_at < dates.due_at:
            faults[slug, kind, "closes_at"] = _("{kind} would close before it is due. Choose a later closing.").format(
                kind=kind
            )
        elif dates.closes_at and dates.opens_at and dates.closes_at <= dates.opens_at:
            faults[slug, kind, "closes_at"] = _("{kind} would close before it opens. Choose a later closing.").format(
                kind=kind
            )
    return faults


def set_dates(leader: Membership, wanted: Mapping[Place, Dates], seen: str = "") -> list[Place]:
    """Let these milestones have these dates, and say which of them that changes; others keep theirs.

    seen: the mark of the dates that the leader has looked at. Raises Refusal if they are others by now.
    """
    with transaction.atomic():
        cohort = _hold(leader, seen)
        _refuse_unknown(cohort, wanted)
        for (slug, kind, field), fault in find_faults(wanted).items():
            raise Refusal("out-of-order", f"{slug}/{kind}.{field}", fault)
        known = read_timings(cohort)
        return [place for place, dates in wanted.items() if _set(leader, place, dates, known.get(place))]


def shift_dates(leader: Membership, days: int, seen: str = "") -> int:
    """Move every date of the cohort by so many days, back if negative; says how many milestones that moves.

    The hour of the day stays, in the cohort's zone. Extensions stay where they are: they were promised.
    """
    if not days or abs(days) > MOST_DAYS:
        raise Refusal(
            "out-of-range", "days", _("Say by how many days, from 1 to {most} or as many back.").format(most=MOST_DAYS)
        )
    with transaction.atomic():
        cohort = _hold(leader, seen)
        timings = {place: timing for place, timing in read_timings(cohort).items() if any(_instants(timing))}
        if not timings:
            raise Refusal("nothing-to-shift", "days", _("There are no dates yet: set some first."))
        zone = zone_of(cohort)
        for place, timing in timings.items():
            opens_at, due_at, closes_at = (at and shift_clock(at, days, zone) for at in _instants(timing))
            if any(at and at.year not in YEARS for at in (opens_at, due_at, closes_at)):
                raise Refusal("out-of-range", "days", _("That leads out of this century. Shift by fewer days."))
            _set(leader, place, Dates(opens_at, due_at, closes_at), timing)
    return len(timings)


def set_rules(leader: Membership, rules: Rules) -> None:
    """Tell dates in this zone, and let late work cost so much. Instants stay as they are."""
    if not is_zone(rules.zone):
        raise Refusal("unknown-zone", "zone", _("There is no time zone of this name. Choose one of the list."))
    if not 0 <= rules.late_percent <= 100:
        raise Refusal("out-of-range", "late_percent", _("A day late costs from 0 to 100 per cent."))
    if rules.late_days is not None and not 0 <= rules.late_days <= MOST_LATE_DAYS:
        told = _("Say for how many days late work counts, from 0 to {most}, or leave it empty: for ever.")
        raise Refusal("out-of-range", "late_days", told.format(most=MOST_LATE_DAYS))
    with transaction.atomic():
        cohort = _hold(leader)
        cohort.zone, cohort.late_percent, cohort.late_days = rules.zone, rules.late_percent, rules.late_days
        cohort.save(update_fields=["zone", "late_percent", "late_days"])
        text = f"zone {rules.zone}; {rules.late_percent} % a day; days: {rules.late_days}"
        note(cohort, leader.user, "set late policy", text=text)


def _hold(leader: Membership, seen: str = "") -> Cohort:
    # The cohort's row is locked, so that of two leaders at once the later one sees what the earlier one did.
    cohort = Cohort.objects.select_for_update().get(pk=leader.cohort_id)
    if seen and seen != mark_dates(cohort):
        told = _("Somebody has changed these dates meanwhile; nothing of yours was kept yet.")
        raise Refusal("changed-meanwhile", "seen", told, 409, _("Look at both, and send yours again."))
    return cohort


def _refuse_unknown(cohort: Cohort, wanted: Mapping[Place, Dates]) -> None:
    known = set(list_places(cohort.project_slugs))
    for place in wanted:
        if place not in known:
            told = _("{milestone} is no milestone of this cohort.").format(milestone="/".join(place))
            raise Refusal("unknown-milestone", "milestone", told, 400)


def _set(leader: Membership, place: Place, dates: Dates, known: Timing | None) -> bool:
    timing = known or Timing(cohort=leader.cohort, slug=place[0], kind=place[1])
    if (dates.opens_at, dates.due_at, dates.closes_at) == _instants(timing):
        return False
    timing.opens_at, timing.due_at, timing.closes_at = dates.opens_at, dates.due_at, dates.closes_at
    timing.save()
    note(leader.cohort, leader.user, "set dates", place="/".join(place), text=_tell(timing))
    return True


def _instants(timing: Timing) -> tuple[datetime | None, datetime | None, datetime | None]:
    return timing.opens_at, timing.due_at, timing.closes_at


def _tell(timing: Timing) -> str:
    told = (at.isoformat() if at else "-" for at in _instants(timing))
    return "opens {}; due {}; closes {}".format(*told)
