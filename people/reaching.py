"""Says which addresses the server may go to when somebody else names them: nothing in our own network."""

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

import requests

SECONDS_TO_CONNECT: Final = 5


class NotAllowed(requests.RequestException):
    """An address that we do not go to."""


def is_public(host: str, port: int) -> bool:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(str(one[4][0]).split("%")[0]).is_global for one in found)


def is_public_address(url: str) -> bool:
    """Whether an address is https on a public host, without a user in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        return False
    return parts.scheme == "https" and not parts.username and is_public(host, port)


def read_body(response: requests.Response, largest: int) -> bytes:
    """What was answered, unless it is larger than anything we ask for, or we are sent on."""
    with response:
        body = bytes(response.raw.read(largest + 1, decode_content=True))
    if len(body) > largest:
        raise NotAllowed(f"an answer of more than {largest // 2**20} MB")
    if response.is_redirect:
        raise NotAllowed("sent on to another address")
    return body
