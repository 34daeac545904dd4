"""Notes which boxes have ended by themselves. Nobody who reads waits for it: reads ask the clock."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from people.employers.following import announce_assessed
from people.employers.models import Event, Invite
from people.learners import sharing


def end_due(now: datetime) -> set[int]:
    """End what is due; the assessments in which a box has ended, whose work can be compared anew."""
    due = Invite.objects.filter(finished_at=None, ends_at__lte=now).select_related("assessment__employer")
    ended = [invite for invite in due if end(invite, F("ends_at"))]
    sharing.end_expired(now)
    return {invite.assessment_id for invite in ended}


def end(invite: Invite, moment: datetime | F) -> bool:
    """Note when this box ended. False: it has ended before, and stays so."""
    with transaction.atomic():
        is_new = Invite.objects.filter(pk=invite.pk, finished_at=None).update(finished_at=moment) == 1
        if is_new:
            announce_assessed(invite, Event.FINISHED)
    return is_new
