"""Reads platforms, who is known from them, and what went between them and us."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from curriculum.models import Milestone
from people.accounts.models import User
from people.cohorts.models import Membership
from people.learners.refusals import Refusal
from people.lti.models import Identity, Placement, Platform, SyncLine


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in a platform's course, as it said last: who has come, who has not yet, and who is there no longer."""

    come: list[Identity]
    expected: list[Identity]
    gone: list[Identity]


def find_platform(key: str) -> Platform:
    """The platform with this address, while it is registered. Raises Refusal."""
    try:
        found = Platform.objects.select_related("cohort").filter(key=key, withdrawn_at=None).first()
    except ValidationError:
        found = None
    if found is None:
        raise Refusal("not-found", "platform", _("No learning platform is registered at this address."), 404)
    return found


def find_milestone(placement: Placement | None) -> Milestone | None:
    """The milestone that a link leads to, as the project's current edition has it."""
    if placement is None:
        return None
    found = Milestone.objects.filter(project__slug=placement.slug, project__is_current=True, kind=placement.kind)
    return found.select_related("project").first()


def list_platforms(leader: Membership) -> QuerySet[Platform]:
    """The platforms that the leader's cohort is connected to now, newest first."""
    return Platform.objects.filter(cohort=leader.cohort_id, withdrawn_at=None)


def access_platform(leader: Membership, pk: int) -> Platform:
    found = list_platforms(leader).select_related("cohort").filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "platform", _("There is no such learning platform of this cohort."), 404)
    return found


def read_roster(platform: Platform) -> Roster:
    known = list(platform.identities.select_related("user"))
    here = [one for one in known if one.left_at is None]
    return Roster(
        come=[one for one in here if one.user_id],
        expected=[one for one in here if not one.user_id],
        gone=[one for one in known if one.left_at],
    )


def list_identities(user: User) -> QuerySet[Identity]:
    """As whom this user comes in from platforms."""
    found = Identity.objects.filter(user=user, platform__withdrawn_at=None)
    return found.select_related("platform__cohort").order_by("pk")


def list_lines(leader: Membership) -> QuerySet[SyncLine]:
    """What went between the cohort and its platforms, those withdrawn too; newest first."""
    lines = SyncLine.objects.filter(platform__cohort=leader.cohort_id)
    return lines.select_related("identity", "platform")
