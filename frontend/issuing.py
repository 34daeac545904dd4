"""Where others find out who signs here, with which keys, what was achieved, and what is revoked."""

from dataclasses import asdict
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from frontend.refusing import refusing
from people.employers import statuses
from people.employers.achievements import access_achievement
from people.employers.issuer import choose_signer, describe_domain, describe_issuer, find_domain
from people.employers.models import Algorithm
from people.employers.signing import list_published

KEPT = f"public, max-age={int(statuses.KEPT.total_seconds())}"
LINKED_DATA = "application/vc+ld+json"


def _open(response: HttpResponse) -> HttpResponse:
    """Verifiers are pages of others too: what is public anyway they may read from there."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = KEPT
    return response


@require_safe
def did_document(request: HttpRequest) -> HttpResponse:
    """Our keys, where did:web looks for them."""
    told = describe_domain()
    if not told:
        raise Http404(_("This site signs by did:key, which needs no document."))
    return _open(JsonResponse(told, content_type="application/did+ld+json"))


@require_safe
def issuer(request: HttpRequest) -> HttpResponse:
    """Who signs here, for people; with an Accept of JSON, for programs."""
    found = choose_signer(Algorithm.ED25519).issuer
    name = describe_issuer(found).name
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return _open(JsonResponse(asdict(describe_issuer(found))))
    context = {"issuer": found, "name": name, "domain": find_domain(), "keys": list_published()}
    return render(request, "visitor/issuer.html", context)


@require_safe
@refusing
def achievement(request: HttpRequest, kind: str, place: str) -> HttpResponse:
    """What it takes: the same for everybody, and for good."""
    return render(request, "visitor/achievement.html", {"achievement": access_achievement(kind, place)})


def _mark_list(request: HttpRequest, uuid: UUID) -> str | None:
    found = statuses.mark_list(uuid)
    return quote_etag(found) if found else None


@require_safe
@condition(etag_func=_mark_list)
@refusing
def status_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Which credentials are revoked, as a credential itself."""
    return _open(JsonResponse(statuses.read_list(uuid).signed, content_type=LINKED_DATA))


@require_safe
@condition(etag_func=_mark_list)
@refusing
def status_token(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same as a token."""
    return _open(HttpResponse(statuses.read_list(uuid).token, content_type="application/vc+jwt"))
