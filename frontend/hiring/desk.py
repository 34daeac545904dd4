"""Where an employer is created and named, and what was done for it."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontend.hiring.access import find_posts, hire
from frontend.hiring.forms import NamingForm
from frontend.leading.forms import attempt, make
from frontend.refusing import refusing
from people.accounts.models import User
from people.employers.desks import list_lines
from people.employers.founding import Naming, found, may_found, require_founder, settle
from people.employers.models import Power

PER_PAGE = 100


@require_safe
@login_required
def employers(request: HttpRequest) -> HttpResponse:
    context = {"posts": find_posts(request), "may_found": may_found(cast(User, request.user))}
    return render(request, "employer/employers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def create(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    require_founder(user)
    form = NamingForm(request.POST or None)
    if request.method == "POST" and (made := make(form, lambda **told: found(user, Naming(**told)))):
        find_posts(request)
        messages.success(request, _("Your desk is there. Say what a role needs, or keep a link that a candidate sent."))
        return redirect("frontend:employer", made.employer.slug)
    return render(request, "employer/new.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    post = hire(request, slug, Power.OWN)
    form = NamingForm(request.POST or None, post.employer)
    if request.method == "POST" and attempt(form, lambda **told: settle(post, Naming(**told))):
        messages.success(request, _("Kept."))
        return redirect("frontend:employer_settings", slug)
    context = {"form": form, "post": post, "employer": post.employer}
    return render(request, "employer/settings.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
@refusing
def diary(request: HttpRequest, slug: str) -> HttpResponse:
    post = hire(request, slug)
    lines = Paginator(list_lines(post), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "employer/diary.html", {"post": post, "employer": post.employer, "lines": lines})
