"""Gives single learners more time, and takes it back; reads who has what. For instructors only."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.zones import tell_instant
from people.cohorts.clocks import zone_of
from people.cohorts.dates import Place, read_dates
from people.cohorts.diary import note
from people.cohorts.models import Extension, Membership
from people.cohorts.queries import access_member, choose_milestone, list_members
from people.learners.refusals import Refusal

LONGEST_REASON = 1000


def list_extensions(leader: Membership) -> QuerySet[Extension]:
    """All that were given to the learners whom this leader sees, newest first; those taken back too."""
    found = Extension.objects.filter(membership__in=list_members(leader))
    return found.select_related("membership__user", "granted_by").order_by("-pk")


def list_accommodated(leader: Membership) -> QuerySet[Membership]:
    """The learners whom this leader sees and who have more time for everything."""
    return list_members(leader).filter(extra_percent__gt=0)


def extend(leader: Membership, milestone: str, learner: str, due_at: datetime | None, reason: str) -> Extension:
    """Give one learner until then for "project/milestone", as the newest word on it. Raises Refusal."""
    place = choose_milestone(leader.cohort, milestone)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        told = _("Say why, in 1 to {most} characters: others who lead this cohort read it.")
        raise Refusal("no-reason", "reason", told.format(most=LONGEST_REASON))
    if due_at is None:
        raise Refusal("missing", "due_at", _("Say until when."))
    with transaction.atomic():
        member = Membership.objects.select_for_update(of=("self",)).get(pk=access_member(leader, learner).pk)
        _refuse_useless(leader, member, place, due_at)
        extension = Extension.objects.create(
            membership=member, slug=place[0], kind=place[1], due_at=due_at, reason=reason, granted_by=leader.user
        )
        text = f"until {due_at.isoformat()}: {reason}"
        note(leader.cohort, leader.user, "extended", member.user, milestone, text)
    return extension


def withdraw(leader: Membership, pk: int) -> Extension:
    """Take an extension back; what was granted before it counts again."""
    with transaction.atomic():
        found = list_extensions(leader).filter(pk=pk).first()
        if found is None:
            raise Refusal("not-found", "extension", _("There is no such extension in this cohort."), 404)
        # Of two who take it back at once, one does.
        if not Extension.objects.filter(pk=pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
            raise Refusal("withdrawn", "extension", _("This extension was taken back already."), 409)
        place, until = f"{found.slug}/{found.kind}", found.due_at.isoformat()
        note(leader.cohort, leader.user, "withdrew extension", found.membership.user, place, f"until {until}")
    return found


def _refuse_useless(leader: Membership, member: Membership, place: Place, due_at: datetime) -> None:
    """An extension must lie ahead, and give more time than there is."""
    zone = zone_of(leader.cohort)
    if due_at <= timezone.now():
        told = _("{instant} is in the past: an extension must end later than now.")
        raise Refusal("in-the-past", "due_at", told.format(instant=tell_instant(due_at, zone)))
    dates = read_dates(leader.cohort, [member])[member.user_id, *place]
    until = dates.due_at or dates.closes_at
    kind = place[1]
    if until is None:
        told = _("{kind} is never due here, so there is nothing to extend. Set its due date first.")
        raise Refusal("never-due", "milestone", told.format(kind=kind))
    if due_at <= until:
        told = _("{learner} has until {instant} anyway. Choose a later end, or take an extension back.")
        told = told.format(learner=member.user, instant=tell_instant(until, zone))
        raise Refusal("no-more-time", "due_at", told)
