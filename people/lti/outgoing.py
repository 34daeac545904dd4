"""Goes out to platforms: only to the hosts that were registered, encrypted, without following where it is sent on.

An owner of a cohort is not the operator: nothing in our own network may be reached by registering it as a platform.
"""

from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from pylti1p3.registration import Registration
from pylti1p3.service_connector import ServiceConnector

from people.lti.keys import choose_key
from people.lti.models import Platform
from people.reaching import SECONDS_TO_CONNECT, NotAllowed, is_public_address, read_body

SECONDS_TO_READ = 20
LARGEST_ANSWER = 4 * 2**20


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def origins_of(platform: Platform) -> set[str]:
    """Where a platform is: what it says of other places is not believed."""
    told = (platform.site_url, platform.auth_url, platform.token_url, platform.jwks_url)
    return {origin_of(url) for url in told}


def is_allowed(url: str) -> bool:
    """Whether an address may be a platform's: https on a public host, or a host that the operator has named."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.hostname and parts.hostname in settings.LTI_PRIVATE_HOSTS:
        return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    return is_public_address(url)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.")


class Outgoing(requests.Session):
    """What the library asks platforms with."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self.origins = origins_of(platform)
        # No proxy and no password out of the surroundings: what is sent is ours alone.
        self.trust_env = False
        self.headers["User-Agent"] = "Milepost"

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        address = url.decode() if isinstance(url, bytes) else url
        if origin_of(address) not in self.origins or not is_allowed(address):
            raise NotAllowed(f"{origin_of(address)} is not an address of this platform that we may go to")
        limits = {"timeout": (SECONDS_TO_CONNECT, SECONDS_TO_READ), "allow_redirects": False, "stream": True}
        return _read(super().request(method, address, *args, **{**options, **limits}))


def _read(response: requests.Response) -> requests.Response:
    """With its body, unless that is larger than any that we ask for."""
    response._content = read_body(response, LARGEST_ANSWER)  # the only place where requests looks for what was read
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
