"""What learners write of their skills for level 5: who leads them reads it beside the evidence, and answers by name."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from frontend.leading.access import lead
from frontend.profiles import build_skill
from frontend.refusing import refusing
from people.cohorts.models import Membership, Power
from people.cohorts.queries import list_learners
from people.employers import countersigning
from people.employers.models import Rationale
from people.employers.queries import read_skill_levels
from people.learners.refusals import Refusal

ACTS = {"countersign": countersigning.countersign, "send_back": countersigning.send_back}


@require_safe
@login_required
@refusing
def rationales(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits in this cohort, and what was answered."""
    leader = lead(request, slug, Power.LEAD)
    asked = [(one, countersigning.find_word(one)) for one in list_asked(leader)]
    context = {
        "leader": leader,
        "cohort": leader.cohort,
        "waiting": [one for one, word in asked if word is None],
        "answered": [(one, word) for one, word in reversed(asked) if word],
    }
    return render(request, "instructor/rationales.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def answer_rationale(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One text beside what shows the skill: to countersign, to send back, or to undo what was said to it."""
    leader = lead(request, slug, Power.LEAD)
    found = access_asked(leader, pk)
    if request.method != "POST":
        return show(request, leader, found)
    try:
        told = answer(leader, found, request.POST.get("act", ""), request.POST.get("reason", ""))
    except Refusal as refusal:
        return show(request, leader, access_asked(leader, pk), refusal)
    messages.success(request, told)
    return redirect("frontend:answer_rationale", slug, pk)


def answer(leader: Membership, rationale: Rationale, act: str, reason: str) -> str:
    if act in ACTS:
        ACTS[act](leader.user, rationale, reason)
        return _("Said. The learner reads it on their skill's page.")
    countersigning.undo(leader.user, rationale)
    return _("Undone: it waits for an answer again.")


def show(
    request: HttpRequest, leader: Membership, rationale: Rationale, refusal: Refusal | None = None
) -> HttpResponse:
    levels = {one.skill: one for one in read_skill_levels(rationale.user)}
    context = {
        "leader": leader,
        "cohort": leader.cohort,
        "rationale": rationale,
        "word": countersigning.find_word(rationale),
        "line": build_skill(levels[rationale.skill]),
        "refusal": refusal,
        "asked": request.POST,
    }
    return render(request, "instructor/rationale.html", context, status=refusal.status if refusal else 200)


def list_asked(leader: Membership) -> list[Rationale]:
    """Of those who learn in this cohort."""
    return list(countersigning.list_readable(leader.user, list_ids(leader)))


def access_asked(leader: Membership, pk: int) -> Rationale:
    return countersigning.access_readable(leader.user, pk, list_ids(leader))


def list_ids(leader: Membership) -> list[int]:
    return [user.pk for user in list_learners(leader)]
