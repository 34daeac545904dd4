"""Invites people into a cohort by a link, until it expires, is used up or is revoked; lets in who accepts.

The link is the invitation's number, signed: nothing secret is kept, so it can be shown again.
"""

from datetime import datetime

from django.core.signing import Signer
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Invitation, Membership, Role
from people.cohorts.reservations import seat
from people.cohorts.sections import choose_section
from people.learners.refusals import Refusal
from people.links import read_number

SIGNER = Signer(salt="people.cohorts.invitations")
MOST = 10_000


def invite(leader: Membership, expires_at: datetime, cap: int, section: str = "") -> Invitation:
    """A new link by which so many people may come in until then, into this section if one is named."""
    if expires_at <= timezone.now():
        raise Refusal("in-the-past", "expires_at", _("Choose a moment in the future: until then people may come in."))
    if not 1 <= cap <= MOST:
        raise Refusal("invalid", "cap", _("Say how many may come in by it, from 1 to {most}.").format(most=MOST))
    chosen, cohort = choose_section(leader.cohort, section), leader.cohort
    with transaction.atomic():
        made = Invitation.objects.create(
            cohort=cohort, section=chosen, made_by=leader.user, expires_at=expires_at, cap=cap
        )
        note(cohort, leader.user, "invited", text=f"{made.pk}: {cap}, {expires_at.isoformat()}")
    return made


def revoke(leader: Membership, pk: int) -> Invitation:
    """Let nobody else in by it. Twice is no harm."""
    with transaction.atomic():
        found = Invitation.objects.filter(cohort=leader.cohort_id, pk=pk).first()
        if found is None:
            raise Refusal("not-found", "invitation", _("There is no such invitation to this cohort."), 404)
        if Invitation.objects.filter(pk=pk, revoked_at=None).update(revoked_at=timezone.now()):
            note(leader.cohort, leader.user, "revoked", text=str(pk))
        found.refresh_from_db()
    return found


def list_invitations(leader: Membership) -> QuerySet[Invitation]:
    """The cohort's links, newest first, with who made them."""
    return Invitation.objects.filter(cohort=leader.cohort_id).select_related("cohort", "section", "made_by")


def sign(invitation: Invitation) -> str:
    return SIGNER.sign(str(invitation.pk))


def access_invitation(token: str) -> Invitation:
    """The invitation that whoever holds this link has been given, whether or not it still lets anybody in."""
    found = Invitation.objects.select_related("cohort", "section").filter(pk=read_number(SIGNER, token)).first()
    if found is None:
        told = _("This is no invitation of ours; look whether the link is complete.")
        raise Refusal("not-found", "invitation", told, 404)
    return found


def find_closing(invitation: Invitation) -> tuple[str, str] | None:
    """Why nobody else may come in by it, as a word for programs and a sentence for people; None while they may."""
    reasons = (
        (invitation.revoked_at is not None, "revoked", _("This invitation was taken back.")),
        (invitation.expires_at <= timezone.now(), "expired", _("This invitation has expired.")),
        (invitation.cohort.archived_at is not None, "archived", _("This cohort is archived and takes nobody in.")),
        (invitation.used >= invitation.cap, "used-up", _("This invitation is used up: as many came in as it was for.")),
    )
    return next(((code, sentence) for holds, code, sentence in reasons if holds), None)


def require_open(invitation: Invitation) -> None:
    """Raises Refusal, with its reason, when nobody else may come in by it."""
    closing = find_closing(invitation)
    if closing:
        raise Refusal(closing[0], "invitation", closing[1], 410, _("Ask whoever sent it to you for another one."))


def join(user: User, invitation: Invitation) -> Membership:
    """This user's part in the cohort: a new one, or the one that they have, which costs the invitation nothing."""
    with transaction.atomic():
        part = Membership.objects.filter(cohort=invitation.cohort_id, user=user).first()
        if part is not None:
            return part
        _use(invitation)
        made, is_new = Membership.objects.get_or_create(
            cohort=invitation.cohort, user=user, defaults={"role": Role.LEARNER, "section": invitation.section}
        )
        if is_new:
            note(invitation.cohort, user, "joined", user, text=str(invitation.pk))
            seat(made)
        else:  # they came in by another tab meanwhile, and need not be counted twice
            Invitation.objects.filter(pk=invitation.pk).update(used=F("used") - 1)
    return made


def _use(invitation: Invitation) -> None:
    """Count one more. The database decides who is the last: many may ask at the same moment."""
    free = Invitation.objects.filter(pk=invitation.pk, used__lt=F("cap"), revoked_at=None)
    if not free.filter(expires_at__gt=timezone.now()).update(used=F("used") + 1):
        invitation.refresh_from_db()
        require_open(invitation)
