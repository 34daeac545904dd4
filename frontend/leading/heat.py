"""Who of a cohort is stuck, on which check and why: the heat map, what stops most, who may need somebody."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontend import heatmaps
from frontend.leading.access import lead
from frontend.refusing import refusing
from people.cohorts.checked import read_checked
from people.cohorts.heat import (
    Wish,
    access_person,
    choose_kind,
    choose_project,
    list_enrolments,
    list_people,
    list_projects,
    parse_wish,
    read_one,
    read_whole,
)
from people.cohorts.models import Membership, Power
from people.cohorts.risks import read_at_risk
from people.cohorts.signals import read_thresholds, set_thresholds
from people.cohorts.stoppers import rank_stoppers, read_refused
from people.learners.refusals import Refusal


@require_safe
@login_required
@refusing
def cohort(request: HttpRequest, slug: str) -> HttpResponse:
    """Where each learner stands: of a small cohort in every project, of a large one in one project at a time."""
    leader = lead(request, slug)
    asked = {name: str(value) for name, value in request.GET.items() if value}
    people, projects = list_people(leader), list_projects(leader)
    shown = projects
    if projects and ("project" in asked or len(people) > heatmaps.SMALL):
        shown = [choose_project(projects, asked.get("project", ""))]
    sections = sorted({person.section for person in people if person.section})
    kinds = list(dict.fromkeys(one.kind for project in shown for one in project.milestones.all()))
    wish, error = Wish(), ""
    try:
        wish = parse_wish(asked, sections, kinds)
    except Refusal as refusal:
        asked, error = {}, refusal.sentence
    page = asked.get("page", "1")
    context = {
        "leader": leader,
        "parts": [
            heatmaps.build_part(leader.cohort, read_whole(leader, project, people), wish, page, asked)
            for project in shown
        ],
        "projects": projects,
        "chosen": asked.get("project", ""),
        "choices": heatmaps.list_choices(wish, sections, kinds),
        "wish": wish,
        "error": error,
        "size": len(people),
    }
    return render(request, "instructor/cohort.html", context, status=400 if error else 200)


@require_safe
@login_required
@refusing
def learner(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    """One learner's row, with what stops them and the way to each submission."""
    leader = lead(request, slug)
    project = choose_project(list_projects(leader), request.GET.get("project", ""))
    person = access_person(leader, username)
    context = heatmaps.show_learner(leader.cohort, project, person, read_one(project, person))
    return render(request, "instructor/learner.html", {**context, "leader": leader})


@require_safe
@login_required
@refusing
def checks(request: HttpRequest, slug: str, project: str, kind: str) -> HttpResponse:
    """The checks of one milestone, over all learners."""
    leader = lead(request, slug)
    found = choose_project(list_projects(leader), project)
    milestone = choose_kind(found, kind)
    checked = read_checked(leader, found, milestone, list_people(leader))
    part = heatmaps.build_checked(leader.cohort, found, checked, request.GET.get("page", "1"))
    context = {"leader": leader, "project": found, "milestone": milestone, "part": part}
    return render(request, "instructor/checks.html", context)


@require_safe
@login_required
@refusing
def stoppers(request: HttpRequest, slug: str) -> HttpResponse:
    """The checks that stop this cohort, those that stop most first."""
    leader = lead(request, slug)
    projects = list_projects(leader)
    context: dict[str, Any] = {"leader": leader, "projects": projects}
    if projects:
        project = choose_project(projects, request.GET.get("project", ""))
        heat = read_whole(leader, project, list_people(leader))
        ranked = rank_stoppers(heat, read_refused(list_enrolments(leader, project.slug)))
        shown = heatmaps.show_stoppers(leader.cohort, project, ranked)
        context |= {"project": project, "stoppers": shown, "size": len(heat.rows)}
    return render(request, "instructor/stoppers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def at_risk(request: HttpRequest, slug: str) -> HttpResponse:
    """Who may need somebody, and by which signals; to set what rings, one must lead."""
    leader = lead(request, slug, Power.LEAD if request.method == "POST" else Power.LOOK)
    error = field = ""
    if request.method == "POST":
        try:
            set_thresholds(leader, request.POST.dict())
            messages.success(request, _("The signals are set. The list below goes by them."))
            return redirect("frontend:cohort_at_risk", slug)
        except Refusal as refusal:
            error, field = refusal.sentence, refusal.field
    listed = read_at_risk(leader)
    context = {
        "leader": leader,
        "page": Paginator(listed, heatmaps.SMALL).get_page(request.GET.get("page", "1")),
        "foremost": listed[: heatmaps.FOREMOST_AT_RISK],
        **heatmaps.show_thresholds(read_thresholds(leader.cohort), request.POST.dict() if error else None),
        "error": error,
        "field": field,
        "may_set": leader.power is not None and leader.power >= Power.LEAD,
    }
    return render(request, "instructor/at_risk.html", context, status=400 if error else 200)


def _lead(request: HttpRequest, slug: str) -> Membership:
    return lead(request, slug)
