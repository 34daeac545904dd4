"""Says that the store does not answer: nothing of what was asked is done, and it may be asked again."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from grading.store import StoreFault
from people.problems import MEDIA_TYPE, describe

PROGRAMS = ("/api/", "/git/")
RETRY_S = 60

log = logging.getLogger(__name__)


class StoreOutageMiddleware:
    """Answers 503 where a page or a program met a store that cannot be read or written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponseBase | None:
        if not isinstance(fault, StoreFault):
            return None
        log.error("%s %s met the store: %s", request.method, request.path, fault, exc_info=fault)
        response = _answer_program() if request.path.startswith(PROGRAMS) else _answer_reader(request)
        response.headers["Retry-After"] = str(RETRY_S)
        return response


def _answer_program() -> HttpResponse:
    told = _("What is kept here cannot be read or added to at this moment. This is our fault; nothing was taken in.")
    problem = describe(503, "store-unavailable", told, remedy=_("Try again in a minute; it costs nothing."))
    return JsonResponse(problem, status=503, content_type=MEDIA_TYPE)


def _answer_reader(request: HttpRequest) -> HttpResponse:
    return render(request, "503.html", status=503)
