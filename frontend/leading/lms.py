"""A cohort's learning platform: to connect it, what to enter there, who comes from it, and what went to and fro."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from frontend.leading.access import lead
from frontend.leading.forms import attempt
from frontend.refusing import refusing
from people.cohorts.models import Membership, Power
from people.learners.refusals import Refusal
from people.lti import tasks
from people.lti.addresses import tell_addresses
from people.lti.models import Platform
from people.lti.queries import Roster, access_platform, list_lines, list_platforms, read_roster
from people.lti.registering import Wanted, next_key, register, send_again, withdraw

PER_PAGE: Final = 50


class PlatformForm(forms.Form):
    """In the order in which platforms show it."""

    site_url = forms.CharField(
        label=gettext_lazy("Address of the platform"),
        help_text=gettext_lazy("Where your courses are, such as https://learn.example.org."),
    )
    issuer = forms.CharField(label=gettext_lazy("Issuer"), help_text=gettext_lazy("Also called platform id."))
    client_id = forms.CharField(label=gettext_lazy("Client id"))
    deployment_id = forms.CharField(label=gettext_lazy("Deployment id"))
    auth_url = forms.CharField(label=gettext_lazy("Authentication request address"))
    token_url = forms.CharField(label=gettext_lazy("Access token address"))
    jwks_url = forms.CharField(label=gettext_lazy("Public keyset address"))
    audience = forms.CharField(
        label=gettext_lazy("Audience of token requests"),
        required=False,
        help_text=gettext_lazy("Only if your platform names one."),
    )
    instructors_lead = forms.BooleanField(
        label=gettext_lazy("Whoever teaches the course there leads the cohort here"),
        required=False,
        help_text=gettext_lazy("Instructors as instructors, assistants as assistants, when they first come in."),
    )


@dataclass(frozen=True, slots=True)
class Connected:
    """A platform, and who is known from it."""

    platform: Platform
    roster: Roster


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def lms(request: HttpRequest, slug: str) -> HttpResponse:
    """What is connected, and a form for another, beside which is said what is refused."""
    posted = request.method == "POST"
    leader = lead(request, slug, Power.OWN if posted else Power.LEAD)
    form = PlatformForm(request.POST if posted else None)

    def deed(instructors_lead: bool, **told: str) -> None:
        register(leader, Wanted(**told), instructors_lead)

    if posted and attempt(form, deed):
        messages.success(request, _("Connected. Open a link in the course there once, as its instructor."))
        return redirect("frontend:lms", slug)
    return _show(request, leader, form)


@require_POST
@login_required
@refusing
def change_lms(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask for the roster, send the scores again, or end it; the last is for owners."""
    power = Power.OWN if "withdraw" in request.POST else Power.LEAD
    leader = lead(request, slug, power)
    platform = access_platform(leader, pk)
    if "withdraw" in request.POST:
        withdraw(leader, platform)
        told = _("Disconnected: nobody comes in by it, and nothing is sent. Accounts and work stay.")
    elif "roster" in request.POST:
        tasks.ask_for_rosters(Platform.objects.filter(pk=platform.pk))
        told = _("The roster is being asked for. What came of it is in the log in a moment.")
    elif "again" in request.POST:
        count = send_again(leader, platform)
        told = ngettext("{count} score is sent again.", "{count} scores are sent again.", count).format(count=count)
    else:
        raise Refusal("unknown-act", "form", _("There is no such button."), 403)
    messages.success(request, told)
    return redirect("frontend:lms", slug)


def _show(request: HttpRequest, leader: Membership, form: forms.Form) -> HttpResponse:
    connected = [Connected(one, read_roster(one)) for one in list_platforms(leader)]
    context: dict[str, Any] = {
        "leader": leader,
        "cohort": leader.cohort,
        "connected": [(one, list(_tell_addresses(request, one.platform.key))) for one in connected],
        "next": list(_tell_addresses(request, next_key(leader.cohort))),
        "lines": Paginator(list_lines(leader), PER_PAGE).get_page(request.GET.get("page")),
        "form": form,
        "may_connect": leader.power == Power.OWN,
    }
    return render(request, "instructor/lms.html", context, status=400 if form.errors else 200)


def _tell_addresses(request: HttpRequest, key: UUID) -> Iterator[tuple[str, str]]:
    """What to enter at the platform."""
    told = tell_addresses(request, key)
    yield _("Login initiation address"), told.login
    yield _("Redirection address, target link and deep linking"), told.launch
    yield _("Public keyset address"), told.keys
