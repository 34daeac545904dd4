"""What a learner sees of what they have shown: their skills, a project's story, and what they write for level 5."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum.skills import read_skills
from frontend.forms import RationaleForm
from frontend.leading.forms import attempt
from frontend.profiles import build_skill, build_skills
from frontend.refusing import refusing
from people.accounts.models import User
from people.employers.countersigning import ask, list_rationales, withdraw
from people.employers.queries import read_skill_levels
from people.employers.stories import read_story
from people.learners.queries import list_enrolments


@require_safe
@login_required
def skills(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    projects = [one.project for one in list_enrolments(user)]
    return render(request, "learner/skills.html", {"page": build_skills(user), "projects": projects})


@require_safe
@login_required
@refusing
def story(request: HttpRequest, slug: str) -> HttpResponse:
    """How the reader came through one project, milestone by milestone."""
    return render(request, "learner/story.html", {"story": read_story(cast(User, request.user), slug), "own": True})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def rationale(request: HttpRequest, skill: str) -> HttpResponse:
    """What the reader writes of a skill for level 5, and what was said to it."""
    user = cast(User, request.user)
    if skill not in read_skills():
        raise Http404
    asked = [one for one in list_rationales(user) if one.skill == skill]
    form = RationaleForm(request.POST or None, initial={"text": asked[0].text if asked else ""})
    if request.method == "POST" and attempt(form, lambda text: ask(user, skill, text)):
        messages.success(request, _("Asked. Whoever leads you finds it on their cohort's page."))
        return redirect("frontend:rationale", skill)
    [level] = [one for one in read_skill_levels(user) if one.skill == skill]
    context = {"form": form, "line": build_skill(level, links=True), "asked": asked}
    return render(request, "learner/rationale.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
@refusing
def withdraw_rationale(request: HttpRequest, pk: int) -> HttpResponse:
    found = withdraw(cast(User, request.user), pk)
    messages.success(request, _("Withdrawn: nobody reads it any more, and it counts for nothing."))
    return redirect(reverse("frontend:rationale", args=[found.skill]))
