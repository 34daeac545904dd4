"""Turns CACHE_URL into Django's settings of a cache."""

from typing import Any
from urllib.parse import urlsplit

from config.environment import SettingError

BACKENDS = "django.core.cache.backends"


def parse_cache_url(url: str) -> dict[str, Any]:
    """locmem://, redis://host:6379/1 (or rediss://), or database://table."""
    parts = urlsplit(url)
    if parts.scheme == "locmem":
        return {"BACKEND": f"{BACKENDS}.locmem.LocMemCache"}
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        return {"BACKEND": f"{BACKENDS}.redis.RedisCache", "LOCATION": url, "KEY_PREFIX": "milepost"}
    if parts.scheme == "database" and parts.netloc.isidentifier():
        return {"BACKEND": f"{BACKENDS}.db.DatabaseCache", "LOCATION": parts.netloc}
    raise SettingError(f"CACHE_URL is {url!r}; say locmem://, redis://host:6379/1 or database://table.")
