"""Goes out to addresses that somebody typed in: encrypted, to public hosts only, without following where it is sent on.

Whoever types one in is not the operator: nothing in our own network may be reached that way, but for the hosts that the
operator has named.
"""

import ipaddress
import socket
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

SECONDS_TO_CONNECT, SECONDS_TO_READ = 5, 20


class NotAllowed(requests.RequestException):
    """An address that we do not go to."""


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_allowed(url: str, private_hosts: Collection[str]) -> bool:
    """Whether we may go there: https on a public host, or a host that the operator has named."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return False
    if host in private_hosts:
        return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    return parts.scheme == "https" and not parts.username and _is_public(host, port)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.")


def _is_public(host: str, port: int) -> bool:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(_is_global(str(one[4][0])) for one in found)


def _is_global(address: str) -> bool:
    return ipaddress.ip_address(address.split("%")[0]).is_global


def _require_global(connected: socket.socket) -> socket.socket:
    # A name may lead elsewhere than it did when it was looked up: what counts is whom we are connected to.
    if not _is_global(str(connected.getpeername()[0])):
        connected.close()
        raise NotAllowed("this name leads into a private network")
    return connected


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _require_global(super()._new_conn())


class _PublicSecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _require_global(super()._new_conn())


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicSecurePool(HTTPSConnectionPool):
    ConnectionCls = _PublicSecureConnection


class PublicAdapter(HTTPAdapter):
    """Connects to public addresses only."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicSecurePool}


class GuardedSession(requests.Session):
    """A session that goes nowhere else; what it answers is left to be read by whoever asked."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        super().__init__()
        self.private_hosts = private_hosts
        # No proxy and no password out of the surroundings: what is sent is ours alone.
        self.trust_env = False
        self.headers["User-Agent"] = "Milepost"
        self.public = PublicAdapter()

    def get_adapter(self, url: str) -> BaseAdapter:
        return super().get_adapter(url) if urlsplit(url).hostname in self.private_hosts else self.public

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        address = url.decode() if isinstance(url, bytes) else url
        if not is_allowed(address, self.private_hosts):
            raise NotAllowed(f"{origin_of(address)} is not an address that we may go to")
        options = {
            "timeout": (SECONDS_TO_CONNECT, SECONDS_TO_READ),
            **options,
            "allow_redirects": False,
            "stream": True,
        }
        return super().request(method, address, *args, **options)


def read_body(response: requests.Response, largest: int) -> bytes:
    """What was answered, unless it is larger than anything we ask for, or we are sent on."""
    with response:
        body = bytes(response.raw.read(largest + 1, decode_content=True))
    if len(body) > largest:
        raise NotAllowed(f"an answer of more than {largest // 2**20} MB")
    if response.is_redirect:
        raise NotAllowed("sent on to another address")
    return body
