"""The gradebook of a cohort: what each learner's work is worth, what milestones weigh, and files to take along."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from frontend.gradebooks import build_gradebook
from frontend.leading.access import lead
from frontend.refusing import refusing
from people.cohorts.downloads import answer_gradebook
from people.cohorts.models import Membership, Power
from people.cohorts.weighing import set_weights
from people.learners.refusals import Refusal


@require_safe
@login_required
@refusing
def gradebook(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug)
    try:
        return _show(request, leader)
    except Refusal as refusal:
        return _show(request, leader, refusal, asked={})


@require_POST
@login_required
@refusing
def weights(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    given = {name: value for name, value in request.POST.dict().items() if "/" in name}
    try:
        set_weights(leader, given)
    except Refusal as refusal:
        return _show(request, leader, refusal, given=given)
    messages.success(request, _("Weighed. The totals follow at once."))
    return redirect("frontend:gradebook", slug)


@require_safe
@login_required
@refusing
def download(request: HttpRequest, slug: str, extension: str) -> HttpResponseBase:
    leader = lead(request, slug)
    try:
        return answer_gradebook(request, leader, extension)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _show(request, leader, refusal, asked={})


def _show(
    request: HttpRequest,
    leader: Membership,
    refusal: Refusal | None = None,
    asked: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> HttpResponse:
    """The page that was asked for; where that was refused, the first one, with what was refused and why."""
    page = build_gradebook(leader, request.GET.dict() if asked is None else asked, given or {})
    context = {"page": page, "leader": leader, "refusal": refusal}
    return render(request, "instructor/gradebook.html", context, status=refusal.status if refusal else 200)
