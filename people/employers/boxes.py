"""Begins and ends the boxes in which candidates work: by the server's clock, and by nobody else's.

What a candidate has of their own in the project rests meanwhile. When a box ends nothing more is handed in; for a while
what they save is still kept in its repository, so that no push meets the wrong one, and then they have their own back.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.models import User
from people.accounts.zones import tell_instant, zone_of
from people.employers import tasks
from people.employers.assessing import list_lent
from people.employers.desks import note
from people.employers.ending import end
from people.employers.following import announce_assessed
from people.employers.inviting import GRACE, count_more, read_link, require_open
from people.employers.models import Event, Invite, box_of
from people.learners import sharing
from people.learners.draws import next_draw
from people.learners.helping import lend_before
from people.learners.models import Enrolment, Share
from people.learners.refusals import Refusal
from people.learners.tasks import make_worlds
from people.ringing import call_after_commit

BEFORE_REPORT = ("assessment__employer", "assessment__project", "assessment__domain_file", "enrolment__project", "user")


def begin(user: User, token: str) -> Invite:
    """Start the clock for this user; begun twice it is the same box. Raises Refusal."""
    with transaction.atomic():
        # Two tabs at once: the second waits here, and finds the box that the first began.
        User.objects.select_for_update().get(pk=user.pk)
        invite = read_link(token)
        if invite.user_id == user.pk:
            return invite
        require_open(invite)
        if Invite.objects.filter(assessment=invite.assessment_id, user=user).exists():
            told = _("You have taken this assessment already, by another link.")
            raise Refusal("taken-already", "invite", told, 409)
        return _begin(user, invite)


def _begin(user: User, invite: Invite) -> Invite:
    assessment, now = invite.assessment, timezone.now()
    ends_at = now + box_of(assessment, count_more(invite))
    enrolment = sharing.begin_assessed(user, assessment.project, assessment.domain, ends_at + GRACE)
    # Two people at once by one link: one of them has it, and the other's enrolment is undone with all of this.
    free = Invite.objects.filter(pk=invite.pk, user=None, revoked_at=None)
    if not free.update(user=user, enrolment=enrolment, begun_at=now, ends_at=ends_at):
        invite.refresh_from_db()
        require_open(invite)
    lend_before(enrolment, list_lent(assessment))
    note(assessment.employer, user, "began", invite.label, assessment.title)
    announce_assessed(invite, Event.BEGUN)
    call_after_commit(make_worlds, enrolment.pk, next_draw(0))
    invite.refresh_from_db()
    return invite


def finish(user: User, pk: int) -> Invite:
    """End one's box before its time, and have one's own back. Twice is no harm. Raises Refusal."""
    invite = access_own(user, pk)
    with transaction.atomic():
        # A box that has ended by itself ended then, and not now.
        now = timezone.now()
        end(invite, now if invite.ends_at and invite.ends_at > now else F("ends_at"))
        if invite.enrolment:
            sharing.end_assessed(invite.enrolment)
        call_after_commit(tasks.compare_assessed, invite.assessment_id)
    invite.refresh_from_db()
    return invite


def list_taken(user: User) -> QuerySet[Invite]:
    """The assessments that this user has begun, newest first."""
    return Invite.objects.filter(user=user).select_related(*BEFORE_REPORT).order_by("-begun_at")


def access_own(user: User, pk: int) -> Invite:
    """One of them. Raises Refusal where there is none."""
    found = list_taken(user).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "assessment", _("There is no such assessment of yours."), 404)
    return found


def find_box(user: User, slug: str) -> Invite | None:
    """The box that this user's work in this project is for at this moment, or was until a moment ago."""
    shares = Share.objects.filter(user=user, slug=slug, left_at=None, until__gt=timezone.now())
    found = Invite.objects.filter(enrolment__in=shares.values("enrolment"))
    return found.select_related(*BEFORE_REPORT).prefetch_related("more_time").first()


def find_boxes(enrolments: Iterable[int]) -> dict[int, Invite]:
    """The boxes that these enrolments were begun for, by enrolment."""
    found = Invite.objects.filter(enrolment__in=list(enrolments)).select_related(*BEFORE_REPORT)
    return {invite.enrolment_id: invite for invite in found if invite.enrolment_id}


def find_obstacle(enrolment: Enrolment, kind: str) -> Refusal | None:
    """Why nothing is taken in for this milestone of an assessment now. Intake asks, by INTAKE_RULES."""
    invite = find_boxes([enrolment.pk]).get(enrolment.pk) if enrolment.occasion else None
    if invite is None:
        return None
    now, asked = timezone.now(), invite.assessment.kinds
    if invite.is_over(now) and invite.ends_at:
        ended = min(filter(None, (invite.finished_at, invite.ends_at)))
        instant = tell_instant(ended, zone_of(enrolment.actor))
        told = _("The box of “{title}” ended on {instant}; nothing more is handed in.")
        told = told.format(title=invite.assessment.title, instant=instant)
        remedy = _("What you had handed in before counts, though it be judged later; what you save is kept.")
        return Refusal("box-over", "milestone", told, 409, remedy)
    if kind not in asked:
        told = _("“{title}” does not ask for {kind}; it asks for {known}.")
        told = told.format(title=invite.assessment.title, kind=kind, known=", ".join(asked))
        return Refusal("not-asked", "milestone", told, 409, _("Finish when you are done with those."))
    return None
