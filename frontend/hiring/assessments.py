"""An employer's assessments: to make, to invite to, to give more time in, and to read what came of them."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.hiring.access import hire
from frontend.hiring.assessment_forms import AssessmentForm, InviteForm, MoreTimeForm
from frontend.leading.forms import attempt, make
from frontend.refusing import refusing
from frontend.reports import build_report
from people.employers import inviting
from people.employers.assessing import (
    OWN,
    Asked,
    access_assessment,
    choose_project,
    create,
    list_assessments,
    list_lent,
)
from people.employers.domain_desk import list_domain_files
from people.employers.models import Assessment, DomainFile, Invite, Post, Power
from people.employers.reporting import access_report
from people.learners.queries import current_projects
from people.learners.refusals import Refusal

PER_PAGE = 50


@require_safe
@login_required
@refusing
def assessments(request: HttpRequest, slug: str) -> HttpResponse:
    post = hire(request, slug)
    found = Paginator(list_assessments(post), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "employer/assessments.html", {**_about(post), "assessments": found})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def new_assessment(request: HttpRequest, slug: str) -> HttpResponse:
    """First of which project, and then what is asked in it."""
    post = hire(request, slug, Power.HIRE)
    named = request.GET.get("project")
    if named is None:
        return render(request, "employer/assessment_project.html", {**_about(post), "projects": current_projects()})
    project = choose_project(named)
    own = list_domain_files(post).filter(project=project, state=DomainFile.State.ACCEPTED)
    domains = [*((name, name) for name in project.domains), *((f"{OWN}{one.pk}", one.name) for one in own)]
    form = AssessmentForm(project, domains, request.POST if request.method == "POST" else None)

    def deed(**told: Any) -> Assessment:
        told["opens_at"] = told["opens_at"] or timezone.now()
        return create(post, Asked(project=project.slug, **told))

    if request.method == "POST" and (made := make(form, deed)):
        messages.success(request, _("The assessment is made. Invite candidates, each by a link of their own."))
        return redirect("frontend:assessment", slug, made.pk)
    context = {**_about(post), "project": project, "form": form}
    return render(request, "employer/new_assessment.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def assessment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One assessment: what it asks, who was invited and where each stands; and to invite one more."""
    post = hire(request, slug, Power.HIRE if request.method == "POST" else Power.READ)
    found = access_assessment(post, pk)
    form = InviteForm(request.POST if request.method == "POST" else None)

    def deed(days: int, **told: Any) -> None:
        inviting.invite(post, found, expires_at=timezone.now() + timedelta(days=days), **told)

    if request.method == "POST" and attempt(form, deed):
        messages.success(request, _("The link is in the list. Send it to this one candidate."))
        return redirect("frontend:assessment", slug, pk)
    return _show(request, post, found, 400 if form.errors else 200, form=form)


@require_POST
@login_required
@refusing
def revoke_invite(request: HttpRequest, slug: str, pk: int, invite: int) -> HttpResponse:
    post = hire(request, slug, Power.HIRE)
    found = access_assessment(post, pk)
    try:
        inviting.revoke(post, inviting.access_invite(found, invite))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _show(request, post, found, refusal.status, error=refusal.advice)
    messages.success(request, _("Taken back: nobody begins by this link."))
    return redirect("frontend:assessment", slug, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def more_time(request: HttpRequest, slug: str, pk: int, invite: int) -> HttpResponse:
    """Give one candidate more time, and see what was given."""
    post = hire(request, slug, Power.HIRE)
    found = access_assessment(post, pk)
    one = inviting.access_invite(found, invite)
    form = MoreTimeForm(request.POST if request.method == "POST" else None)

    def deed(**told: Any) -> None:
        told = {name: value or 0 for name, value in told.items() if name != "reason"} | {"reason": told["reason"]}
        inviting.give_time(post, one, **told)

    if request.method == "POST" and attempt(form, deed):
        messages.success(request, _("Given. The candidate reads it, and the reason, beside the end of the box."))
        return redirect("frontend:assessment", slug, pk)
    context = {**_about(post), "assessment": found, "invite": one, "form": form}
    return render(request, "employer/more_time.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
@refusing
def assessment_report(request: HttpRequest, slug: str, pk: int, invite: int) -> HttpResponse:
    post = hire(request, slug)
    page = build_report(access_report(access_assessment(post, pk), invite))
    context = {**_about(post), "assessment": page.report.assessment, "page": page}
    return render(request, "employer/assessment_report.html", context)


def _about(post: Post) -> dict[str, object]:
    return {"post": post, "employer": post.employer}


def _show(request: HttpRequest, post: Post, found: Assessment, status: int, **more: object) -> HttpResponse:
    invites = Paginator(inviting.list_invites(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **_about(post),
        "assessment": found,
        "lent": list_lent(found),
        "form": InviteForm(),
        "page": invites,
        "invites": [(one, _address(request, one)) for one in invites],
        **more,
    }
    return render(request, "employer/assessment.html", context, status=status)


def _address(request: HttpRequest, invite: Invite) -> str:
    return request.build_absolute_uri(reverse("frontend:invited", args=[inviting.sign(invite)]))
