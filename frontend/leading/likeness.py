"""Likeness: to ask what submissions of a milestone share, and to look at two of them beside each other."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from frontend.leading.access import lead
from frontend.refusing import refusing
from people.cohorts.likeness import access_pair, ask, find_likeness, is_waiting, read_found
from people.cohorts.models import Membership, Power
from people.learners.comparing import COMMON_LEAST, THRESHOLD
from people.learners.queries import current_projects
from people.learners.refusals import Refusal

SKIPPED = {
    "large": gettext_lazy("larger than we read"),
    "long": gettext_lazy("has lines longer than we read"),
    "torn": gettext_lazy("is no Python that can be read"),
    "many": gettext_lazy("beyond what we read of one submission"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One milestone that can be compared, as forms name it."""

    value: str
    project: str
    title: str


def list_choices(leader: Membership) -> list[Choice]:
    projects = current_projects(leader.cohort.project_slugs)
    return [
        Choice(f"{project.slug}/{one.kind}", project.title, one.title)
        for project in projects
        for one in project.milestones.all()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def likeness(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    if request.method == "POST":
        named = request.POST.get("milestone", "")
        try:
            ask(leader, named)
        except Refusal as refusal:
            return _show(request, leader, named, refusal)
        messages.success(request, _("Asked for. A worker compares them; the list comes by itself."))
        return redirect(f"{reverse('frontend:likeness', args=[slug])}?{urlencode({'milestone': named})}")
    return _show(request, leader, request.GET.get("milestone", ""))


@require_safe
@login_required
@refusing
def pair(request: HttpRequest, slug: str, first: int, second: int) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    beside = access_pair(leader, first, second)
    context = {"leader": leader, "cohort": leader.cohort, "beside": beside, "alike": beside.alike}
    return render(request, "instructor/pair.html", context)


def _show(request: HttpRequest, leader: Membership, named: str, refusal: Refusal | None = None) -> HttpResponse:
    choices = list_choices(leader)
    chosen = next((one for one in choices if one.value == named), choices[0] if choices else None)
    row = find_likeness(leader, *chosen.value.split("/")) if chosen else None
    found = read_found(leader, row) if row else None
    context = {
        "leader": leader,
        "cohort": leader.cohort,
        "choices": choices,
        "chosen": chosen,
        "row": row,
        "waiting": row is not None and is_waiting(row, timezone.now()),
        "found": found,
        "skipped": [(work, path, SKIPPED[reason]) for work, path, reason in found.skipped] if found else [],
        "threshold": round(100 * THRESHOLD),
        "common_least": COMMON_LEAST,
        "error": refusal.sentence if refusal else "",
    }
    return render(request, "instructor/likeness.html", context, status=refusal.status if refusal else 200)
