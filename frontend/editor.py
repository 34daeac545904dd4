"""What a learner sees and does in the browser editor: files, saves, checks, differences. Runs none of their code."""

import secrets
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import pages
from frontend.desks import Desk, build_desk, build_refused_desk, choose_first, find_last
from frontend.diffs import compare_commits
from frontend.refusing import refusing
from frontend.rehearsals import build_rehearsal, mark_rehearsal, write_note
from frontend.security import HEADER, POLICY, build_policy
from people.accounts.models import User
from people.learners import intake, previews, queries, rehearsing, saving
from people.learners.models import Enrolment
from people.learners.refusals import Refusal
from people.learners.repositories import Entry, find_first, open_repository, read_head

STARTER, SUBMISSION = "starter", "submission"


def access(request: HttpRequest, slug: str) -> Enrolment:
    """The reader's own enrolment; every view below is behind log-in."""
    return queries.access_enrolment(cast(User, request.user), slug)


def show(request: HttpRequest, desk: Desk, status: int = 200, **more: str) -> HttpResponse:
    """The editor's page; the library may style what it draws, in this answer alone."""
    nonce = secrets.token_urlsafe(16)
    answer = render(request, "editor/desk.html", {"desk": desk, "nonce": nonce, **more}, status=status)
    answer[HEADER] = build_policy({**POLICY, "style-src": ["'self'", f"'nonce-{nonce}'"]})
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
@never_cache
def edit(request: HttpRequest, slug: str, path: str) -> HttpResponse:
    """One file, to be read and changed; a file that is not there can be begun."""
    enrolment = access(request, slug)
    if request.method == "POST":
        return save(request, enrolment, path)
    desk = build_desk(enrolment, path)
    return show(request, desk, status=200 if desk.base else 404)


@require_safe
@login_required
@refusing
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the file that the next milestone begins in."""
    return redirect("frontend:edit", slug, find_first_file(access(request, slug)))


def find_first_file(enrolment: Enrolment) -> str:
    files = saving.list_files(open_repository(enrolment))
    return choose_first(enrolment.project, files, intake.choose_kind(enrolment))


def save(request: HttpRequest, enrolment: Enrolment, path: str) -> HttpResponse:
    """Save the text, and check it or hand it in if that was the button. The page's script asks for JSON, and stays."""
    text, base = request.POST.get("text", ""), request.POST.get("base", "")
    try:
        entry = saving.save_file(enrolment, path, base, text)
    except Refusal as refusal:
        if request.accepts("text/html"):
            return show(request, build_refused_desk(enrolment, path, base, text, refusal), refusal.status)
        return JsonResponse({"code": refusal.code, "sentence": refusal.advice}, status=refusal.status)
    if kind := request.POST.get("check", ""):
        return save_and_check(request, enrolment, entry, kind)
    if kind := request.POST.get("hand_in", ""):
        return hand_in(request, enrolment, path, kind)
    if not request.accepts("text/html"):
        return JsonResponse({"base": entry.name})
    messages.success(request, _("Saved."))
    return redirect("frontend:edit", enrolment.project.slug, entry.path)


def save_and_check(request: HttpRequest, enrolment: Enrolment, entry: Entry, kind: str) -> HttpResponse:
    """What was saved just now is saved, whatever is said of checking it."""
    is_page = request.accepts("text/html")
    try:
        rehearsing.rehearse_saved(enrolment, kind)
    except Refusal as refusal:
        if is_page:
            return show_refused(request, enrolment, entry.path, refusal)
        told = {"code": refusal.code, "sentence": refusal.advice, "base": entry.name}
        return JsonResponse(told, status=refusal.status)
    return redirect_to_check(enrolment, entry.path) if is_page else JsonResponse({"base": entry.name})


def redirect_to_check(enrolment: Enrolment, path: str) -> HttpResponse:
    """To the answers; `path` is the file to go back to from there."""
    address = reverse("frontend:check", args=[enrolment.project.slug])
    return redirect(f"{address}?file={quote(path)}" if path else address)


def hand_in(request: HttpRequest, enrolment: Enrolment, path: str, kind: str) -> HttpResponse:
    """All files as they were saved last, for this milestone; then to the page where the judging is watched."""
    before = find_last(enrolment)
    try:
        run = intake.submit_saved(enrolment, kind)
    except Refusal as refusal:
        return show_refused(request, enrolment, path, refusal)
    if before and run.submission_id <= before.pk:
        messages.info(request, _("You have handed in these very files before; they are not judged again."))
    return redirect("frontend:submission", run.submission_id)


@require_POST
@login_required
@refusing
def create(request: HttpRequest, slug: str) -> HttpResponse:
    enrolment, path = access(request, slug), request.POST.get("path", "").strip()
    try:
        entry = saving.save_file(enrolment, path, "", "")
    except Refusal as refusal:
        opened = request.POST.get("from") or find_first_file(enrolment)
        return show_refused(request, enrolment, opened, refusal, new_path=path)
    return redirect("frontend:edit", slug, entry.path)


@require_POST
@login_required
@refusing
def move(request: HttpRequest, slug: str) -> HttpResponse:
    enrolment, path, to = access(request, slug), request.POST.get("path", ""), request.POST.get("to", "").strip()
    try:
        entry = saving.move_file(enrolment, path, request.POST.get("base", ""), to)
    except Refusal as refusal:
        return show_refused(request, enrolment, path, refusal, to=to)
    messages.success(request, _("%(path)s is now %(to)s.") % {"path": path, "to": entry.path})
    return redirect("frontend:edit", slug, entry.path)


@require_POST
@login_required
@refusing
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    enrolment, path = access(request, slug), request.POST.get("path", "")
    try:
        saving.remove_file(enrolment, path, request.POST.get("base", ""))
    except Refusal as refusal:
        return show_refused(request, enrolment, path, refusal)
    messages.success(request, _("%(path)s is removed. Your earlier commits keep it.") % {"path": path})
    return redirect("frontend:begin", slug)


def show_refused(request: HttpRequest, enrolment: Enrolment, path: str, refusal: Refusal, **more: str) -> HttpResponse:
    answer = show(request, build_desk(enrolment, path), refusal.status, form_error=refusal.advice, **more)
    if refusal.retry_after:
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


@require_safe
@login_required
@refusing
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What the files saved last change of the starter, or of what was handed in last."""
    enrolment = access(request, slug)
    repository, last = open_repository(enrolment), find_last(enrolment)
    since = SUBMISSION if request.GET.get("since") == SUBMISSION and last else STARTER
    before = last.commit if last and since == SUBMISSION else find_first(repository)
    diff = compare_commits(repository, before, read_head(repository))
    return show_beside(request, enrolment, "editor/changes.html", {"diff": diff, "since": since, "last": last})


@require_safe
@login_required
@refusing
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """What is in the practice world's sources."""
    enrolment = access(request, slug)
    return show_beside(request, enrolment, "editor/data.html", {"files": previews.find_sources(enrolment)})


@require_safe
@login_required
@refusing
def made(request: HttpRequest, slug: str) -> HttpResponse:
    """What the code that was handed in last makes of the practice world, milestone by milestone."""
    enrolment = access(request, slug)
    last = find_last(enrolment)
    work = previews.find_work(last) if last else []
    return show_beside(request, enrolment, "editor/made.html", {"last": last, "work": work})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
@never_cache
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """What the checks said last on the practice world; or have what is saved now checked, or handed in."""
    enrolment = access(request, slug)
    if request.method == "POST":
        return act_on_saved(request, enrolment, request.POST.get("file", ""))
    opened = {"file": request.GET.get("file", "")}
    if rehearsal := queries.find_rehearsal(enrolment):
        if request.GET.get("seen") == mark_rehearsal(rehearsal):
            return HttpResponse(status=204)
        page = build_rehearsal(rehearsal)
        return render(request, "editor/check.html", {"page": page, "project": page.project, **opened})
    return show_beside(request, enrolment, "editor/check.html", opened)


def act_on_saved(request: HttpRequest, enrolment: Enrolment, path: str) -> HttpResponse:
    if kind := request.POST.get("hand_in", ""):
        return hand_in(request, enrolment, path or find_first_file(enrolment), kind)
    try:
        rehearsing.rehearse_saved(enrolment, request.POST.get("kind", ""))
    except Refusal as refusal:
        messages.warning(request, refusal.advice)
    return redirect_to_check(enrolment, path)


@require_safe
@login_required
@refusing
@never_cache
def check_live(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the last check is, for beside the editor, when that has changed since the reader last saw it."""
    note = write_note(access(request, slug))
    if note and request.GET.get("seen") == note.mark:
        return HttpResponse(status=204)
    context = {"checked": note, "slug": slug, "file": request.GET.get("file", "")}
    return render(request, "editor/checked.html", context)


def show_beside(request: HttpRequest, enrolment: Enrolment, template: str, more: Mapping[str, object]) -> HttpResponse:
    """A page of its own about what the editor holds."""
    [project] = pages.build_maps([enrolment.project], {enrolment.project.slug: enrolment}, with_setbacks=False)
    return render(request, template, {"project": project, **more})
