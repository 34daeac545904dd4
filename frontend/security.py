"""Tells browsers what an answer of ours may load and run, and who may keep it; knows no page.

Only pages are ours. Whatever else is answered may be a learner's bytes (a tree, a report, a badge with their name), so
a browser may do nothing with it on this origin: every such answer passes here.

The setting bears Django 6's name and shape (SECURE_CSP), so that this file can be deleted with the upgrade.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

HEADER: Final = "Content-Security-Policy"

POLICY: Final[Mapping[str, Sequence[str]]] = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
# For what is no page: no script, no form, no origin, whatever its bytes turn out to be.
INERT: Final[Mapping[str, Sequence[str]]] = {"sandbox": [], "default-src": ["'none'"], "frame-ancestors": ["'none'"]}
PAGE: Final = "text/html"


def build_policy(directives: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class ContentSecurityPolicyMiddleware:
    """A view that must be stricter or looser says so itself: nothing that is there already is changed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.policy = build_policy(getattr(settings, "SECURE_CSP", POLICY))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", PAGE).partition(";")[0]
        said = {HEADER: self.policy, "Permissions-Policy": "camera=(), geolocation=(), microphone=()"}
        if kind != PAGE:
            said[HEADER] = build_policy(INERT)
        if not (kind in {PAGE, "text/plain"} or kind.endswith("json")):
            said["Content-Disposition"] = "attachment"
        if "Access-Control-Allow-Origin" not in response.headers:
            said["Cross-Origin-Resource-Policy"] = "same-origin"
        if _is_personal(request):
            said["Cache-Control"] = "private, no-cache" if "ETag" in response.headers else "private, no-store"
        for name, value in said.items():
            response.headers.setdefault(name, value)
        return response


def _is_personal(request: HttpRequest) -> bool:
    """Whether the answer may depend on who asks: on a shared computer nobody finds it by going back."""
    session = getattr(request, "session", None)
    return "Authorization" in request.headers or (session is not None and session.accessed)
