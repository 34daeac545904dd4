"""What a role would still ask of the learner who reads: as an employer sees it, on all that they have shown."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from frontend.refusing import refusing
from people.accounts.models import User
from people.employers.comparing import match_oneself
from people.employers.role_files import read_ready
from people.employers.roles import find_ready


@require_safe
@login_required
def roles(request: HttpRequest) -> HttpResponse:
    return render(request, "learner/roles.html", {"ready": read_ready().values()})


@require_safe
@login_required
@refusing
def role(request: HttpRequest, role: str) -> HttpResponse:
    profile = find_ready(role)
    lines = match_oneself(cast(User, request.user), profile)
    return render(request, "learner/role.html", {"role": profile, "lines": lines})
