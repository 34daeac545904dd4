"""What somebody who leads a cohort sees: where each learner stands."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from frontend import overviews, pages
from frontend.refusing import refusing
from people.accounts.models import User
from people.cohorts.queries import access_cohort, access_member_submission, list_led_cohorts


@require_safe
@login_required
def cohorts(request: HttpRequest) -> HttpResponse:
    return render(request, "instructor/cohorts.html", {"cohorts": list_led_cohorts(cast(User, request.user))})


@require_safe
@login_required
@refusing
def cohort(request: HttpRequest, slug: str) -> HttpResponse:
    found = access_cohort(cast(User, request.user), slug)
    return render(request, "instructor/cohort.html", {"page": overviews.build_cohort(found)})


@require_safe
@login_required
@refusing
def submission(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A learner's submission as they see it, without what only they may do."""
    found = access_member_submission(cast(User, request.user), slug, pk)
    context = {**pages.describe_submission(found), "watched": str(found.enrolment.user)}
    return render(request, "learner/submission.html", context)
