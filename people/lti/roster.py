"""Asks a platform who is in its course, page by page, and keeps who is expected here.

Nobody becomes a member by that: whoever is in the list and has not come is only shown to those who lead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import requests
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.names_roles import NamesRolesProvisioningService

from people.cohorts.models import Role
from people.lti import claims as reading
from people.lti.models import Identity, Platform, SyncLine
from people.lti.outgoing import connect
from people.lti.sync_log import note_line
from people.turns import overdue

MOST_PAGES: Final = 500
ACTIVE: Final = "Active"


@dataclass(frozen=True, slots=True)
class Listed:
    """One person in the platform's list."""

    sub: str
    name: str
    learns: bool


def want_roster(platforms: QuerySet[Platform]) -> None:
    """Note that these are to be asked: that is what whoever is called looks for."""
    platforms.update(roster_asked_at=timezone.now())


def find_waiting(pk: int) -> Platform | None:
    return Platform.objects.filter(pk=pk, withdrawn_at=None, roster_asked_at__isnull=False).first()


def list_overdue(now: datetime) -> QuerySet[Platform]:
    return Platform.objects.filter(overdue("roster_asked_at", now), withdrawn_at=None)


def fetch_roster(platform: Platform) -> bool:
    """Ask this platform; whoever wants it after we looked wants it once more."""
    try:
        return _fetch(platform)
    finally:
        asked = Platform.objects.filter(pk=platform.pk, roster_asked_at=platform.roster_asked_at)
        asked.update(roster_asked_at=None)


def _fetch(platform: Platform) -> bool:
    """Bring what is known of the platform's people up to date, all of it or nothing. False: it could not be asked."""
    if not platform.memberships_url:
        told = "The platform has not said where its roster is. Open a link in it once."
        _note(platform, SyncLine.Outcome.REFUSED, told)
        return False
    try:
        listed = {one.sub: one for one in _list_people(platform)}
    except LtiServiceException as answer:
        _note(platform, SyncLine.Outcome.GIVEN_UP, f"The platform answered {answer.response.status_code}.")
        return False
    except (requests.RequestException, LtiException, AttributeError, KeyError, TypeError) as fault:
        _note(platform, SyncLine.Outcome.GIVEN_UP, f"The platform could not be asked: {type(fault).__name__}.")
        return False
    _keep(platform, listed)
    return True


def _list_people(platform: Platform) -> Iterator[Listed]:
    for member in _list_members(platform):
        sub = reading.read_person(member, "user_id")
        if sub and member.get("status", ACTIVE) == ACTIVE:
            role = reading.read_role({reading.LTI + "roles": member["roles"]})
            yield Listed(sub, reading.read_name(member), role == Role.LEARNER)


def _list_members(platform: Platform) -> Iterator[Mapping[str, Any]]:
    """Page after page; a platform that leads us round in a circle is left."""
    service = NamesRolesProvisioningService(connect(platform), {"context_memberships_url": platform.memberships_url})
    url: str | None = platform.memberships_url
    for _page in range(MOST_PAGES):
        members, url = service.get_members_page(url)
        yield from members
        if not url:
            return
    raise LtiException("The roster has no end.")


def _keep(platform: Platform, listed: Mapping[str, Listed]) -> None:
    now = timezone.now()
    with transaction.atomic():
        known = {one.sub: one for one in platform.identities.select_for_update()}
        unknown = [one for one in listed.values() if one.learns and one.sub not in known]
        new = [Identity(platform=platform, sub=one.sub, name=one.name) for one in unknown]
        Identity.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
        changed = [one for one in known.values() if _amend(one, listed.get(one.sub), now)]
        Identity.objects.bulk_update(changed, ["name", "left_at"], batch_size=500)
        learners, gone = sum(one.learns for one in listed.values()), sum(sub not in listed for sub in known)
        told = f"{learners} learners, {len(new)} of them new; {gone} not there any more."
        _note(platform, SyncLine.Outcome.DONE, told)


def _amend(one: Identity, listed: Listed | None, now: datetime) -> bool:
    """Bring one person up to date; whether that changed anything."""
    before = (one.name, one.left_at)
    one.left_at = None if listed else one.left_at or now
    one.name = (listed and listed.name) or one.name
    return before != (one.name, one.left_at)


def _note(platform: Platform, outcome: SyncLine.Outcome, text: str) -> None:
    note_line(platform, SyncLine.What.ROSTER, outcome, text)
