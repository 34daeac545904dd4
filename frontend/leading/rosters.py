"""A roster: to upload, to look at before anything is done, and to apply or drop."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from frontend.leading.access import lead
from frontend.leading.forms import RosterForm, attempt
from frontend.refusing import refusing
from people.cohorts import rosters
from people.cohorts.models import Membership, Power
from people.cohorts.roster_files import MOST_BYTES, MOST_ROWS
from people.cohorts.rosters import CHANGED, INVALID, NEW, SKIPPED, Plan, Planned
from people.learners.refusals import Refusal

# How many rows of a fate are shown: of what needs mending most of all.
SHOWN = {INVALID: 200}
SHOWN_ELSE = 20
# Each with the state whose colour and icon it wears; what needs somebody's eyes comes first.
FATES = {
    INVALID: ("failed", gettext_lazy("Invalid")),
    NEW: ("passed", gettext_lazy("New")),
    CHANGED: ("running", gettext_lazy("Changed")),
    SKIPPED: ("locked", gettext_lazy("Skipped")),
}


@dataclass(frozen=True, slots=True)
class Group:
    """All rows with one fate: how many, and the first of them."""

    fate: str
    state: str
    word: str
    count: int
    rows: list[Planned]

    @property
    def hidden(self) -> int:
        return self.count - len(self.rows)


def group(plan: Plan) -> Iterator[Group]:
    for fate, (state, word) in FATES.items():
        rows = plan.pick(fate)
        yield Group(fate, state, str(word), len(rows), rows[: SHOWN.get(fate, SHOWN_ELSE)])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def roster(request: HttpRequest, slug: str) -> HttpResponse:
    """Upload a roster, and see row by row what it would do."""
    leader = lead(request, slug, Power.LEAD)
    form = RosterForm()
    if request.method == "POST":
        form = RosterForm(request.POST, request.FILES)
        if attempt(form, lambda roster: rosters.keep(leader, roster.read())):
            return redirect("frontend:roster", slug)
    return _show(request, leader, form, 400 if form.errors else 200)


@require_POST
@login_required
@refusing
def apply_roster(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    try:
        plan = rosters.apply(leader)
    except Refusal as refusal:
        return _show(request, leader, RosterForm(), refusal.status, refusal.sentence)
    told = _(
        "Applied: {new} places reserved, {changed} people amended. Who is new finds the place on their start page."
    )
    messages.success(request, told.format(new=plan.count(NEW), changed=plan.count(CHANGED)))
    return redirect("frontend:people", slug)


@require_POST
@login_required
@refusing
def drop_roster(request: HttpRequest, slug: str) -> HttpResponse:
    rosters.drop(lead(request, slug, Power.LEAD))
    messages.success(request, _("The roster is thrown away; nothing was changed."))
    return redirect("frontend:roster", slug)


def _show(
    request: HttpRequest, leader: Membership, form: RosterForm, status: int = 200, error: str = ""
) -> HttpResponse:
    try:
        plan = rosters.find_plan(leader)
    except Refusal as refusal:  # what was kept fits no longer, such as when sections came to be meanwhile
        plan, error = None, error or refusal.sentence
    context = {
        "leader": leader,
        "cohort": leader.cohort,
        "form": form,
        "plan": plan,
        "groups": list(group(plan)) if plan else [],
        "error": error,
        "most_rows": MOST_ROWS,
        "most_mb": MOST_BYTES // 2**20,
    }
    return render(request, "instructor/roster.html", context, status=status)
