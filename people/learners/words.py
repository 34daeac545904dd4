"""Reads what leaders said beside the machine: their overrides of verdicts and of checks."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from people.accounts.models import User
from people.learners.models import Enrolment, Override, Share, Submission


def list_words(enrolments: Iterable[int] | QuerySet[Enrolment, Any]) -> QuerySet[Override]:
    """The overrides of verdicts that are in force for these enrolments, which may be a query for their ids."""
    found = Override.objects.filter(submission__enrolment__in=enrolments, check_name="", undone_at=None)
    return found.order_by("submission__number")


def list_overrides(submission: Submission) -> QuerySet[Override]:
    """What leaders have said of this submission, undone or not, oldest first."""
    return Override.objects.filter(submission=submission).select_related("by", "undone_by").order_by("pk")


def list_overrides_of(user: User) -> QuerySet[Override]:
    """All that is in force of what leaders have said of this learner's work, on verdicts and on checks."""
    shares = Share.objects.filter(user=user).values("enrolment")
    found = Override.objects.filter(submission__enrolment__in=shares, undone_at=None)
    return found.select_related("by", "submission").order_by("pk")
