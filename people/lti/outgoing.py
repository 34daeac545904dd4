"""Goes out to platforms: only to the hosts that were registered, encrypted, without following where it is sent on.

An owner of a cohort is not the operator: nothing in our own network may be reached by registering it as a platform.
"""

from typing import Any

import requests
from django.conf import settings
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

from people.lti.keys import choose_key
from people.lti.models import Platform
from people.outgoing import GuardedSession, NotAllowed, origin_of, read_body
from people.outgoing import is_allowed as is_allowed_with

LARGEST_ANSWER = 4 * 2**20


def origins_of(platform: Platform) -> set[str]:
    """Where a platform is: what it says of other places is not believed."""
    told = (platform.site_url, platform.auth_url, platform.token_url, platform.jwks_url)
    return {origin_of(url) for url in told}


def is_allowed(url: str) -> bool:
    """Whether an address may be a platform's."""
    return is_allowed_with(url, settings.LTI_PRIVATE_HOSTS)


class Outgoing(GuardedSession):
    """What the library asks platforms with."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(settings.LTI_PRIVATE_HOSTS)
        self.origins = origins_of(platform)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        address = url.decode() if isinstance(url, bytes) else url
        if origin_of(address) not in self.origins:
            raise NotAllowed(f"{origin_of(address)} is not an address of this platform that we may go to")
        response = super().request(method, address, *args, **options)
        response._content = read_body(response, LARGEST_ANSWER)  # where requests looks for what was read already
        return response


class Connector(ServiceConnector):
    """Asks for one token for each scope in its own life, which is one job; tokens are written nowhere."""

    def __init__(self, registration: Registration, requests_session: requests.Session | None = None) -> None:
        super().__init__(registration, requests_session)
        self._tokens: dict[str, str] = {}

    def _get_cached_access_token(self, scope_key: str) -> str | None:
        return self._tokens.get(scope_key)

    def _cache_access_token(self, scope_key: str, access_token: str, expires_in: float) -> None:
        self._tokens[scope_key] = access_token


def connect(platform: Platform) -> Connector:
    return Connector(describe(platform), Outgoing(platform))


def describe(platform: Platform) -> Registration:
    """A platform, with the key that we sign with for it, as the library wants it."""
    key, private = choose_key()
    told = Registration().set_issuer(platform.issuer).set_client_id(platform.client_id)
    told.set_auth_login_url(platform.auth_url).set_auth_token_url(platform.token_url)
    told.set_key_set_url(platform.jwks_url).set_auth_audience(platform.audience or platform.token_url)
    return told.set_tool_private_key(private).set_tool_public_key(key.public)
