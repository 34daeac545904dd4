"""The links by which people come into a cohort: to make, to show again and to revoke."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from frontend.leading.access import lead
from frontend.leading.forms import InvitationForm, attempt
from frontend.refusing import refusing
from people.cohorts.invitations import find_closing, invite, list_invitations, revoke, sign
from people.cohorts.models import Invitation, Power


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def invitations(request: HttpRequest, slug: str) -> HttpResponse:
    leader = lead(request, slug, Power.LEAD)
    titles = [section.title for section in leader.cohort.sections.all()]
    form = InvitationForm(titles, request.POST if request.method == "POST" else None)

    def deed(days: int, **told: Any) -> None:
        invite(leader, timezone.now() + timedelta(days=days), **told)

    if request.method == "POST" and attempt(form, deed):
        messages.success(request, _("The link is made. Send it to those who should come in."))
        return redirect("frontend:invitations", slug)
    made = [_describe(request, one) for one in list_invitations(leader)]
    context = {"leader": leader, "cohort": leader.cohort, "form": form, "made": made}
    return render(request, "instructor/invitations.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
@refusing
def revoke_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    revoke(lead(request, slug, Power.LEAD), pk)
    messages.success(request, _("Revoked: nobody else comes in by it. Who came in stays."))
    return redirect("frontend:invitations", slug)


def _describe(request: HttpRequest, one: Invitation) -> tuple[Invitation, str, str]:
    """An invitation, its link, and why it lets nobody in, if it does not."""
    closing = find_closing(one)
    link = request.build_absolute_uri(reverse("frontend:join", args=[sign(one)]))
    return one, link, closing[1] if closing else ""
