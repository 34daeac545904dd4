"""Another edition for a cohort: what it asks otherwise, who would move up or down in it, and who moves over."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from frontend import regrades
from frontend.leading.access import lead
from frontend.refusing import refusing
from people.cohorts import regrading
from people.cohorts.models import Membership, Power
from people.learners.refusals import Refusal


@require_safe
@login_required
@refusing
def projects(request: HttpRequest, slug: str) -> HttpResponse:
    """The cohort's projects, and in which of them learners are behind the current edition."""
    leader = lead(request, slug, Power.LEAD)
    return render(request, "instructor/regrades.html", {"leader": leader, "lines": regrades.build_lines(leader)})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def regrade(request: HttpRequest, slug: str, project: str) -> HttpResponse:
    """One project: to read what changed and who moves, to begin, to apply and to drop."""
    leader = lead(request, slug, Power.LEAD)
    error, status = "", 200
    if request.method == "POST":
        try:
            messages.success(request, act(request, leader, project))
            return redirect("frontend:regrade", slug, project)
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            error, status = refusal.advice, refusal.status
    page = regrades.build_page(leader, project, request.GET.get("since", ""), request.GET.get("page", "1"))
    context = {"leader": leader, "page": page, "body": page.body, "error": error, "asked": request.POST}
    return render(request, "instructor/regrade.html", context, status=status)


@require_safe
@login_required
@refusing
def progress(request: HttpRequest, slug: str, project: str) -> HttpResponse:
    """How far it is, when that has changed since the reader last saw it."""
    leader = lead(request, slug, Power.LEAD)
    body = regrades.build_body(leader, project)
    if request.GET.get("seen") == body.mark:
        return HttpResponse(status=204)
    return render(request, "instructor/regrade_body.html", {"leader": leader, "body": body})


def act(request: HttpRequest, leader: Membership, project: str) -> str:
    """Do what was asked for, and say so."""
    if "begin" in request.POST:
        regrading.begin(leader, project)
        return _("The work of your cohort is being judged in the other edition. Nobody's record changes by it.")
    if "sure" not in request.POST:
        raise Refusal("not-sure", "sure", _("Tick that you have read what will happen, and ask again."))
    if "drop" in request.POST:
        count = regrading.drop(leader, project)
        told = ngettext("{number} learner stays where they are.", "{number} learners stay where they are.", count)
        return told.format(number=count)
    applied = regrading.apply(leader, project, request.POST.get("policy", ""))
    told = ngettext("{moved} learner moved over.", "{moved} learners moved over.", applied.moved)
    return told.format(moved=applied.moved)
