"""What a learner sees and does: start, track, project, milestone, submission. Decides nothing about work."""

from typing import BinaryIO, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import helps, overviews, pages
from frontend.assessed import find_box
from frontend.hiring.access import find_posts
from frontend.markdown import without_title
from frontend.pages import SubmissionPage
from frontend.refusing import refusing
from frontend.reviews import build_threads
from frontend.teams import show_team
from frontend.viewing import find_reader, find_slugs, find_viewing
from people.accounts.models import User
from people.cohorts.comments import access_own_thread, find_last_look, list_news
from people.cohorts.queries import list_led, list_reserved, list_taken
from people.cohorts.reviewing import answer, mark_read
from people.employers.lapses import list_noticed
from people.goals.queries import read_progress
from people.learners import helping, intake, queries
from people.learners.addresses import address_of_repository
from people.learners.archives import answer_zip, pack_export, pack_practice_world, pack_starter
from people.learners.models import Submission, Tried
from people.learners.outlook import Offer, read_offers
from people.learners.refusals import Refusal
from people.learners.reports import write_reports
from people.learners.unpacking import read_folder, read_zip

# Of a row in any database of ours; Python itself refuses numbers of some thousands of digits.
LONGEST_NUMBER = 18


def reader(request: HttpRequest) -> User:
    """Whose pages are read: every view below is behind log-in."""
    return find_reader(request)


def find_offer(user: User, slug: str) -> Offer | None:
    """The current edition of this project, when the reader is in another."""
    enrolment = queries.find_enrolment(user, slug)
    return read_offers([enrolment]).get(enrolment.pk) if enrolment else None


def find_news(user: User, slug: str) -> dict[str, Offer | Tried | None]:
    """Another edition that is out, and a move to one by somebody else of which the reader has not taken note."""
    enrolment = queries.find_enrolment(user, slug)
    if enrolment is None:
        return {}
    return {
        "offer": read_offers([enrolment]).get(enrolment.pk),
        "moved": queries.unread_moves(enrolment).first(),
    }


@require_safe
@login_required
def start(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    # The mark is taken first: what happens while the page is built is then news at the next look.
    context = {"live_mark": queries.mark_runs(user), "page": overviews.build_start(user, find_slugs(request))}
    return render(request, "learner/start.html", {**context, "reader": user, **describe_own(request)})


def describe_own(request: HttpRequest) -> dict[str, object]:
    """What stands on a learner's start page for nobody but themselves."""
    if find_viewing(request):
        return {}
    user = reader(request)
    part = {"led": list_led(user), "taken": list_taken(user), "reserved": list_reserved(user)}
    told = {"news": list_news(user), "look": find_last_look(user), "noticed": list_noticed(user)}
    return {"goal": read_progress(user), "hires": find_posts(request), **part, **told}


@require_safe
@login_required
def start_live(request: HttpRequest) -> HttpResponse:
    """The roads of the start page, when a run has moved since the reader last saw them."""
    mark = queries.mark_runs(reader(request))
    if request.GET.get("seen") == mark:
        return HttpResponse(status=204)
    page = overviews.build_start(reader(request), find_slugs(request))
    return render(request, "learner/start_live.html", {"live_mark": mark, "page": page})


@require_safe
@login_required
def track(request: HttpRequest) -> HttpResponse:
    page = overviews.build_track(overviews.find_track(), reader(request))
    return render(request, "learner/track.html", {"page": page, "led": list_led(reader(request))})


@require_safe
@login_required
@refusing
def project(request: HttpRequest, slug: str) -> HttpResponse:
    mark = queries.mark_runs(reader(request))
    edition, project_map = pages.access_map(reader(request), slug)
    context = {
        "project": project_map,
        **find_news(reader(request), slug),
        "live_mark": mark,
        "story": without_title(edition.story),
        "repository": address_of_repository(request, reader(request), slug),
        "team": show_team(reader(request), slug),
        "box": find_box(reader(request), slug),
    }
    return render(request, "learner/project.html", context)


@require_safe
@login_required
@refusing
def project_live(request: HttpRequest, slug: str) -> HttpResponse:
    """The project's map, when a run has moved since the reader last saw it."""
    mark = queries.mark_runs(reader(request))
    if request.GET.get("seen") == mark:
        return HttpResponse(status=204)
    _edition, project_map = pages.access_map(reader(request), slug)
    return render(request, "learner/map_live.html", {"live_mark": mark, "project": project_map})


@require_POST
@login_required
@refusing
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    edition = queries.access_edition(reader(request), slug)
    intake.enrol(reader(request), edition, request.POST.get("domain", ""))
    messages.success(request, _("You are enrolled. Your own data are being made; begin with the first brief."))
    return redirect("frontend:project", slug)


@require_safe
@login_required
@refusing
def milestone(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    page = pages.access_milestone(reader(request), slug, kind)
    team = show_team(reader(request), slug, kind)
    box = find_box(reader(request), slug)
    context = {"page": page, "offer": find_offer(reader(request), slug), "team": team, "box": box}
    return render(request, "learner/milestone.html", context)


@require_POST
@login_required
@refusing
def submit(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Take a zip or a folder in. What is refused is said beside the form, with everything else still there."""
    enrolment = queries.access_enrolment(reader(request), slug)
    try:
        run = intake.submit(enrolment, kind, read_upload(request), "web", request.POST.get("message", ""))
    except Refusal as refusal:
        page = pages.access_milestone(reader(request), slug, kind)
        error = refusal.advice
        context = {"page": page, "offer": find_offer(reader(request), slug), "form_error": error}
        answer = render(request, "learner/milestone.html", context, status=refusal.status)
        if refusal.retry_after:
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer
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


@require_POST
@login_required
@refusing
def hint(request: HttpRequest, slug: str, kind: str, check: str) -> HttpResponse:
    """Open a hint; what is drawn anew is its check's hints, or the page that they were on."""
    enrolment, found = queries.access_milestone(reader(request), slug, kind)
    helping.open_hint(enrolment, found, check, read_number(request, "tier") or 0)
    if request.headers.get("HX-Request"):
        context = {
            "hints": helps.show_hints(found, enrolment)[check],
            "is_new": True,
            "back": read_number(request, "back"),
        }
        return render(request, "learner/hints.html", context)
    # The submission whose page they come from, if it was one.
    back = read_number(request, "back")
    page = redirect("frontend:submission", back) if back else redirect("frontend:milestone", slug, kind)
    return redirect(f"{page.url}#{'check' if back else 'hints'}-{check}")


def read_number(request: HttpRequest, name: str) -> int | None:
    told = request.POST.get(name, "")
    return int(told) if told.isdecimal() and len(told) <= LONGEST_NUMBER else None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def reference(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The reference beside one's own; before one's own pass, what reading it means, if an instructor allows it."""
    enrolment, found = queries.access_milestone(reader(request), slug, kind)
    if request.method == "POST":
        helping.open_reference(enrolment, kind)
        return redirect("frontend:reference", slug, kind)
    if helping.may_take_reference(enrolment, kind):
        return render(request, "learner/reference_early.html", {"milestone": found, "project": enrolment.project})
    return render(request, "learner/reference.html", {"page": helps.access_reference(reader(request), slug, kind)})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def loan(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Go on with what the reference makes: first what that means, then, if it is wanted all the same, so."""
    enrolment, _found = queries.access_milestone(reader(request), slug, kind)
    try:
        if request.method == "POST":
            helping.lend(enrolment, kind)
            messages.success(request, _("It is lent to you: the next milestone is open."))
        else:
            helping.refuse_loan(enrolment, kind)
            _project, project_map = pages.access_map(reader(request), slug)
            return render(request, "learner/loan.html", describe_loan(project_map, kind))
    except Refusal as refusal:
        messages.warning(request, refusal.advice)
    return redirect("frontend:milestone", slug, kind)


def describe_loan(project_map: pages.ProjectMap, kind: str) -> dict[str, object]:
    """What the page says that asks whether a milestone is to be lent."""
    cards = project_map.milestones
    card = next(card for card in cards if card.kind == kind)
    return {"project": project_map, "card": card, "opens": cards[cards.index(card) + 1]}


@require_POST
@login_required
@refusing
def give_back(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    enrolment, _found = queries.access_milestone(reader(request), slug, kind)
    try:
        helping.take_back(enrolment, kind)
        messages.success(request, _("Given back. This milestone waits for work of your own again."))
    except Refusal as refusal:
        messages.warning(request, refusal.advice)
    return redirect("frontend:milestone", slug, kind)


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
        messages.warning(request, refusal.advice)
        return redirect("frontend:project", slug)
    return answer_zip(packed, f"{slug}-world.zip")


@require_safe
@login_required
@refusing
def export(request: HttpRequest, slug: str) -> HttpResponse:
    enrolment = queries.access_enrolment(reader(request), slug)
    return answer_zip(pack_export(enrolment, write_reports(request, enrolment)), f"{slug}-export.zip")


@require_safe
@login_required
@refusing
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.access_submission(reader(request), pk)
    context = describe_read(found)
    if find_viewing(request) is None and (context["excerpts"] or cast(SubmissionPage, context["page"]).overrides):
        mark_read(found)
    return render(request, "learner/submission.html", {**context, "speaker": "learner"})


def describe_read(found: Submission) -> dict[str, object]:
    offer = read_offers([found.enrolment]).get(found.enrolment_id)
    return {**pages.describe_submission(found), "offer": offer, "excerpts": build_threads(found)}


@require_POST
@login_required
@refusing
def answer_comment(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """Answer what was said about a line. What is refused is said beside the thread, with the text still there."""
    thread = access_own_thread(reader(request), pk, comment)
    text = request.POST.get("text", "")
    try:
        answer(reader(request), thread, text)
    except Refusal as refusal:
        found = queries.access_submission(reader(request), pk)
        refused = {"speaker": "learner", "refused": refusal, "refused_in": thread.pk, "asked": {"text": text}}
        return render(request, "learner/submission.html", {**describe_read(found), **refused}, status=refusal.status)
    return redirect(f"{reverse('frontend:submission', args=[pk])}#comment-{comment}")


@require_safe
@login_required
@refusing
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The submission's part of its page, when it has changed since the reader last saw it."""
    found = queries.access_submission(reader(request), pk)
    if request.GET.get("seen") == pages.mark_progress(found):
        return HttpResponse(status=204)
    return render(request, "learner/submission_live.html", pages.describe_submission(found))
