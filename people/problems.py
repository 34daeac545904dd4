"""Says no over HTTP the same way everywhere: RFC 9457 problem documents. Knows not why anything was refused."""

import json
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.defaults import bad_request, page_not_found, permission_denied, server_error
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
    "key-of-another": _("Make another key for each request that is not the same one again."),
    "bad-key": _("Use a UUID, for example."),
    "not-acceptable": _("Accept application/json, or leave the header out."),
}
# Where neither the refusal nor its code has one: something can be done about everything.
REMEDIES_BY_STATUS = {
    400: _("Look in /api/schema for what this address takes, and send it again."),
    401: REMEDIES["not-authenticated"],
    403: _("Use an account that may do this, or ask somebody who may."),
    404: REMEDIES["not-found"],
    409: _("Read how things stand now, and send what fits them."),
    410: _("It is over: ask whoever gave it to you for another one."),
    413: _("Send less at once."),
    422: _("Look in /api/schema for what this address takes, and send it again."),
    429: _("Wait for as many seconds as Retry-After says."),
    500: _("Try again in a while. It has been written down; if it stays, tell whoever runs this site."),
    503: _("Wait for as many seconds as Retry-After says, and send it again."),
}
# What of a request is wrong, where its code says it.
FIELDS = {
    "not-authenticated": "Authorization",
    "bad-token": "Authorization",
    "method-not-allowed": "method",
    "not-acceptable": "Accept",
    "unsupported-media-type": "Content-Type",
    "parse-error": "body",
    "key-in-use": "Idempotency-Key",
    "key-of-another": "Idempotency-Key",
    "bad-key": "Idempotency-Key",
}
DATABASE_BACK_S = 5


class ProblemSerializer(serializers.Serializer[dict[str, object]]):
    """A problem document, as the schema shows it."""

    type = serializers.CharField(help_text="about:blank: `code` says which problem it is.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A word for programs; it does not change.")
    field = serializers.CharField(required=False, help_text="What of the request is wrong, where it is one part of it.")
    remedy = serializers.CharField(help_text="What to do about it.")


class TooLarge(exceptions.APIException):
    """What Django stopped reading half-way."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = _("This request is larger than anything that is taken here.")
    default_code = "too-large"


def describe(status: int, code: str, detail: str, field: str = "", remedy: str = "") -> dict[str, object]:
    """A problem document; without a field, where no part of the request is to blame more than the others."""
    named = field or FIELDS.get(code, "")
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **({"field": named} if named else {}),
        "remedy": remedy or str(REMEDIES.get(code) or REMEDIES_BY_STATUS.get(status, REMEDIES_BY_STATUS[400])),
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
        problem, {name: plain[name] for name in ("WWW-Authenticate", "Retry-After", "Allow") if plain.has_header(name)}
    )


def answer_missing_address(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's handler404: programs get a problem document, people a page."""
    if not _asks_api(request.path):
        return page_not_found(request, exception)
    return _answer_plainly(describe(404, "not-found", gettext("There is nothing at this address.")))


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's handler400: for what is refused before the API is asked, such as a host that we are not."""
    field = getattr(exception, "field", "")
    if not _asks_api(request.path):
        return render(request, "400.html", {"field": field}, status=400) if field else bad_request(request, exception)
    return _answer_plainly(describe(400, "invalid", gettext("This request cannot be read."), field))


def answer_forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Django's handler403: for what is refused before the API is asked."""
    if not _asks_api(request.path):
        return permission_denied(request, exception)
    return _answer_plainly(describe(403, "permission-denied", str(exception) or gettext("You may not do this.")))


def answer_fault(request: HttpRequest) -> HttpResponseBase:
    """Django's handler500: what went wrong inside stands in the log, and nothing of it in the answer."""
    if not _asks_api(request.path):
        return server_error(request)
    if isinstance(sys.exc_info()[1], OperationalError):
        problem = describe(503, "unavailable", gettext("The database does not answer just now."))
        return _answer_plainly(problem, {"Retry-After": str(DATABASE_BACK_S)})
    return _answer_plainly(describe(500, "fault", gettext("A fault of ours; nothing is wrong with your request.")))


def tell_too_large(path: str) -> tuple[str, bytes] | None:
    """The media type and the words for a request that nobody reads to its end; None where people have asked."""
    if not _asks_api(path):
        return None
    problem = describe(413, "too-large", str(TooLarge.default_detail))
    return MEDIA_TYPE, json.dumps(problem).encode()


def _asks_api(path: str) -> bool:
    return path.startswith("/api/") or path == "/api"


def _answer_plainly(problem: dict[str, object], headers: Mapping[str, str] | None = None) -> HttpResponseBase:
    status = int(str(problem["status"]))
    return JsonResponse(problem, status=status, content_type=MEDIA_TYPE, headers=headers)


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
