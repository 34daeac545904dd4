"""Leads whoever must have a second factor, and has none yet, to where it is set up; and nowhere else until then."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from people.accounts.models import User
from people.accounts.second_factor import lacks_one
from people.problems import MEDIA_TYPE, describe

# What is needed on the way there, and to leave.
OPEN: Final = ("mfa_", "account_", "alive", "ready", "set_language", "lti_keys", "did_document", "status_")


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponseBase | None:
        if settings.MILEPOST_REQUIRE_MFA == "none" or _is_open(request):
            return None
        # Programs come with a token, which no session stands behind.
        if not isinstance(request.user, User) or not lacks_one(request.user):
            return None
        return _lead_there(request)


def _is_open(request: HttpRequest) -> bool:
    found = request.resolver_match
    return found is not None and (found.url_name or "").startswith(OPEN)


def _lead_there(request: HttpRequest) -> HttpResponseBase:
    there = reverse("mfa_index")
    if request.path.startswith("/api/"):
        sentence = _("This site asks a second factor of you, and you have none yet.")
        problem = describe(403, "second-factor-missing", sentence, remedy=_("Set one up on your account page."))
        return JsonResponse(problem, status=403, content_type=MEDIA_TYPE)
    return HttpResponseClientRedirect(there) if HtmxDetails(request) else redirect(there)
