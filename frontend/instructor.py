"""What somebody who leads a cohort sees: where each learner stands."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from frontend import overviews
from frontend.refusing import refusing
from people.accounts.models import User
from people.cohorts.queries import access_cohort, list_led_cohorts


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
