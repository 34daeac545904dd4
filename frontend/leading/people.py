"""Who leads a cohort and who learns in it: to see, to appoint, to sort into sections, to amend and to remove."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.leading.access import lead
from frontend.leading.forms import LeaderForm, MemberForm, SectionForm, attempt
from frontend.refusing import refusing
from people.cohorts import leaders, members, reservations, sections
from people.cohorts.models import Membership, Power
from people.cohorts.queries import (
    access_leader,
    access_member,
    list_leaders,
    list_reservations,
    list_sections,
    search_members,
)
from people.learners.refusals import Refusal

PER_PAGE = 100


@require_safe
@login_required
@refusing
def people(request: HttpRequest, slug: str) -> HttpResponse:
    return show(request, lead(request, slug))


def show(request: HttpRequest, leader: Membership, status: int = 200, **more: Any) -> HttpResponse:
    """The page of the cohort's people, as this leader sees them."""
    parts = list_sections(leader.cohort)
    titles = [part.title for part in parts]
    wanted = {name: request.GET.get(name, "") for name in ("q", "section")}
    found = search_members(leader, wanted["q"], wanted["section"])
    kept = list_reservations(leader, wanted["q"], wanted["section"])
    context = {
        "leader": leader,
        "cohort": leader.cohort,
        "leaders": [(one, LeaderForm(titles, leader=one)) for one in list_leaders(leader.cohort)],
        "sections": parts,
        "learners": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "reserved": list(kept[:PER_PAGE]),
        "reserved_count": kept.count(),
        "wanted": wanted,
        "leader_form": LeaderForm(titles),
        "section_form": SectionForm(),
        **more,
    }
    return render(request, "instructor/people.html", context, status=status)


def act(request: HttpRequest, leader: Membership, done: str, deed: Callable[[], object]) -> HttpResponse:
    """Do it and say so, or say on the page of people why not."""
    try:
        deed()
    except Refusal as refusal:
        return show(request, leader, refusal.status, error=refusal.sentence)
    messages.success(request, done)
    return redirect("frontend:people", leader.cohort.slug)


def list_titles(leader: Membership) -> list[str]:
    return [section.title for section in leader.cohort.sections.all()]


@require_POST
@login_required
@refusing
def appoint(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.OWN)
    form = LeaderForm(list_titles(leader), request.POST)

    def deed(account: str, role: str, sections: list[str]) -> None:
        leaders.appoint(leader, account, role, sections)

    if not attempt(form, deed):
        return show(request, leader, 400, leader_form=form)
    messages.success(request, _("They lead this cohort from now on, and find it on their start page."))
    return redirect("frontend:people", slug)


@require_POST
@login_required
@refusing
def leader(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    """Change somebody's role, or let them lead no longer."""
    me = lead(request, slug, Power.OWN)
    other = access_leader(me, username)
    if "dismiss" in request.POST:
        return act(request, me, _("They lead this cohort no longer."), lambda: leaders.dismiss(me, username))
    form = LeaderForm(list_titles(me), request.POST, other)
    role, named = request.POST.get(form.add_prefix("role"), ""), request.POST.getlist(form.add_prefix("sections"))
    return act(request, me, _("The role is changed."), lambda: leaders.reappoint(me, username, role, named))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def member(request: HttpRequest, slug: str, username: str) -> HttpResponse:
    """A learner's section, external id and extra time; or the end of their part."""
    leader = lead(request, slug, Power.LEAD)
    found = access_member(leader, username)
    if "remove" in request.POST:
        told = _("Removed. Their work and their evidence stay theirs; nobody here sees them any longer.")
        return act(request, leader, told, lambda: members.remove(leader, username))
    form = MemberForm(list_titles(leader), found, request.POST or None)
    if request.method == "POST" and attempt(form, lambda **told: members.amend(leader, username, **told)):
        messages.success(request, _("Kept."))
        return redirect("frontend:people", slug)
    context = {"leader": leader, "cohort": leader.cohort, "member": found, "form": form}
    return render(request, "instructor/member.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
@refusing
def open_section(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    form = SectionForm(request.POST)
    if not attempt(form, lambda title: sections.open_section(leader, title)):
        return show(request, leader, 400, section_form=form)
    messages.success(request, _("The section is there."))
    return redirect("frontend:people", slug)


@require_POST
@login_required
@refusing
def section(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Rename a section, or close it."""
    leader = lead(request, slug, Power.LEAD)
    sections.access_section(leader, pk)
    if "close" in request.POST:
        told = _("The section is closed; its learners are in no section now.")
        return act(request, leader, told, lambda: sections.close_section(leader, pk))
    title = request.POST.get("title", "")
    return act(request, leader, _("The section is renamed."), lambda: sections.rename_section(leader, pk, title))


@require_POST
@login_required
@refusing
def reservation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give up a place that a roster keeps."""
    leader = lead(request, slug, Power.LEAD)
    reservations.cancel(leader, pk)
    messages.success(request, _("The place is kept no longer."))
    return redirect("frontend:people", slug)
