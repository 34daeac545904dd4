"""What is never in a log nor on an operator's page: secrets, ours and others', and where people can be written to."""

import re
from functools import cache

from django.conf import settings

HIDDEN = "…"
FIELDS = "password|passwd|secret|token|sessionid|signature"
# Pages that let in whoever has their link.
DOORS = "shared|mails|reminders|calendar|join|assessments|offers|open|key|confirm-email"
# Each with what is left of it.
PATTERNS = (
    (re.compile(r"mlp_[\w-]{6,}"), f"mlp_{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(\w://)[^/\s@:]*:[^/\s@]*@"), rf"\1{HIDDEN}@"),
    (re.compile(rf"(?i)\b(\w*(?:{FIELDS})\w*['\"]?\s*[=:]\s*['\"]?)[^\s'\"&,;)}}]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?<![\w.+-])(?!celery@)[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), f"{HIDDEN}@{HIDDEN}"),
    (re.compile(rf"(/(?:{DOORS})/)[^/\s'\"]{{10,}}"), rf"\1{HIDDEN}"),
)


@cache
def _list_secrets() -> tuple[str, ...]:
    """This installation's own, which no pattern would know."""
    database = settings.DATABASES["default"].get("PASSWORD", "")
    mail = getattr(settings, "EMAIL_HOST_PASSWORD", "")
    own = (settings.SECRET_KEY, settings.WORLD_SECRET, settings.METRICS_TOKEN, database, mail)
    return tuple(secret for secret in own if len(secret) >= 6)


def mask(text: str) -> str:
    """The same, without what must not be in a log."""
    for secret in _list_secrets():
        text = text.replace(secret, HIDDEN)
    for pattern, left in PATTERNS:
        text = pattern.sub(left, text)
    return text
