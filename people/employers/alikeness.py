"""Compares what candidates of one assessment handed in: an honest note in their reports, and never a verdict."""

from datetime import datetime

from django.db.models import F, Q
from django.utils import timezone

from grading.store import Store
from people.employers.models import Assessment, Invite
from people.learners.comparing import choose_latest, list_given, report
from people.learners.models import Submission
from people.turns import overdue


def compare(pk: int, store: Store) -> None:
    """Keep what is alike in the work whose boxes are over. Twice is no harm."""
    assessment, begun_at = Assessment.objects.get(pk=pk), timezone.now()
    found = {}
    for kind in assessment.kinds:
        chosen = choose_submissions(assessment, kind)
        told = report(chosen, list_given(chosen), store)
        owner = {one.pk: one.enrolment_id for one in chosen}
        found[kind] = {
            "of": sorted(owner.values()),
            "pairs": [[owner[pair["first"]], owner[pair["second"]], pair["share"]] for pair in told["pairs"]],
        }
    Assessment.objects.filter(pk=pk).update(likeness=found, compared_at=begun_at)


def find_owed(now: datetime) -> set[int]:
    """The assessments in which a box has ended since they were compared, if nobody has come for them."""
    before = Q(assessment__compared_at=None) | Q(assessment__compared_at__lt=F("finished_at"))
    return set(Invite.objects.filter(before, overdue("finished_at", now)).values_list("assessment_id", flat=True))


def choose_submissions(assessment: Assessment, kind: str) -> list[Submission]:
    """What is compared of the candidates whose boxes are over."""
    over = Invite.objects.filter(assessment=assessment, ends_at__isnull=False)
    enrolments = [one.enrolment_id for one in over if one.is_over(timezone.now())]
    return choose_latest(Submission.objects.filter(enrolment__in=enrolments, kind=kind))


def find_alike(invite: Invite) -> dict[str, tuple[int, float]]:
    """By milestone, with how many others this candidate's work was compared, and the largest share that one has too."""
    found = {}
    for kind, told in invite.assessment.likeness.items():
        if invite.enrolment_id in told["of"]:
            shares = [share for first, second, share in told["pairs"] if invite.enrolment_id in (first, second)]
            found[kind] = (len(told["of"]) - 1, max(shares, default=0.0))
    return found
