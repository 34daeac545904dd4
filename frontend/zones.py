"""Writes every time in the reader's own zone, if they have chosen one."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone


class ZoneMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        zone = getattr(request.user, "zone", "")
        with timezone.override(ZoneInfo(zone) if zone else None):
            return self.get_response(request)
