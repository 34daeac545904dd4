"""Puts a cohort away that has ended, and brings it back. Learners keep all that they have; who leads only reads."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Cohort, Membership, Role
from people.cohorts.queries import list_ever_led
from people.learners.refusals import Refusal


def access_owned(user: User, slug: str) -> Membership:
    """The user's part in a cohort that they own, archived or not. Raises Refusal."""
    leader = list_ever_led(user).select_related("user").filter(cohort__slug=slug).first()
    if leader is None:
        raise Refusal("not-found", "cohort", _("There is no such cohort that you lead."), 404)
    if leader.role != Role.OWNER:
        told = _("As {role} of this cohort you may not do this.").format(role=leader.get_role_display())
        raise Refusal("not-yours-to-do", "cohort", told, 403, _("Ask an owner of the cohort."))
    return leader


def archive(owner: Membership) -> None:
    """It leaves lists and mails, nobody comes in, and nothing in it is changed. Twice is no harm."""
    with transaction.atomic():
        if Cohort.objects.filter(pk=owner.cohort_id, archived_at=None).update(archived_at=timezone.now()):
            note(owner.cohort, owner.user, "archived")


def bring_back(owner: Membership) -> None:
    with transaction.atomic():
        if Cohort.objects.filter(pk=owner.cohort_id, archived_at__isnull=False).update(archived_at=None):
            note(owner.cohort, owner.user, "brought back")
