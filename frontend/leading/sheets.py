"""What somebody who leads a cohort sees and does: where each learner stands, and what they may do before its time."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontend import overviews, pages
from frontend.leading.access import lead
from frontend.refusing import refusing
from frontend.reviews import build_threads
from people.accounts.models import User
from people.cohorts.founding import may_found
from people.cohorts.models import Power
from people.cohorts.permits import allow, disallow
from people.cohorts.queries import access_member_submission, list_archived, list_led
from people.learners.refusals import Refusal


@require_safe
@login_required
def cohorts(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {"led": list_led(user), "archived": list_archived(user), "may_found": may_found(user)}
    return render(request, "instructor/cohorts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def permits(request: HttpRequest, slug: str) -> HttpResponse:
    """What the cohort's learners may do before its time: to see, to allow and to take back."""
    leader = lead(request, slug, Power.LEAD)
    error = ""
    if request.method == "POST":
        asked = [request.POST.get(name, "") for name in ("milestone", "learner", "what")]
        try:
            if "withdraw" in request.POST:
                disallow(leader, *asked)
                messages.success(request, _("Taken back. What somebody has read or borrowed meanwhile stays as it is."))
            else:
                allow(leader, *asked)
                messages.success(request, _("Allowed. They find it on the milestone's page."))
            return redirect("frontend:permits", slug)
        except Refusal as refusal:
            error = refusal.sentence
    context = {"page": overviews.build_permits(leader), "error": error, "asked": request.POST, "leader": leader}
    return render(request, "instructor/permits.html", context, status=400 if error else 200)


@require_safe
@login_required
@refusing
def submission(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A learner's submission as they see it, without what only they may do."""
    leader = lead(request, slug)
    found = access_member_submission(leader, pk)
    context = {
        **pages.describe_submission(found),
        "watched": found.enrolment.team or str(found.enrolment.user),
        "leader": leader,
        "excerpts": build_threads(found),
    }
    return render(request, "learner/submission.html", context)
