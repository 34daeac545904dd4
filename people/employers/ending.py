"""Notes which boxes have ended by themselves. Nobody who reads waits for it: reads ask the clock."""

from datetime import datetime

from django.db.models import F

from people.employers.models import Invite
from people.learners import sharing


def end_due(now: datetime) -> set[int]:
    """End what is due; the assessments in which a box has ended, whose work can be compared anew."""
    due = Invite.objects.filter(finished_at=None, ends_at__lte=now)
    assessments = set(due.values_list("assessment_id", flat=True))
    due.update(finished_at=F("ends_at"))
    sharing.end_expired(now)
    return assessments
