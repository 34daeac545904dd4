"""What a learner sees of another edition of a project: what changed, what it says of their work, and the way over."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curriculum.differences import EditionChanges, compare_editions
from curriculum.models import Project
from frontend.refusing import refusing
from grading.facilities import open_package
from people.accounts.models import User
from people.learners import queries, repositories, trials
from people.learners.facilities import store
from people.learners.models import Enrolment
from people.learners.outlook import Outlook, read_outlook
from people.learners.refusals import Refusal
from people.learners.retelling import retell
from people.learners.standing import Standing, read_standings


@dataclass(frozen=True, slots=True)
class EditionPage:
    """Two editions beside each other: the one to come, or the one that the learner moved to."""

    title: str
    slug: str
    url: str
    before: Project
    now: Project
    changes: EditionChanges
    outlook: Outlook | None
    kept: list[Standing]
    branch: str

    @property
    def has_moved(self) -> bool:
        return self.outlook is None


@require_safe
@login_required
@refusing
def edition(request: HttpRequest, slug: str) -> HttpResponse:
    """What the current edition asks otherwise; for whoever is in it already, what the one before asked."""
    enrolment = queries.access_enrolment(cast(User, request.user), slug)
    moved = queries.unread_moves(enrolment).first()
    return render(request, "learner/edition.html", {"page": build_page(enrolment), "slug": slug, "moved": moved})


@require_safe
@login_required
@refusing
def outlook(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of that page which changes while a trial is judged, when it has changed since the reader last saw it."""
    page = build_page(queries.access_enrolment(cast(User, request.user), slug))
    if page is None or page.outlook is None or request.GET.get("seen") == page.outlook.mark:
        return HttpResponse(status=204)
    return render(request, "learner/outlook.html", {"page": page})


@require_POST
@login_required
@refusing
def try_edition(request: HttpRequest, slug: str) -> HttpResponse:
    return act(request, slug, trials.try_edition, _("Your work is being judged in the new edition. Go on as you like."))


@require_POST
@login_required
@refusing
def drop_trial(request: HttpRequest, slug: str) -> HttpResponse:
    return act(request, slug, trials.drop_trial, _("You stay where you are, and nothing was changed."))


@require_POST
@login_required
@refusing
def move_over(request: HttpRequest, slug: str) -> HttpResponse:
    return act(
        request, slug, trials.move_over, _("You have moved over. From now on, the new edition judges your work.")
    )


@require_POST
@login_required
@refusing
def take_note(request: HttpRequest, slug: str) -> HttpResponse:
    """The reader knows that somebody moved them; the pages need not say so again."""
    trials.take_note(queries.access_enrolment(cast(User, request.user), slug))
    return redirect("frontend:project", slug)


def act(request: HttpRequest, slug: str, does: Callable[[Enrolment], object], said: str) -> HttpResponse:
    """Do this with the reader's enrolment, and say so; what cannot be done now is said on the same page."""
    enrolment = queries.access_enrolment(cast(User, request.user), slug)
    try:
        does(enrolment)
        messages.success(request, said)
    except Refusal as refusal:
        messages.warning(request, refusal.advice)
    return redirect("frontend:edition", slug)


def build_page(enrolment: Enrolment) -> EditionPage | None:
    """None where there has only ever been one edition for this learner."""
    own, other = enrolment.project, queries.find_other_edition(enrolment)
    moved = None if other else queries.find_last_move(enrolment)
    if not other and not moved:
        return None
    before, now = (own, other) if other else (moved.before if moved else own, own)
    return EditionPage(
        title=own.title,
        slug=own.slug,
        url=reverse("frontend:project", args=[own.slug]),
        before=before,
        now=now,
        changes=compare_stored(before.tree, now.tree),
        outlook=read_outlook(enrolment, now) if other else None,
        kept=[] if other else list_kept(enrolment),
        branch=find_branch(enrolment, now),
    )


def list_kept(enrolment: Enrolment) -> list[Standing]:
    """The milestones whose pass is of another edition than the one that the learner is in."""
    standings = read_standings({enrolment.pk: queries.milestone_kinds(enrolment.project_id)})
    kept = (standing for standing in standings[enrolment.pk] if standing.passed_in)
    return [replace(standing, asks_more=retell(standing.asks_more)) for standing in kept]


def find_branch(enrolment: Enrolment, edition: Project) -> str:
    """The branch of the learner's repository that offers this edition's starter, if there is one."""
    repository = repositories.find_repository(enrolment)
    name = trials.branch_of(edition)
    return name if repository and repositories.has_branch(repository, name) else ""


@lru_cache(maxsize=32)
def compare_stored(before: str, now: str) -> EditionChanges:
    """The comparison of two packages by their digests in the store, which never change."""
    return compare_editions(open_package(store(), before), open_package(store(), now))
