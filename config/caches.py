"""Turns CACHE_URL into Django's settings of a cache."""

from typing import Any

from config.environment import SettingError, split_url

BACKENDS = "django.core.cache.backends"
SAY = "locmem://, redis://host:6379/1 or database://table"


def parse_cache_url(url: str) -> dict[str, Any]:
    """locmem://, redis://host:6379/1 (or rediss://), or database://table."""
    parts = split_url("CACHE_URL", url, ("redis", "rediss", "database"), SAY, local=("locmem",))
    if parts.scheme == "locmem":
        return {"BACKEND": f"{BACKENDS}.locmem.LocMemCache"}
    if parts.scheme in {"redis", "rediss"}:
        return {"BACKEND": f"{BACKENDS}.redis.RedisCache", "LOCATION": url, "KEY_PREFIX": "milepost"}
    if not parts.netloc.isidentifier():
        raise SettingError(f"CACHE_URL names no table; say {SAY}.")
    return {"BACKEND": f"{BACKENDS}.db.DatabaseCache", "LOCATION": parts.netloc}
