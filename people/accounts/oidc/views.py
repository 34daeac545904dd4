"""To the identity provider and back."""

from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from people.accounts.oidc.provider import StrictAdapter


class _Callback(OAuth2CallbackView):  # type: ignore[misc]
    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        state, refused = super()._get_state(request, provider)
        self.adapter.nonce = ((state or {}).get("data") or {}).get("nonce", "")
        return state, refused


@require_POST
@never_cache
def login(request: HttpRequest) -> HttpResponseBase:
    """A page that leads on by itself: browsers forbid a form of ours to end at another site, as we ask them to."""
    answer = _view(OAuth2LoginView, request)
    if not isinstance(answer, HttpResponseRedirect):
        return answer
    return HttpResponse(render(request, "socialaccount/onward.html", {"onward": answer.url}).content)


@require_safe
@never_cache
def callback(request: HttpRequest) -> HttpResponseBase:
    return _view(_Callback, request)


def _view(kind: Any, request: HttpRequest) -> HttpResponseBase:
    try:
        answer: HttpResponseBase = kind.adapter_view(StrictAdapter)(request)
    except SocialApp.DoesNotExist as fault:
        raise Http404 from fault
    return answer
