"""Gives people the places that rosters keep for them, when they take them; or gives a place up."""

from django.db import transaction
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Membership, Reservation, Role
from people.cohorts.queries import list_reserved
from people.learners.refusals import Refusal


def take(user: User, pk: int) -> Membership:
    """Become a learner in the place that is kept for this user, or bring what it says to the part that they have."""
    with transaction.atomic():
        cohort = _access_own(user, pk).cohort
        part, is_new = Membership.objects.get_or_create(cohort=cohort, user=user, defaults={"role": Role.LEARNER})
        if is_new:
            note(cohort, user, "joined", user, text="reserved")
        seat(part)
    return part


def decline(user: User, pk: int) -> Reservation:
    """Give the place up; the cohort's leaders see no more of this user than before."""
    with transaction.atomic():
        kept = _access_own(user, pk)
        note(kept.cohort, user, "declined", text=str(kept))
        Reservation.objects.filter(pk=pk).delete()
    return kept


def cancel(leader: Membership, pk: int) -> None:
    with transaction.atomic():
        kept = Reservation.objects.filter(cohort=leader.cohort_id, pk=pk).first()
        if kept is None:
            raise Refusal("not-found", "reservation", _("There is no such reservation in this cohort."), 404)
        note(leader.cohort, leader.user, "cancelled", text=str(kept))
        kept.delete()


def seat(member: Membership) -> None:
    """Bring what rosters say of this learner to their part in the cohort, and end the reservation."""
    for kept in list_reserved(member.user):
        # Whoever deletes the row is who takes the place: nobody else can have it as well.
        if kept.cohort_id == member.cohort_id and Reservation.objects.filter(pk=kept.pk).delete()[0]:
            member.section = kept.section or member.section
            member.external_id = kept.external_id or member.external_id
            member.extra_percent = max(kept.extra_percent, member.extra_percent)
            member.save(update_fields=["section", "external_id", "extra_percent"])


def _access_own(user: User, pk: int) -> Reservation:
    kept = next((one for one in list_reserved(user) if one.pk == pk), None)
    if kept is None:
        raise Refusal("not-found", "reservation", _("No such place is kept for you."), 404)
    return kept
