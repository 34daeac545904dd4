"""How somebody is assessed: what a link asks, the box while it is open, and the report, which is theirs to share."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.refusing import refusing
from frontend.reports import build_report
from people.accounts.models import User
from people.employers import boxes, consenting, inviting
from people.employers.assessing import list_lent
from people.employers.models import Invite
from people.employers.reporting import write_report
from people.learners.refusals import Refusal

ANSWERS = {"consent": consenting.consent, "decline": consenting.decline, "withdraw": consenting.withdraw}


@require_http_methods(["GET", "HEAD", "POST"])
@refusing
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks for what, in what time, and who will read it; nobody begins but by its button."""
    invite = inviting.read_link(token)
    user = request.user if isinstance(request.user, User) else None
    if user and invite.user_id == user.pk:
        return redirect("frontend:own_assessment", invite.pk)
    try:
        inviting.require_open(invite)
        if request.method == "POST" and user:
            begun = boxes.begin(user, token)
            messages.success(request, _("The clock runs. Your own data are being made; begin with the first brief."))
            return redirect("frontend:project", begun.assessment.project.slug)
    except Refusal as refusal:
        context = {"title": invite.assessment.title, "refusal": refusal}
        return render(request, "learner/not_begun.html", context, status=refusal.status)
    return render(request, "learner/invited.html", {"invited": inviting.describe(invite)})


@require_safe
@login_required
def assessed(request: HttpRequest) -> HttpResponse:
    return render(request, "learner/assessed.html", {"taken": boxes.list_taken(cast(User, request.user))})


@require_safe
@login_required
@refusing
def own_assessment(request: HttpRequest, pk: int) -> HttpResponse:
    """The box while it is open; then the report, before anybody else may read it."""
    return _show(request, boxes.access_own(cast(User, request.user), pk))


@require_POST
@login_required
@refusing
def finish_box(request: HttpRequest, pk: int) -> HttpResponse:
    boxes.finish(cast(User, request.user), pk)
    messages.success(request, _("The box is closed. What you have of your own in this project is back."))
    return redirect("frontend:own_assessment", pk)


@require_POST
@login_required
@refusing
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Consent, decline, or take consent back."""
    user = cast(User, request.user)
    answer = ANSWERS.get(request.POST.get("answer", ""))
    try:
        if answer is None:
            raise Refusal("unknown-answer", "answer", _("Choose one of the buttons."))
        invite = answer(user, pk)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _show(request, boxes.access_own(user, pk), refusal.status, error=refusal.advice)
    told = {
        "shared": _("Shared. You may take that back at any time."),
        "declined": _("Declined. They are told that, and nothing more."),
        "withdrawn": _("Taken back: from now on they cannot read it here."),
    }
    messages.success(request, told[invite.state])
    return redirect("frontend:own_assessment", pk)


def find_box(user: User, slug: str) -> Invite | None:
    """The box that this user's work in a project is for at this moment; nobody else's look shows it."""
    return None if user.is_looked_at else boxes.find_box(user, slug)


def _show(request: HttpRequest, invite: Invite, status: int = 200, error: str = "") -> HttpResponse:
    context: dict[str, object] = {"invite": invite, "assessment": invite.assessment, "error": error}
    if not invite.is_over(timezone.now()):
        context |= {"box": invite, "lent": list_lent(invite.assessment)}
        return render(request, "learner/under_way.html", context, status=status)
    context |= {"page": build_report(write_report(invite), links=True)}
    return render(request, "learner/own_report.html", context, status=status)
