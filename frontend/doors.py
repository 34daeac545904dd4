"""Leads whoever was signed out meanwhile to the door, with the whole page that they see."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


class DoorMiddleware:
    """A script that fetches a part of a page follows a redirect, and would put the door into the middle of the page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        asked = HtmxDetails(request)
        if asked and _leads_to_door(response):
            return HttpResponseClientRedirect(redirect_to_login(asked.current_url_abs_path or "/").url)
        return response


def _leads_to_door(response: HttpResponseBase) -> bool:
    return urlsplit(response.headers.get("Location", "")).path == resolve_url(settings.LOGIN_URL)
