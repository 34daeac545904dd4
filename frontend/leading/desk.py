"""Where a cohort is created and settled: its title, what it takes, and its zone."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from frontend.leading.access import lead
from frontend.leading.forms import TermsForm, attempt
from frontend.refusing import refusing
from people.accounts.models import User
from people.cohorts.founding import Terms, found, require_founder, settle
from people.cohorts.models import Membership, Power


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def create(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    require_founder(user)
    form = TermsForm(request.POST or None)
    made: list[Membership] = []
    if request.method == "POST" and attempt(form, lambda **told: made.append(found(user, Terms(**told)))):
        messages.success(request, _("Your cohort is there. Invite its learners, or upload their roster."))
        return redirect("frontend:people", made[0].cohort.slug)
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
