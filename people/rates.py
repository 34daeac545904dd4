"""Counts how often somebody does a thing, over all web processes, and says how long to wait. Knows not what it is."""

import logging
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

log = logging.getLogger(__name__)


class _Count(SimpleRateThrottle):
    """DRF's own arithmetic, for whoever is no view."""

    def __init__(self, scope: str, ident: str) -> None:
        self.scope, self.ident = scope, ident
        super().__init__()

    def get_rate(self) -> Any:
        rates = cast(dict[str, Any], settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
        return rates[str(self.scope)]

    def get_cache_key(self, request: Any, view: Any) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.ident})


def find_address(request: HttpRequest) -> str:
    """Where a request comes from, by MILEPOST_PROXIES: what stands in front is believed, and nobody's own word."""
    return str(BaseThrottle().get_ident(request) or "unknown")  # type: ignore[arg-type]


def take_turn(scope: str, ident: str) -> int:
    """0, and this time is counted; or in how many seconds there is a turn again."""
    count = _Count(scope, ident)
    try:
        may = count.allow_request(None, None)  # type: ignore[arg-type]
    except RedisError:
        # Nobody's work is turned away because we cannot count.
        log.exception("%s is not counted: the cache does not answer", scope)
        return 0
    return 0 if may else int(count.wait() or 0) + 1
