"""How somebody comes into a cohort and leaves it: each time by their own word, knowing who will see what."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.refusing import refusing
from people.accounts.models import User
from people.cohorts import members, reservations
from people.cohorts import queries as cohorts
from people.cohorts.invitations import access_invitation, require_open
from people.cohorts.invitations import join as accept
from people.cohorts.models import Invitation
from people.learners.queries import current_projects, list_enrolments
from people.learners.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation: which cohort, who leads it, what they see. Nobody comes in but by its button."""
    invitation = access_invitation(token)
    part = cohorts.find_part(request.user, invitation.cohort)
    try:
        if part is None:
            require_open(invitation)
        if request.method == "POST" and isinstance(request.user, User) and part is None:
            accept(request.user, invitation)
            messages.success(request, _("You are in. Enrol in a project when you like."))
            return redirect("frontend:membership", invitation.cohort.slug)
    except Refusal as refusal:
        context = {"cohort": invitation.cohort, "refusal": refusal}
        return render(request, "learner/not_open.html", context, status=refusal.status)
    return _show(request, invitation, part)


def _show(request: HttpRequest, invitation: Invitation, part: object) -> HttpResponse:
    cohort = invitation.cohort
    context = {
        "cohort": cohort,
        "leaders": cohorts.list_leaders(cohort),
        "projects": current_projects(cohort.project_slugs),
        "part": part,
    }
    return render(request, "learner/join.html", context)


@require_safe
@login_required
@refusing
def membership(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own part in a cohort: who leads it and what they see, its projects, and the way out."""
    user = cast(User, request.user)
    part = cohorts.access_membership(user, slug)
    enrolled = set(list_enrolments(user).values_list("project__slug", flat=True))
    projects = [(one, one.slug in enrolled) for one in current_projects(part.cohort.project_slugs)]
    context = {"part": part, "cohort": part.cohort, "leaders": cohorts.list_leaders(part.cohort), "projects": projects}
    return render(request, "learner/membership.html", context)


@require_POST
@login_required
@refusing
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    cohort = members.leave(cast(User, request.user), slug)
    told = _("You have left {cohort}. Your work stays yours, and its leaders see it no longer.")
    messages.success(request, told.format(cohort=cohort.title))
    return redirect("frontend:home")


@require_POST
@login_required
@refusing
def take_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a place that a roster keeps, or give it up."""
    user = cast(User, request.user)
    if "decline" in request.POST:
        reservations.decline(user, pk)
        messages.success(request, _("The place is given up; nobody there sees your work."))
        return redirect("frontend:home")
    part = reservations.take(user, pk)
    messages.success(request, _("You are in. Enrol in a project when you like."))
    return redirect("frontend:membership", part.cohort.slug)
