"""Invites candidates by a link each, takes links back, and gives single candidates more time.

The link is the invite's number, signed: nothing secret is kept, so it can be shown again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.signing import Signer
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Prefetch, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from people.employers.assessing import list_lent
from people.employers.desks import note
from people.employers.models import Assessment, Invite, MoreTime, Post, box_of
from people.learners import sharing
from people.learners.refusals import Refusal
from people.links import read_number

SIGNER = Signer(salt="people.employers.inviting")
# After a box has ended its repository still takes what is saved, and then its candidate has their own back.
GRACE = timedelta(minutes=15)
MOST_MINUTES = 7 * 24 * 60
MOST_PERCENT = 200
LONGEST_REASON = 1000
MOST_INVITES = 500


@dataclass(frozen=True, slots=True)
class Invited:
    """What whoever holds a link should know: how long the box is, and why nobody may begin by it, if nobody may."""

    invite: Invite
    minutes: int
    why_not: str

    @property
    def assessment(self) -> Assessment:
        return self.invite.assessment

    @property
    def lent(self) -> list[str]:
        """The milestones before those that are asked: the reference does them."""
        return list_lent(self.assessment)


def invite(post: Post, assessment: Assessment, label: str, expires_at: datetime, email: str = "") -> Invite:
    """A new link, by which one candidate may begin until then. Raises Refusal."""
    label = label.strip()
    if not 1 <= len(label) <= 120:
        raise Refusal("missing", "label", _("Say in 1 to 120 characters whom it is for; you alone read that."))
    if email:
        _check_email(email)
    if expires_at <= timezone.now():
        raise Refusal("in-the-past", "expires_at", _("Choose a moment in the future: until then they may begin."))
    if assessment.closes_at <= timezone.now():
        raise Refusal("closed", "expires_at", _("This assessment is closed: nobody begins it any more."), 409)
    if assessment.invites.count() >= MOST_INVITES:
        told = _("An assessment has {most} links at most.").format(most=MOST_INVITES)
        raise Refusal("too-many", "label", told, 409, _("Make another assessment."))
    with transaction.atomic():
        until = min(expires_at, assessment.closes_at)
        made = Invite.objects.create(assessment=assessment, label=label, email=email, expires_at=until)
        note(post.employer, post.user, "invited", label, assessment.title)
    return made


def list_invites(assessment: Assessment) -> QuerySet[Invite]:
    """All links of an assessment, each with the time that was added."""
    more = Prefetch("more_time", MoreTime.objects.select_related("by"))
    return assessment.invites.select_related("user", "assessment").prefetch_related(more)


def access_invite(assessment: Assessment, pk: int) -> Invite:
    found = list_invites(assessment).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "invite", _("There is no such invitation to this assessment."), 404)
    return found


def sign(invite: Invite) -> str:
    return SIGNER.sign(str(invite.pk))


def read_link(token: str) -> Invite:
    """The invite that whoever holds this link was given, whether or not it still lets anybody begin."""
    found = Invite.objects.select_related("assessment__employer", "assessment__project", "assessment__domain_file")
    one = found.filter(pk=read_number(SIGNER, token)).first()
    if one is None:
        told = _("This is no invitation of ours; look whether the link is complete.")
        raise Refusal("not-found", "invite", told, 404)
    return one


def find_closing(invite: Invite) -> tuple[str, str] | None:
    """Why nobody may begin by it, as a word for programs and a sentence for people; None while somebody may."""
    now = timezone.now()
    reasons = (
        (invite.user_id is not None, "used", _("This link has been used: it was for one person, who has begun by it.")),
        (invite.revoked_at is not None, "revoked", _("This invitation was taken back.")),
        (invite.expires_at <= now, "expired", _("This invitation has expired.")),
        (invite.assessment.opens_at > now, "not-open-yet", _("This assessment has not opened yet.")),
    )
    return next(((code, sentence) for holds, code, sentence in reasons if holds), None)


def require_open(invite: Invite) -> None:
    """Raises Refusal, with its reason, when nobody may begin by it."""
    if closing := find_closing(invite):
        told = _("Ask {employer} for another one.").format(employer=invite.assessment.employer)
        soon = _("Come back when it is open.")
        early = closing[0] == "not-open-yet"
        raise Refusal(closing[0], "invite", closing[1], 409 if early else 410, soon if early else told)


def revoke(post: Post, invite: Invite) -> None:
    """Let nobody begin by it. Twice is no harm; a box that was begun stays its candidate's."""
    with transaction.atomic():
        if Invite.objects.filter(pk=invite.pk, revoked_at=None, user=None).update(revoked_at=timezone.now()):
            note(post.employer, post.user, "took an invitation back", invite.label, invite.assessment.title)
            return
    invite.refresh_from_db()
    if invite.user_id:
        told = _("{candidate} has begun, and keeps the box.").format(candidate=invite.label)
        raise Refusal("begun", "invite", told, 409)


def give_time(post: Post, invite: Invite, reason: str, minutes: int = 0, percent: int = 0) -> Invite:
    """More minutes for one candidate, or so many percent of the whole box as an accommodation. Raises Refusal."""
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        told = _("Say why, in 1 to {most} characters: the candidate and whoever acts for you read it.")
        raise Refusal("no-reason", "reason", told.format(most=LONGEST_REASON))
    added = _count_minutes(invite.assessment, minutes, percent)
    with transaction.atomic():
        # Two who grant at once: the later one adds to what the earlier one gave.
        held = Invite.objects.select_for_update(of=("self",)).select_related("assessment").get(pk=invite.pk)
        _refuse_late(held)
        MoreTime.objects.create(invite=held, minutes=added, percent=percent or None, reason=reason, by=post.user)
        if held.begun_at and held.enrolment:
            held.ends_at = held.begun_at + box_of(held.assessment, count_more(held))
            # Of the box's end and more time for it, whichever comes first counts.
            if not Invite.objects.filter(pk=held.pk, finished_at=None).update(ends_at=held.ends_at):
                raise _refuse_over(held)
            sharing.prolong(held.enrolment, held.ends_at + GRACE)
        note(post.employer, post.user, "gave more time", held.label, f"{added} minutes: {reason}")
    return held


def count_more(invite: Invite) -> int:
    """The minutes that were added to this box."""
    return MoreTime.objects.filter(invite=invite).aggregate(sum=Sum("minutes"))["sum"] or 0


def _count_minutes(assessment: Assessment, minutes: int, percent: int) -> int:
    if bool(minutes) == bool(percent):
        raise Refusal("missing", "minutes", _("Say minutes, or percent of the box: one of the two."))
    if percent and not 1 <= percent <= MOST_PERCENT:
        told = _("Say 1 to {most} percent.").format(most=MOST_PERCENT)
        raise Refusal("out-of-bounds", "percent", told)
    if minutes and not 1 <= minutes <= MOST_MINUTES:
        told = _("Say 1 to {most} minutes.").format(most=MOST_MINUTES)
        raise Refusal("out-of-bounds", "minutes", told)
    return minutes or -(-assessment.minutes * percent // 100)


def _refuse_late(invite: Invite) -> None:
    if invite.begun_at is None and invite.revoked_at:
        raise Refusal("revoked", "invite", _("This invitation was taken back."), 409)
    if invite.is_over(timezone.now()):
        raise _refuse_over(invite)


def _refuse_over(invite: Invite) -> Refusal:
    told = _("The box of {candidate} is over, and what is over is not extended.").format(candidate=invite.label)
    return Refusal("box-over", "minutes", told, 409, _("Invite them to another assessment."))


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise Refusal("invalid", "email", _("This is no e-mail address.")) from wrong


def describe(invite: Invite) -> Invited:
    closing = find_closing(invite)
    minutes = invite.assessment.minutes + count_more(invite)
    return Invited(invite, minutes, closing[1] if closing else "")
