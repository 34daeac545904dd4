"""What a learner sees and does: track, project, milestone, submission, skills. Decides nothing about work itself."""

from typing import BinaryIO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from frontend import overviews, pages
from frontend.markdown import without_title
from frontend.refusing import refusing
from people.accounts.models import User
from people.cohorts.queries import list_led_cohorts
from people.learners import intake, queries
from people.learners.archives import answer_zip, pack_practice_world, pack_starter
from people.learners.refusals import Refusal
from people.learners.unpacking import read_folder, read_zip


def reader(request: HttpRequest) -> User:
    """Who reads: every view below is behind log-in."""
    return cast(User, request.user)


@require_safe
@login_required
def track(request: HttpRequest) -> HttpResponse:
    page = pages.build_track(pages.find_track(), queries.list_enrolments(reader(request)))
    return render(request, "learner/track.html", {"page": page, "cohorts": list_led_cohorts(reader(request))})


@require_safe
@login_required
@refusing
def project(request: HttpRequest, slug: str) -> HttpResponse:
    edition, project_map = pages.access_map(reader(request), slug)
    context = {"project": project_map, "story": without_title(edition.story)}
    return render(request, "learner/project.html", context)


@require_POST
@login_required
@refusing
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    intake.enrol(reader(request), queries.access_edition(reader(request), slug))
    messages.success(request, _("You are enrolled. Your own data are being made; begin with the first brief."))
    return redirect("frontend:project", slug)


@require_safe
@login_required
@refusing
def milestone(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    page = pages.access_milestone(reader(request), slug, kind)
    return render(request, "learner/milestone.html", {"page": page})


@require_POST
@login_required
@refusing
def submit(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Take a zip or a folder in. What is refused is said beside the form, with everything else still there."""
    enrolment = queries.access_enrolment(reader(request), slug)
    try:
        run = intake.submit(enrolment, kind, read_upload(request), via="web")
    except Refusal as refusal:
        page = pages.access_milestone(reader(request), slug, kind)
        context = {"page": page, "form_error": f"{refusal.sentence} {refusal.remedy}".strip()}
        return render(request, "learner/milestone.html", context, status=refusal.status)
    return redirect("frontend:submission", run.submission_id)


def read_upload(request: HttpRequest) -> dict[str, bytes]:
    archive = request.FILES.get("archive")
    if archive is not None:
        return read_zip(cast(BinaryIO, archive))
    files = cast(list[BinaryIO], request.FILES.getlist("files"))
    # A browser sends a folder's files by name alone; milepost.js sends their paths beside them, in the same order.
    paths = request.POST.getlist("paths")
    if not files or len(files) != len(paths):
        raise Refusal("missing", "archive", _("Nothing arrived. Choose a zip of your project, or its folder."))
    return read_folder(zip(paths, files, strict=True))


@require_safe
@login_required
@refusing
def starter(request: HttpRequest, slug: str) -> HttpResponse:
    return answer_zip(pack_starter(queries.access_edition(reader(request), slug)), f"{slug}-starter.zip")


@require_safe
@login_required
@refusing
def world(request: HttpRequest, slug: str) -> HttpResponse:
    enrolment = queries.access_enrolment(reader(request), slug)
    try:
        packed = pack_practice_world(enrolment)
    except Refusal as refusal:
        messages.warning(request, f"{refusal.sentence} {refusal.remedy}")
        return redirect("frontend:project", slug)
    return answer_zip(packed, f"{slug}-world.zip")


@require_safe
@login_required
@refusing
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.access_submission(reader(request), pk)
    return render(request, "learner/submission.html", pages.describe_submission(found))


@require_safe
@login_required
@refusing
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The submission's part of its page, when it has changed since the reader last saw it."""
    found = queries.access_submission(reader(request), pk)
    if request.GET.get("seen") == pages.mark_progress(found):
        return HttpResponse(status=204)
    return render(request, "learner/submission_live.html", pages.describe_submission(found))


@require_safe
@login_required
def skills(request: HttpRequest) -> HttpResponse:
    return render(request, "learner/skills.html", {"page": overviews.build_skills(reader(request))})
