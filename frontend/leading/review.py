"""What who leads says about a learner's work: comments, overrides; looking at their pages, and the test learner."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import viewing
from frontend.leading.access import lead
from frontend.learner import LONGEST_NUMBER, read_upload
from frontend.refusing import refusing
from frontend.reviews import NOWHERE, Place, build_review
from people.cohorts import reviewing
from people.cohorts.comments import access_override, access_thread, list_open_threads, list_said
from people.cohorts.models import Membership, Power
from people.cohorts.queries import (
    access_member,
    access_member_submission,
    find_test_learner,
    list_learners,
)
from people.cohorts.test_learner import hand_in_for_test, make_test_learner
from people.cohorts.viewing import begin_viewing
from people.learners.models import Submission
from people.learners.queries import current_projects
from people.learners.refusals import Refusal

MOST_SHOWN = 50


@require_safe
@login_required
@refusing
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits to be answered, and what was overridden."""
    return show_desk(request, lead(request, slug, Power.REVIEW))


def show_desk(request: HttpRequest, leader: Membership, refusal: Refusal | None = None) -> HttpResponse:
    context = {
        "leader": leader,
        "threads": list_open_threads(leader)[:MOST_SHOWN],
        "said": list_said(leader)[:MOST_SHOWN],
        "learners": list_learners(leader),
        "test_learner": find_test_learner(leader),
        "projects": current_projects(leader.cohort.project_slugs),
        "refusal": refusal,
        "asked": request.POST,
    }
    return render(request, "instructor/review_desk.html", context, status=refusal.status if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def review(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A submission beside the starter, the one before or the reference; to be read, and commented on."""
    leader = lead(request, slug, Power.REVIEW)
    submission = access_member_submission(leader, pk)
    if request.method != "POST":
        return show_review(request, leader, submission, read_place(request.GET.get))
    path, line = read_place(request.POST.get)
    try:
        said = reviewing.comment(leader, submission, path, line, request.POST.get("text", ""))
    except Refusal as refusal:
        return show_review(request, leader, submission, (path, line), refusal)
    messages.success(request, _("Said. The learner finds it on their start page and beside the line."))
    against = request.POST.get("against", "")
    return redirect(f"{reverse('frontend:review', args=[slug, pk])}?against={against}#comment-{said.pk}")


def show_review(
    request: HttpRequest,
    leader: Membership,
    submission: Submission,
    chosen: Place = NOWHERE,
    refusal: Refusal | None = None,
    refused_in: int | str = "",
) -> HttpResponse:
    """The page; with a refusal, said beside the form that was refused, with what was written still in it."""
    asked = request.POST if request.method == "POST" else request.GET
    page = build_review(leader, submission, asked.get("against", ""), chosen)
    context = {"leader": leader, "page": page, "speaker": "leader", "refused": refusal, "refused_in": refused_in}
    status = refusal.status if refusal else 200
    return render(request, "instructor/review.html", {**context, "asked": request.POST}, status=status)


def read_place(told: Callable[[str, str], str]) -> Place:
    line = told("line", "")
    return told("path", ""), int(line) if line.isdecimal() and len(line) <= LONGEST_NUMBER else None


@require_POST
@login_required
@refusing
def comment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Answer in a thread, resolve it, or open it again."""
    leader = lead(request, slug, Power.REVIEW)
    thread = access_thread(leader, pk)
    if "resolve" in request.POST:
        reviewing.resolve(leader, thread)
    elif "reopen" in request.POST:
        reviewing.reopen(leader, thread)
    else:
        try:
            reviewing.answer_as_leader(leader, thread, request.POST.get("text", ""))
        except Refusal as refusal:
            return show_review(request, leader, thread.submission, NOWHERE, refusal, thread.pk)
    return redirect(f"{reverse('frontend:review', args=[slug, thread.submission_id])}#comment-{pk}")


@require_POST
@login_required
@refusing
def override(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let a verdict or a check count as something else than the machine says."""
    leader = lead(request, slug, Power.LEAD)
    submission = access_member_submission(leader, pk)
    check, outcome, reason = (request.POST.get(name, "") for name in ("check", "outcome", "reason"))
    try:
        reviewing.override(leader, submission, check, outcome, reason)
    except Refusal as refusal:
        return show_review(request, leader, submission, NOWHERE, refusal, f"override {check}")
    messages.success(request, _("Overridden. The machine's answer stays beside it, and you can undo it."))
    return redirect(f"{reverse('frontend:review', args=[slug, pk])}#verdict-title")


@require_POST
@login_required
@refusing
def undo(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    said = access_override(leader, pk)
    reviewing.undo(leader, said)
    messages.success(request, _("Undone: the machine's answer counts again. What passed meanwhile keeps its pass."))
    return redirect(f"{reverse('frontend:review', args=[slug, said.submission_id])}#verdict-title")


@require_POST
@login_required
@refusing
def view_as(request: HttpRequest, slug: str) -> HttpResponse:
    """Look at a learner's pages as they see them, until the leader stops."""
    leader = lead(request, slug, Power.LEAD)
    member = access_member(leader, request.POST.get("learner", ""))
    begin_viewing(leader, member)
    viewing.begin(request, leader, member)
    return redirect("frontend:home")


@require_POST
@login_required
def stop_viewing(request: HttpRequest) -> HttpResponse:
    """Back to being oneself; without having looked, there is nothing to stop."""
    slug = viewing.stop(request)
    return redirect("frontend:review_desk", slug) if slug else redirect("frontend:home")


@require_POST
@login_required
@refusing
def test_learner(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the cohort's test learner, or hand in for it."""
    leader = lead(request, slug, Power.LEAD)
    if "milestone" not in request.POST:
        make_test_learner(leader)
        messages.success(request, _("The test learner is there. Hand in for it, or look at its pages."))
        return redirect("frontend:review_desk", slug)
    try:
        run = hand_in_for_test(leader, request.POST["milestone"], read_upload(request))
    except Refusal as refusal:
        return show_desk(request, leader, refusal)
    return redirect("frontend:member_submission", slug, run.submission_id)
