"""Amends what is known of a cohort's learner, and ends their part in it. Their work and their evidence stay theirs."""

from django.db import transaction
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.leaders import lock
from people.cohorts.models import Cohort, Membership, Reservation
from people.cohorts.queries import access_member, access_membership
from people.cohorts.sections import choose_section
from people.learners.refusals import Refusal

LONGEST_ID = 120
MOST_EXTRA = 400


def amend(leader: Membership, username: str, section: str, external_id: str, extra_percent: int) -> Membership:
    """Say in which section this learner is, what the school calls them, and how much more time they have as a rule."""
    with transaction.atomic():
        cohort = lock(leader.cohort)
        member = access_member(leader, username)
        before = describe(member)
        member.section = choose_section(cohort, section)
        member.external_id = _read_external_id(cohort, external_id, member)
        member.extra_percent = _read_extra(extra_percent)
        member.save(update_fields=["section", "external_id", "extra_percent"])
        if describe(member) != before:
            note(cohort, leader.user, "amended", member.user, text=f"{before} -> {describe(member)}")
    return member


def remove(leader: Membership, username: str) -> None:
    with transaction.atomic():
        member = access_member(leader, username)
        note(leader.cohort, leader.user, "removed", member.user, text=describe(member))
        member.delete()


def leave(user: User, slug: str) -> Cohort:
    """End one's own part as a learner; from now on nobody there sees what one does."""
    with transaction.atomic():
        member = access_membership(user, slug)
        note(member.cohort, user, "left", user, text=describe(member))
        member.delete()
    return member.cohort


def describe(member: Membership | Reservation) -> str:
    """What leaders have said of somebody, as the diary keeps it."""
    parts = (member.section and member.section.title, member.external_id, f"+{member.extra_percent} %")
    return ", ".join(str(part) for part in parts if part)


def _read_external_id(cohort: Cohort, told: str, member: Membership) -> str:
    external_id = told.strip()
    if len(external_id) > LONGEST_ID or not external_id.isprintable():
        sentence = _("An external id has at most {most} characters, in one line.").format(most=LONGEST_ID)
        raise Refusal("invalid", "external_id", sentence)
    others = Membership.objects.filter(cohort=cohort, external_id=external_id).exclude(pk=member.pk)
    other = others.select_related("user").first() if external_id else None
    kept = Reservation.objects.filter(cohort=cohort, external_id=external_id).first() if external_id else None
    if other or kept:
        whose = _("{id} is already the external id of {name}.").format(
            id=external_id, name=other.user if other else kept
        )
        raise Refusal("taken", "external_id", whose, 409)
    return external_id


def _read_extra(told: int) -> int:
    if not 0 <= told <= MOST_EXTRA:
        sentence = _("Say how much more time in per cent, from 0 to {most}.").format(most=MOST_EXTRA)
        raise Refusal("invalid", "extra_percent", sentence)
    return told
