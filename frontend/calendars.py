"""Calendars of due dates: making their secret addresses, and what is read there by whatever has one."""

import hashlib
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from frontend.leading.access import lead
from frontend.refusing import refusing
from people.accounts.languages import language_of
from people.accounts.models import User
from people.cohorts import feeds
from people.cohorts.models import Cohort


@require_POST
@login_required
@refusing
def cohort_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a secret address for the calendar of this cohort's dates, make another one, or take it back."""
    leader = lead(request, slug)
    change_feed(request, leader.cohort)
    return redirect(reverse("frontend:dates", args=[slug]) + "#calendar-title")


@require_POST
@login_required
def my_calendar(request: HttpRequest) -> HttpResponse:
    """The same for a learner's own dates."""
    change_feed(request, None)
    return redirect(reverse("frontend:account") + "#calendar-title")


def change_feed(request: HttpRequest, cohort: Cohort | None) -> None:
    if "take_back" in request.POST:
        feeds.revoke_feed(cast(User, request.user), cohort)
        messages.success(request, _("The address is taken back: calendars that read it get nothing more."))
    else:
        feeds.renew_feed(cast(User, request.user), cohort)
        messages.success(request, _("This is the address. Keep it to yourself: whoever has it reads the dates."))


def address_of_feed(request: HttpRequest, user: User, cohort: Cohort | None = None) -> str:
    """Where a calendar reads these dates; empty until an address is made."""
    feed = feeds.find_feed(user, cohort)
    return request.build_absolute_uri(reverse("frontend:calendar", args=[feeds.sign(feed)])) if feed else ""


@require_safe
@refusing
def calendar(request: HttpRequest, token: str) -> HttpResponseBase:
    """The dates as a calendar reads them: it has no account, and the signature in its address says whose they are."""
    feed = feeds.access_feed(token)
    with override(language_of(feed.user)):
        body = feeds.write_feed(feed)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-cache"
    answer["Content-Disposition"] = 'inline; filename="milepost.ics"'
    answer["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer
