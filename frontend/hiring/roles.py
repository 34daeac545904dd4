"""What an employer's roles need: to see, to write by form or as a file, to import, to copy, and to change."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.hiring.access import hire
from frontend.hiring.role_forms import OccupationForm, ProfileForm, UploadForm
from frontend.leading.forms import attempt, make
from frontend.refusing import refusing
from people.employers import roles
from people.employers.candidates import list_kept
from people.employers.models import Post, Power
from people.employers.occupations import Occupation, find_occupation, read_occupations
from people.employers.role_files import Profile, parse_profile, read_ready, write_yaml
from people.learners.refusals import Refusal

READS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
@refusing
def role_list(request: HttpRequest, slug: str) -> HttpResponse:
    post = hire(request, slug)
    context = {"post": post, "employer": post.employer, "own": roles.list_roles(post), "ready": read_ready().values()}
    return render(request, "employer/roles.html", context)


@require_safe
@login_required
@refusing
def role(request: HttpRequest, slug: str, role: str) -> HttpResponse:
    """What the role needs, and whom to set beside it."""
    post = hire(request, slug)
    profile = roles.find_profile(post, role)
    context = {"post": post, "employer": post.employer, "role": profile, "kept": list_kept(post)}
    return render(request, "employer/role.html", context)


@require_http_methods(READS)
@login_required
@refusing
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """By form; filled in from an ESCO occupation, where one is named."""
    post = hire(request, slug, Power.HIRE)
    found, occupation_form = _read_occupation(request)
    form = ProfileForm(request.POST or None, found.profile if found else None)
    if request.method == "POST" and (made := make(form, lambda profile: roles.keep_role(post, profile))):
        messages.success(request, _("The role is there."))
        return redirect("frontend:role", slug, made.slug)
    context = {"form": form, "occupation": found, "occupation_form": occupation_form, "known": read_occupations()}
    return _show_form(request, post, "employer/role_new.html", context, form.errors or occupation_form.errors)


def _read_occupation(request: HttpRequest) -> tuple[Occupation | None, OccupationForm]:
    if "occupation" not in request.GET:
        return None, OccupationForm()
    found: list[Occupation] = []
    form = OccupationForm(request.GET)
    attempt(form, lambda occupation: found.append(find_occupation(occupation)))
    return (found[0] if found else None), form


@require_http_methods(READS)
@login_required
@refusing
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """As YAML, from a file or pasted."""
    post = hire(request, slug, Power.HIRE)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and (made := make(form, lambda **told: _keep_file(post, **told))):
        messages.success(request, _("The role is there."))
        return redirect("frontend:role", slug, made)
    example = write_yaml(next(iter(read_ready().values())))
    return _show_form(request, post, "employer/role_upload.html", {"form": form, "example": example}, form.errors)


def _keep_file(post: Post, yaml: str, file: Any = None) -> str:
    try:
        return roles.keep_role(post, parse_profile(yaml)).slug
    except Refusal as refusal:
        raise Refusal(refusal.code, "yaml", refusal.advice, refusal.status) from refusal


@require_http_methods(READS)
@login_required
@refusing
def edit(request: HttpRequest, slug: str, role: str) -> HttpResponse:
    """Change one of the employer's own, or delete it."""
    post = hire(request, slug, Power.HIRE)
    found = roles.access_role(post, role)
    if "delete" in request.POST:
        roles.delete_role(post, role)
        messages.success(request, _("The role is deleted. Your candidates are not touched by that."))
        return redirect("frontend:roles", slug)
    form = ProfileForm(request.POST or None, roles.tell_profile(found))
    if request.method == "POST" and attempt(form, lambda profile: roles.change_role(post, role, profile)):
        messages.success(request, _("Kept."))
        return redirect("frontend:role", slug, role)
    return _show_form(request, post, "employer/role_edit.html", {"form": form, "role": found}, form.errors)


@require_POST
@login_required
@refusing
def copy(request: HttpRequest, slug: str, role: str) -> HttpResponse:
    """One of the employer's own, as a role that comes with Milepost or another one is."""
    post = hire(request, slug, Power.HIRE)
    made = roles.keep_role(post, roles.find_profile(post, role))
    messages.success(request, _("Copied: this one is yours to change."))
    return redirect("frontend:role", slug, made.slug)


@require_safe
@login_required
@refusing
def export(request: HttpRequest, slug: str, role: str) -> HttpResponse:
    profile: Profile = roles.find_profile(hire(request, slug), role)
    answer = HttpResponse(write_yaml(profile), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{profile.slug}.yaml"'
    return answer


def _show_form(
    request: HttpRequest, post: Post, template: str, context: dict[str, Any], errors: object
) -> HttpResponse:
    context = {"post": post, "employer": post.employer, **context}
    return render(request, template, context, status=400 if errors else 200)
