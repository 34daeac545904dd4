"""Verifies credentials of anybody's for anybody: takes bytes or a link, within limits, and goes out with care."""

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from credentials.budget import verify_within
from credentials.reading import MOST_PICTURE_BYTES, Unreadable, read_credential
from credentials.verifying import Report, gather
from people.employers import claiming, statuses
from people.employers.issuer import describe_domain, list_issuers
from people.learners.refusals import Refusal
from people.outgoing import SECONDS_TO_CONNECT, GuardedSession, NotAllowed, read_body
from people.rates import find_address, take_turn

LARGEST: Final = MOST_PICTURE_BYTES
SECONDS_TO_READ: Final = 5
ACCEPT: Final = (
    "application/vc+ld+json, application/did+ld+json, application/json, image/png, image/svg+xml, text/plain"
)


class VerifyThrottle(SimpleRateThrottle):
    """So many in a minute from one address, by page and API together, whoever is signed in."""

    scope = "verify"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})


def require_slowly(request: HttpRequest) -> None:
    """Raises Refusal for whoever asks a page too often. The API's views name the throttle instead."""
    if seconds := take_turn("verify", find_address(request)):
        told = _("From your address too much was verified in the last minute.")
        wait = _("Try again in {seconds} seconds.").format(seconds=seconds)
        raise Refusal("throttled", "", told, 429, wait, seconds)


def require_small(size: int) -> None:
    if size > LARGEST:
        told = _("This is larger than {most} MB, which no credential is.").format(most=LARGEST // 2**20)
        remedy = _("Give the credential alone: its .json, .jwt, .png or .svg file.")
        raise Refusal("too-large", "content", told, 413, remedy)


def verify_bytes(content: bytes) -> Report:
    """The four answers to a document, a token or a picture. Raises Refusal for what is too large to be looked at."""
    require_small(len(content))
    had = {url: _try_fetch(url) for url in _list_own(content)}
    fetched = gather(content, _try_fetch, had)
    return verify_within(content, fetched, timezone.now(), list_issuers())


def verify_link(url: str) -> Report:
    """The same for what is at an address, ours or anybody's. Raises Refusal where we do not go or nothing comes."""
    content = _try_fetch(url.strip())
    if content is None:
        told = _("Nothing could be fetched from this link.")
        remedy = _("It must begin with https://, be public, and lead to the credential itself. Or give the file.")
        raise Refusal("unreachable", "link", told, 400, remedy)
    return verify_bytes(content)


def _list_own(content: bytes) -> Iterator[str]:
    """The lists of ours that it names: an instance without https is asked for none, but knows its own."""
    try:
        entries = read_credential(content).status_entries
    except Unreadable:
        return
    urls = {str(entry.get("statusListCredential", "")) for entry in entries[:1]}
    yield from (url for url in urls if _is_ours(url))


def _is_ours(url: str) -> bool:
    return url.startswith(f"{settings.MILEPOST_ADDRESS}/")


def _try_fetch(url: str) -> bytes | None:
    try:
        return _answer_own(urlsplit(url).path) if _is_ours(url) else _fetch(url)
    except (requests.RequestException, Refusal, ValueError):
        return None


def _fetch(url: str) -> bytes:
    """What is at a public address, within limits of time and size; we go nowhere else, and not where we are sent on."""
    with GuardedSession(()) as session:
        response = session.get(url, headers={"Accept": ACCEPT}, timeout=(SECONDS_TO_CONNECT, SECONDS_TO_READ))
        body = read_body(response, LARGEST)
    response.raise_for_status()
    return body


def _answer_own(path: str) -> bytes:
    """What others would fetch from us, without going out. Raises NotAllowed for every other page of ours."""
    try:
        found = resolve(path)
    except Resolver404 as fault:
        raise NotAllowed("no such page") from fault
    if found.url_name == "status_token":
        return str(statuses.read_list(**found.kwargs).token).encode()
    if found.url_name == "status_list":
        return json.dumps(statuses.read_list(**found.kwargs).signed).encode()
    if found.url_name == "did_document":
        return json.dumps(describe_domain()).encode()
    if found.url_name == "credential":
        return json.dumps(claiming.access_shown(**found.kwargs).document).encode()
    raise NotAllowed("no credential")
