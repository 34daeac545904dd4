"""Names each request, tells how long it took, and says so in one line: by the name of its address, never by its path,
for the paths of links hold secrets."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from grading.measuring import observe
from people.origins import Origin, led_by, name_request

log = logging.getLogger(__name__)

# Whoever wants to stand around each request, such as a tracer.
followers: list[Callable[[HttpRequest], AbstractContextManager[object]]] = []
# Asked every few seconds by machines, or once for each file of a page: not worth a line.
QUIET = frozenset({"alive", "ready", "metrics", "static"})


class RequestMiddleware:
    """The outermost: whatever the others do is part of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name, begun = name_request(request), time.monotonic()
        with led_by(Origin(request=name, asked=request)), ExitStack() as around:
            for follower in followers:
                around.enter_context(follower(request))
            response = self.get_response(request)
            _tell(request, response, time.monotonic() - begun)
        response.headers["X-Request-ID"] = name
        return response


def name_route(request: HttpRequest) -> str:
    """The name of its address in our table of addresses: few, however many paths are asked for."""
    if request.resolver_match:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "nowhere"


def _tell(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    route, status = name_route(request), response.status_code
    observe("http_request_duration_seconds", seconds, route=route, status=f"{status // 100}xx")
    level = logging.DEBUG if route in QUIET else logging.INFO
    log.log(level, "%s %s: %s after %.0f ms", request.method, route, status, seconds * 1000)
