"""A learner's credentials: what may be claimed, what was, each in every form, and the page that whoever has it sees."""

import json
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend.refusing import refusing
from people.accounts.mailing import find_address
from people.accounts.models import User
from people.employers import claiming, packing
from people.employers.badges import draw_svg
from people.employers.claiming import Identity, Wish
from people.employers.lapses import list_noticed
from people.employers.models import Credential
from people.employers.saying import read_said
from people.learners.refusals import Refusal

WAYS = ["text/html", "application/vc+ld+json", "application/json"]


class ClaimForm(forms.Form):
    identity = forms.ChoiceField(
        label=gettext_lazy("How it says whose it is"), choices=Identity.choices, widget=forms.RadioSelect
    )
    shows_name = forms.BooleanField(label=gettext_lazy("Put my name into it"), required=False)

    def __init__(self, user: User, data: object = None) -> None:
        super().__init__(data, initial={"identity": Identity.PSEUDONYM})  # type: ignore[arg-type]
        self.fields["shows_name"].help_text = str(user)
        if not find_address(user):
            self.fields["identity"].choices = [one for one in Identity.choices if one[0] != Identity.MAIL]  # type: ignore[attr-defined]

    @property
    def wish(self) -> Wish:
        return Wish(self.cleaned_data["identity"], self.cleaned_data["shows_name"])


def _reader(request: HttpRequest) -> User:
    return cast(User, request.user)


@require_safe
@login_required
def credentials(request: HttpRequest) -> HttpResponse:
    """All that this learner has claimed, and all that they may claim."""
    user = _reader(request)
    claimed = list(claiming.list_credentials(user))
    claimable = claiming.list_claimable(user, claimed)
    context = {
        "claimed": claimed,
        "claimable": claimable,
        "standing": [one for one in claimed if one.revoked_at is None],
        "noticed": list_noticed(user),
        "forms": list(packing.FORMS),
    }
    return render(request, "learner/credentials.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@refusing
def claim(request: HttpRequest, kind: str, of: str) -> HttpResponse:
    """What a credential will say, before it is signed; and the button that has it signed."""
    user = _reader(request)
    form = ClaimForm(user, request.POST if request.method == "POST" else None)
    try:
        ground = claiming.find_ground(user, kind, of)
        if request.method == "POST" and form.is_valid():
            made = claiming.claim(user, kind, of, form.wish)
            messages.success(request, _("Signed. It is yours to show to whom you like."))
            return redirect("frontend:credential", made.uuid)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, refusal.advice)
        return redirect("frontend:credentials")
    context = {"form": form, "wording": read_said(claiming.preview(user, ground)), "name": str(user)}
    return render(request, "learner/claim.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
@refusing
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    claiming.withdraw(_reader(request), uuid)
    messages.success(request, _("Withdrawn: whoever verifies it from now on reads that it is revoked."))
    return redirect("frontend:credentials")


@require_safe
@login_required
@refusing
def download_credential(request: HttpRequest, uuid: UUID, form: str) -> HttpResponse:
    name, kind, content = packing.pack(claiming.access_credential(_reader(request), uuid), form)
    return _hand_over(name, kind, content)


@require_safe
@login_required
def download_all(request: HttpRequest) -> HttpResponse:
    """Every credential that stands, in every form."""
    content = packing.pack_all(claiming.list_standing(_reader(request)))
    return _hand_over("credentials.zip", "application/zip", content)


def _hand_over(name: str, kind: str, content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
@refusing
def credential(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was signed, for whoever has the address; of a revoked one, that it is."""
    found = claiming.find_credential(uuid)
    if request.get_preferred_type(WAYS) in WAYS[1:]:
        return JsonResponse(claiming.access_shown(uuid).document, content_type="application/vc+ld+json")
    shown = None if found.revoked_at else found.document
    context = {
        "credential": found,
        "said": read_said(shown) if shown else None,
        "text": json.dumps(shown, ensure_ascii=False, indent=2) if shown else "",
        "is_mine": found.user == request.user,
        "forms": list(packing.FORMS),
    }
    return render(request, "visitor/credential.html", context)


@require_safe
@refusing
def credential_picture(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found: Credential = claiming.find_credential(uuid)
    # A picture to be shown on pages of others.
    elsewhere = {"Cross-Origin-Resource-Policy": "cross-origin"}
    return HttpResponse(draw_svg(found), content_type="image/svg+xml", headers=elsewhere)
