"""Where people look after their account: the tokens that stand for them on a command line."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from people.accounts.models import AccessToken, User
from people.accounts.tokens import issue_token, revoke_token
from people.learners.queries import current_projects, list_enrolments

LONGEST_NAME = AccessToken._meta.get_field("name").max_length or 60


def example_project(user: User) -> str:
    """A slug for the instructions: what this user works on, or what they could."""
    enrolment = list_enrolments(user).first()
    project = enrolment.project if enrolment else current_projects().first()
    return project.slug if project else "chargeback-watch"


def show(request: HttpRequest, status: int = 200, **more: str) -> HttpResponse:
    context = {
        "tokens": cast(User, request.user).tokens.all(),
        "server": request.build_absolute_uri("/").rstrip("/"),
        "example": example_project(cast(User, request.user)),
        **more,
    }
    return render(request, "learner/account.html", context, status=status)


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    return show(request)


@require_POST
@login_required
@never_cache
def create_token(request: HttpRequest) -> HttpResponse:
    """The page once more, with the new token in it: it is in this one answer and nowhere else."""
    name = request.POST.get("name", "").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        sentence = _("Give the token a name of 1 to %(most)s characters, such as “my laptop”.")
        return show(request, status=400, form_error=sentence % {"most": LONGEST_NAME})
    return show(request, status=201, new_token=issue_token(cast(User, request.user), name))


@require_POST
@login_required
def withdraw_token(request: HttpRequest, pk: int) -> HttpResponse:
    if revoke_token(cast(User, request.user), pk):
        messages.success(request, _("The token is taken back; what used it is signed out."))
    return redirect("frontend:account")
