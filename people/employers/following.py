"""Has employers' systems follow their candidates: which were kept, whose links have ended, how assessments go."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from people.employers.hooks import address_of, announce
from people.employers.models import Candidate, Event, Invite


def announce_candidate(candidate: Candidate, event: Event) -> None:
    slug = candidate.employer.slug
    page, api = reverse("frontend:candidate", args=[slug, candidate.pk]), reverse("api-candidates", args=[slug])
    told: dict[str, str | int] = {"candidate": candidate.pk, "page": address_of(page), "api": address_of(api)}
    announce(candidate.employer, event, told)


def announce_assessed(invite: Invite, event: Event) -> None:
    """Tell of one candidate's assessment; its report is read on the page, as long as the candidate lets it be."""
    slug, assessment = invite.assessment.employer.slug, invite.assessment_id
    page, api = (reverse(name, args=[slug, assessment]) for name in ("frontend:assessment", "api-assessment"))
    told: dict[str, str | int] = {"assessment": assessment, "invite": invite.pk}
    announce(invite.assessment.employer, event, {**told, "page": address_of(page), "api": address_of(api)})


def announce_ended(now: datetime) -> None:
    """Look whose links have ended or were taken back, and were not told of: time ends them without anybody's doing."""
    over = Q(disclosure__revoked_at__isnull=False) | Q(disclosure__expires_at__lte=now)
    for candidate in Candidate.objects.filter(over, end_told_at=None).select_related("employer"):
        with transaction.atomic():
            if Candidate.objects.filter(pk=candidate.pk, end_told_at=None).update(end_told_at=now):
                announce_candidate(candidate, Event.ENDED)
