"""A cohort's dates, as those see and set them who lead it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from frontend.calendars import address_of_feed
from frontend.forms import zone_choices
from frontend.leading.access import lead
from frontend.leading.timetables import Faults, build_timetable, read_sent_dates
from frontend.refusing import refusing
from people.cohorts import extensions, timings
from people.cohorts.clocks import read_clock, zone_of
from people.cohorts.models import Membership, Power
from people.learners.refusals import Refusal

NUMBER_LENGTH = 6


def show(
    request: HttpRequest,
    leader: Membership,
    at: str = "",
    refusal: Refusal | None = None,
    faults: Faults | None = None,
) -> HttpResponse:
    """The page; where something was refused, with it said beside the form `at`, and with all that was sent."""
    sent = request.POST.dict() if at == "dates" else {}
    page = build_timetable(leader, sent, faults)
    context = {
        "page": page,
        "leader": leader,
        "at": at,
        "refusal": refusal,
        "faults": faults,
        "asked": request.POST if at else {},
        "zones": zone_choices()[1:],
        "calendar": address_of_feed(request, leader.user, leader.cohort),
    }
    status = refusal.status if refusal else 400 if faults else 200
    return render(request, "instructor/dates.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """When each milestone opens, is due and closes: to see, and to set all at once."""
    if request.method != "POST":
        return show(request, lead(request, slug, Power.LOOK))
    leader = lead(request, slug, Power.LEAD)
    sent = read_sent_dates(leader.cohort, request.POST.dict())
    if sent.faults:
        return show(request, leader, "dates", faults=sent.faults)
    try:
        changed = timings.set_dates(leader, sent.wanted, request.POST.get("seen", ""))
    except Refusal as refusal:
        return show(request, leader, "dates", refusal)
    for remark in sent.remarks:
        messages.warning(request, remark)
    if changed:
        told = ngettext("%(count)d milestone has new dates.", "%(count)d milestones have new dates.", len(changed))
        messages.success(request, told % {"count": len(changed)})
    else:
        messages.info(request, _("Nothing was changed: these were the dates already."))
    return redirect("frontend:dates", slug)


@require_POST
@login_required
@refusing
def set_rules(request: HttpRequest, slug: str) -> HttpResponse:
    """The zone, and what late work costs."""
    leader = lead(request, slug, Power.LEAD)
    days = request.POST.get("late_days", "").strip()
    try:
        percent = read_whole(request.POST.get("late_percent", ""), "late_percent")
        late_days = read_whole(days, "late_days") if days else None
        timings.set_rules(leader, timings.Rules(request.POST.get("zone", ""), percent, late_days))
    except Refusal as refusal:
        return show(request, leader, "rules", refusal)
    messages.success(request, _("Zone and late policy are set. No instant has moved."))
    return redirect("frontend:dates", slug)


@require_POST
@login_required
@refusing
def shift(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    try:
        days = read_whole(request.POST.get("days", ""), "days")
        count = timings.shift_dates(leader, days, request.POST.get("seen", ""))
    except Refusal as refusal:
        return show(request, leader, "shift", refusal)
    told = ngettext(
        "The dates of %(count)d milestone have moved.", "The dates of %(count)d milestones have moved.", count
    )
    messages.success(request, told % {"count": count})
    return redirect("frontend:dates", slug)


@require_POST
@login_required
@refusing
def extend(request: HttpRequest, slug: str) -> HttpResponse:
    """More time for one learner."""
    leader = lead(request, slug, Power.LEAD)
    milestone, learner, until, reason = (
        request.POST.get(name, "") for name in ("milestone", "learner", "due_at", "reason")
    )
    try:
        reading = read_clock(until, zone_of(leader.cohort))
        if reading.fault:
            raise Refusal("unreadable", "due_at", reading.fault)
        extension = extensions.extend(leader, milestone, learner, reading.at, reason)
    except Refusal as refusal:
        return show(request, leader, "extension", refusal)
    if reading.remark:
        messages.warning(request, reading.remark)
    told = _("%(learner)s has more time. They see it on the milestone's page.")
    messages.success(request, told % {"learner": extension.membership.user})
    return redirect("frontend:dates", slug)


@require_POST
@login_required
@refusing
def withdraw_extension(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    try:
        extensions.withdraw(leader, pk)
        messages.success(request, _("The extension is taken back. What was handed in meanwhile stays."))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.warning(request, refusal.sentence)
    return redirect("frontend:dates", slug)


def read_whole(text: str, field: str) -> int:
    text = text.strip()
    if len(text) > NUMBER_LENGTH or not text.removeprefix("-").isdecimal():
        raise Refusal("no-number", field, _("Write a whole number."))
    return int(text)
