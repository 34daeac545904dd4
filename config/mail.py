"""Turns EMAIL_URL into Django's settings of a mail server."""

from typing import Any
from urllib.parse import unquote

from config.environment import split_url

PORTS = {"smtp": 587, "smtps": 465}


def parse_email_url(url: str) -> dict[str, Any]:
    """smtp://user:password@host:587, whose connection is then encrypted, or smtps://…, where it is from the start.

    Without a user, smtp:// is a relay that is trusted as it is, in clear.
    """
    parts = split_url("EMAIL_URL", url, PORTS, "smtp://user:password@host:587 or smtps://…")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp" and bool(parts.username),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 20,
    }
