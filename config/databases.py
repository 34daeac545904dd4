"""Turns DATABASE_URL into Django's settings of a database."""

from typing import Any
from urllib.parse import unquote

from config.environment import SettingError, split_url

# IMMEDIATE: a transaction that will write takes the lock at once, instead of failing half-way when another holds it.
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
}
SAY = "sqlite:////path or postgresql://user:password@host:5432/name"

# Under ASGI each request has a thread of its own: a connection kept for a thread is never used again, and hundreds of
# them use up what PostgreSQL allows. So they are kept for the process, and who finds none free waits for one.
POOL = {"min_size": 1, "max_size": 20, "timeout": 30}


def parse_database_url(url: str) -> dict[str, Any]:
    """sqlite:////absolute/path.sqlite3 or postgresql://user:password@host:port/name."""
    # PostgreSQL without a host is reached by its socket.
    parts = split_url("DATABASE_URL", url, (), SAY, local=("sqlite", "postgresql", "postgres"))
    name = unquote(parts.path[1:])
    if not name:
        raise SettingError(f"DATABASE_URL names no database; say {SAY}")
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": SQLITE_OPTIONS}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": 5, "pool": POOL},
        "CONN_HEALTH_CHECKS": True,
    }
