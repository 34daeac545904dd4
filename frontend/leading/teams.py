"""The teams of a cohort: who works together at what, and letting people in and out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from frontend.leading.access import lead
from frontend.refusing import refusing
from people.cohorts.models import Membership, Power
from people.cohorts.queries import list_learners
from people.cohorts.teams import form_team, let_in, let_out, list_teams
from people.learners.queries import current_projects
from people.learners.refusals import Refusal
from people.learners.sharing import LARGEST_TEAM


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def teams(request: HttpRequest, slug: str) -> HttpResponse:
    """The teams as they are, and a form for another, beside which is said what is refused."""
    posted = request.method == "POST"
    leader = lead(request, slug, Power.LEAD if posted else Power.LOOK)
    if posted:
        try:
            asked = (request.POST.get("project", ""), request.POST.get("name", ""), request.POST.getlist("learners"))
            made = form_team(leader, *asked)
        except Refusal as refusal:
            return _show(request, leader, refusal)
        messages.success(request, _("{team} works together from now on.").format(team=made.team))
        return redirect("frontend:teams", slug)
    return _show(request, leader)


@require_POST
@login_required
@refusing
def change_team(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    try:
        if "leaves" in request.POST:
            let_out(leader, pk, request.POST["leaves"])
        else:
            let_in(leader, pk, request.POST.get("joins", ""))
    except Refusal as refusal:
        if refusal.status == 404 and refusal.field == "team":
            raise
        return _show(request, leader, refusal, team=pk)
    messages.success(request, _("The team has changed. What was handed in stays with those whose work it is."))
    return redirect("frontend:teams", slug)


def _show(request: HttpRequest, leader: Membership, refusal: Refusal | None = None, team: int = 0) -> HttpResponse:
    context = {
        "leader": leader,
        "teams": list_teams(leader),
        "projects": current_projects(leader.cohort.project_slugs),
        "learners": list_learners(leader),
        "most": LARGEST_TEAM,
        "may_change": leader.power is not None and leader.power >= Power.LEAD,
        "error": refusal.advice if refusal else "",
        "error_of": team,
        "asked": request.POST,
        "chosen": request.POST.getlist("learners"),
    }
    return render(request, "instructor/teams.html", context, status=refusal.status if refusal else 200)
