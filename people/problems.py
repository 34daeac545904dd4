"""Says no over HTTP the same way everywhere: RFC 9457 problem documents. Knows not why anything was refused."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.defaults import page_not_found
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from people.learners.refusals import Refusal

MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="milepost"'

REMEDIES = {
    "not-authenticated": _(
        "Make a token on your account page, or with `milepost login`, and send it as `Authorization: Bearer mlp_…`."
    ),
    "missing-scope": _("Make a token with that scope on your account page."),
    "bad-token": _("Make another token on your account page, or with `milepost login`."),
    "unsupported-media-type": _("Look in /api/schema for the media type that this address takes."),
    "method-not-allowed": _("Look in /api/schema for the methods that this address takes."),
    "not-found": _("Look for a spelling mistake; /api/schema lists every address."),
}


class ProblemSerializer(serializers.Serializer[dict[str, object]]):
    """A problem document, as the schema shows it."""

    type = serializers.CharField(help_text="about:blank: `code` says which problem it is.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A word for programs; it does not change.")
    field = serializers.CharField(required=False, help_text="What of the request is wrong.")
    remedy = serializers.CharField(required=False, help_text="What to do about it.")


class TooLarge(exceptions.APIException):
    """What Django stopped reading half-way."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = _("This request is larger than anything that is taken here.")
    default_code = "too-large"


def describe(status: int, code: str, detail: str, field: str = "", remedy: str = "") -> dict[str, object]:
    """A problem document; what is empty is left out."""
    optional = {"field": field, "remedy": remedy or str(REMEDIES.get(code, ""))}
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **{name: value for name, value in optional.items() if value},
    }


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The API's exception handler. None, for what is no refusal but a fault, lets Django answer 500 and log it."""
    if isinstance(error, Refusal):
        set_rollback()
        problem = describe(error.status, error.code, error.sentence, error.field, error.remedy)
        return _answer(problem, {"Retry-After": str(error.retry_after)} if error.retry_after else None)
    known = _as_api_exception(error)
    plain = exception_handler(known, dict(context))
    if plain is None or not isinstance(known, exceptions.APIException):
        return None
    code, field, detail = _first_fault(known)
    remedy = _wait_for(plain["Retry-After"]) if plain.has_header("Retry-After") else ""
    problem = describe(plain.status_code, code, detail, field, remedy)
    return _answer(
        problem, {name: plain[name] for name in ("WWW-Authenticate", "Retry-After") if plain.has_header(name)}
    )


def answer_missing_address(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's handler404: programs get a problem document, people a page."""
    if not request.path.startswith("/api/"):
        return page_not_found(request, exception)
    problem = describe(404, "not-found", gettext("There is nothing at this address."))
    return JsonResponse(problem, status=404, content_type=MEDIA_TYPE)


def _answer(problem: dict[str, object], headers: Mapping[str, str] | None = None) -> Response:
    told = dict(headers or {})
    if problem["status"] == HTTPStatus.UNAUTHORIZED:
        told.setdefault("WWW-Authenticate", CHALLENGE)
    return Response(problem, status=int(str(problem["status"])), headers=told, content_type=MEDIA_TYPE)


def _wait_for(seconds: str) -> str:
    return gettext("Try again in {seconds} seconds.").format(seconds=seconds)


def _as_api_exception(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound(gettext("There is nothing at this address."))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(*error.args)
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError(gettext("This request cannot be read."))
    return error


def _first_fault(error: exceptions.APIException) -> tuple[str, str, str]:
    """Code, field and sentence of the first thing that is wrong; one at a time is enough to act on.

    A field of the third of many rows is `rows.2.field`; of rows with nothing wrong there is an empty mapping.
    """
    detail: Any = error.detail
    names: list[str] = []
    while isinstance(detail, dict | list):
        pairs = detail.items() if isinstance(detail, dict) else enumerate(detail)
        name, inner = next((name, inner) for name, inner in pairs if inner)
        if name != "non_field_errors" and (isinstance(detail, dict) or isinstance(inner, dict)):
            names.append(str(name))
        detail = inner
    code = str(getattr(detail, "code", "invalid")).replace("_", "-")
    return code, ".".join(names), str(detail)
