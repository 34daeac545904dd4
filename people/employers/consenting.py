"""Lets candidates say whether the employer may read what came of their assessment, and take it back at any time."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.employers.boxes import access_own
from people.employers.desks import note
from people.employers.following import announce_assessed
from people.employers.models import Event, Invite
from people.learners.models import Run, RunState
from people.learners.refusals import Refusal


def consent(user: User, pk: int) -> Invite:
    """Let the employer read the report; only when it is whole, so that nobody consents to what they have not seen."""
    invite = _require_over(user, pk)
    if count_waiting(invite):
        told = _("Something that you handed in is still being judged.")
        raise Refusal("being-judged", "assessment", told, 409, _("Read the whole report first, and decide then."))
    return _say(user, invite, "let the report be read", consented=True)


def decline(user: User, pk: int) -> Invite:
    """Let them not read it; they learn that, and nothing more."""
    invite = _require_over(user, pk)
    if invite.consented_at and not invite.withdrawn_at:
        return withdraw(user, pk)
    return _say(user, invite, "declined", declined=True)


def withdraw(user: User, pk: int) -> Invite:
    """Take consent back: from now on the employer reads nothing of it here."""
    invite = _require_over(user, pk)
    if invite.consented_at is None:
        raise Refusal("not-consented", "assessment", _("There is no consent to take back."), 409)
    return _say(user, invite, "took consent back", consented=True, withdrawn=True)


def withdraw_all(user: User) -> None:
    """Take back every consent that stands."""
    for invite in Invite.objects.filter(user=user, consented_at__isnull=False, withdrawn_at=None):
        withdraw(user, invite.pk)


def count_waiting(invite: Invite) -> int:
    """How much of what was handed in has no verdict yet."""
    runs = Run.objects.filter(submission__enrolment=invite.enrolment_id)
    return runs.exclude(state=RunState.DONE).count()


def _require_over(user: User, pk: int) -> Invite:
    invite = access_own(user, pk)
    if not invite.is_over(timezone.now()):
        told = _("Your box is still open; there is no report before it ends.")
        raise Refusal("under-way", "assessment", told, 409, _("Finish first, if you are done."))
    return invite


def _say(
    user: User, invite: Invite, verb: str, consented: bool = False, declined: bool = False, withdrawn: bool = False
) -> Invite:
    now = timezone.now()
    with transaction.atomic():
        invite.consented_at = (invite.consented_at if withdrawn else now) if consented else None
        invite.declined_at = now if declined else None
        invite.withdrawn_at = now if withdrawn else None
        invite.save(update_fields=["consented_at", "declined_at", "withdrawn_at"])
        note(invite.assessment.employer, user, verb, invite.label, invite.assessment.title)
        announce_assessed(invite, Event.SHARED if consented and not withdrawn else Event.DECLINED)
    return invite
