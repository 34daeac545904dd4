"""Where a cohort is created and settled: its title, what it takes, and its zone."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from frontend.leading.access import lead
from frontend.leading.forms import TermsForm, attempt, make
from frontend.refusing import refusing
from people.accounts.models import User
from people.cohorts.archiving import access_owned, archive, bring_back
from people.cohorts.founding import Terms, found, require_founder, settle
from people.cohorts.models import Power


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def create(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    require_founder(user)
    form = TermsForm(request.POST or None)
    if request.method == "POST" and (made := make(form, lambda **told: found(user, Terms(**told)))):
        messages.success(request, _("Your cohort is there. Invite its learners, or upload their roster."))
        return redirect("frontend:people", made.cohort.slug)
    return render(request, "instructor/new.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.OWN)
    form = TermsForm(request.POST or None, leader.cohort)
    if request.method == "POST" and attempt(form, lambda **told: settle(leader, Terms(**told))):
        messages.success(request, _("Kept."))
        return redirect("frontend:cohort_settings", slug)
    context = {"form": form, "leader": leader, "cohort": leader.cohort}
    return render(request, "instructor/settings.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
@refusing
def put_away(request: HttpRequest, slug: str) -> HttpResponse:
    """Archive a cohort, or bring it back."""
    owner = access_owned(cast(User, request.user), slug)
    if "back" in request.POST:
        bring_back(owner)
        messages.success(request, _("It is back, as it was."))
        return redirect("frontend:cohort", slug)
    archive(owner)
    messages.success(request, _("Archived: it can be read below, and its learners keep all that they have."))
    return redirect("frontend:cohorts")
