"""Whom an employer considers: the links that learners sent it, each beside a role, or several beside each other."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.hiring.access import hire
from frontend.hiring.forms import CandidateForm, NoteForm
from frontend.leading.forms import attempt, make
from frontend.refusing import refusing
from people.employers import candidates as keeping
from people.employers import roles
from people.employers.comparing import compare_candidates, match_candidate
from people.employers.models import Candidate, Post, Power


@require_safe
@login_required
@refusing
def candidates(request: HttpRequest, slug: str) -> HttpResponse:
    return show(request, hire(request, slug), CandidateForm())


def show(request: HttpRequest, post: Post, form: CandidateForm, status: int = 200) -> HttpResponse:
    kept = keeping.list_kept(post)
    if request.GET.get("sort") == "name":
        kept = sorted(kept, key=lambda one: (one.note or one.name).casefold())
    context = {"post": post, "employer": post.employer, "kept": kept, "form": form}
    return render(request, "employer/candidates.html", context, status=status)


@require_POST
@login_required
@refusing
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    post = hire(request, slug, Power.HIRE)
    form = CandidateForm(request.POST)
    made = make(form, lambda link, note: keeping.keep_candidate(post, link, note))
    if made is None:
        return show(request, post, form, 400)
    messages.success(request, _("Kept. Whoever sent the link sees that you opened it."))
    return redirect("frontend:candidate", slug, made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def candidate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What a candidate shows, beside a role; the employer's note on them; and to let go of them."""
    post = hire(request, slug, Power.HIRE if request.method == "POST" else Power.READ)
    found = keeping.access_candidate(post, pk)
    if "drop" in request.POST:
        keeping.drop_candidate(post, pk)
        messages.success(request, _("Let go. The link is theirs as before."))
        return redirect("frontend:employer", slug)
    form = NoteForm(request.POST or None, initial={"note": found.note})
    if request.method == "POST" and attempt(form, lambda note: keeping.amend_candidate(post, pk, note)):
        messages.success(request, _("Kept."))
        return redirect("frontend:candidate", slug, pk)
    context = _tell_candidate(post, found, request.GET.get("role", ""))
    return render(request, "employer/candidate.html", {**context, "form": form}, status=400 if form.errors else 200)


def _tell_candidate(post: Post, found: Candidate, named: str) -> dict[str, Any]:
    profiles = roles.list_profiles(post)
    profile = roles.find_profile(post, named) if named else profiles[0]
    matched = match_candidate(post, found, profile)
    told = {"post": post, "employer": post.employer, "candidate": keeping.tell_kept(found)}
    return {**told, "profiles": profiles, "role": profile, "matched": matched}


@require_safe
@login_required
@refusing
def compare(request: HttpRequest, slug: str, role: str) -> HttpResponse:
    """Several candidates side by side, on what they shared, in the order in which they are named."""
    post = hire(request, slug)
    profile = roles.find_profile(post, role)
    chosen = keeping.choose_candidates(post, request.GET.getlist("candidate"))
    table = compare_candidates(post, chosen, profile)
    context = {"post": post, "employer": post.employer, "role": profile, "table": table}
    return render(request, "employer/compare.html", context)
