"""What `manage.py check` says of settings that can each be meant, but seldom are together.

What can never be meant stops the start instead: see environment.py. Everything here is a warning with its remedy.
"""

import os
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Tags, Warning, register

from grading.sandboxes.choose import read_requirement

LOCMEM: Final = "django.core.cache.backends.locmem.LocMemCache"
CONSOLE: Final = "django.core.mail.backends.console.EmailBackend"
# Each host makes these for itself when they are not said.
SECRETS: Final = {"SECRET_KEY": "secret-key", "MILEPOST_WORLD_SECRET": "world-secret"}

Finder = Callable[[], str]
FINDERS: Final[dict[str, tuple[Finder, str]]] = {}
BEFORE_DEPLOYING: Final[set[str]] = set()


def warns(number: int, remedy: str, deploy: bool = False) -> Callable[[Finder], Finder]:
    """A finder says what is wrong, or nothing; with `deploy`, only `check --deploy` asks it."""

    def add(finder: Finder) -> Finder:
        name = f"milepost.W{number:03}"
        FINDERS[name] = finder, remedy
        if deploy:
            BEFORE_DEPLOYING.add(name)
        return finder

    return add


def register_checks() -> None:
    register(_check_always, Tags.security)
    register(_check_deployment, Tags.security, deploy=True)


def _check_always(**_: Any) -> list[Warning]:
    return list(_ask(FINDERS.keys() - BEFORE_DEPLOYING))


def _check_deployment(**_: Any) -> list[Warning]:
    return list(_ask(BEFORE_DEPLOYING))


def _ask(names: set[str]) -> Iterator[Warning]:
    for name in sorted(names):
        finder, remedy = FINDERS[name]
        if fault := finder():
            yield Warning(fault, hint=remedy, id=name)


def _host() -> str:
    return urlsplit(settings.MILEPOST_ADDRESS).hostname or ""


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_public() -> bool:
    return not _is_local(_host())


def _has_other_hosts() -> bool:
    """Whether the database or the queue is reached over a network."""
    told = settings.DATABASES["default"].get("HOST", ""), urlsplit(settings.CELERY_BROKER_URL).hostname or ""
    return any(host and not host.startswith("/") and not _is_local(host) for host in told)


def _has_several_processes() -> bool:
    return urlsplit(settings.CELERY_BROKER_URL).scheme not in {"filesystem", "memory"}


@warns(1, "Set MILEPOST_DEMO=0, and set other passwords for the demo cast or delete it.")
def find_demo() -> str:
    if settings.MILEPOST_DEMO and _is_public():
        return f"The demo cast, whose password is published, is made at {settings.MILEPOST_ADDRESS}."
    return ""


@warns(2, "Set MILEPOST_DEBUG=0.")
def find_debug() -> str:
    if settings.DEBUG and _is_public():
        return f"Django's debug pages, which show settings and code, are on at {settings.MILEPOST_ADDRESS}."
    return ""


@warns(3, "Set DATABASE_URL=postgresql://…, or say BROKER_URL=filesystem:// for one host.")
def find_shared_sqlite() -> str:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") and _has_several_processes():
        return "SQLite is a file of one host, and BROKER_URL calls for workers that may be on others."
    return ""


@warns(4, "Set both on every host, from one place; MILEPOST_VAR holds those that were made here.")
def find_secrets_of_one_host() -> str:
    made = [name for name in SECRETS if not os.environ.get(name)]
    if made and _has_other_hosts():
        return (
            f"The database or the queue is on another host, which does not have what was made here: {', '.join(made)}."
        )
    return ""


@warns(5, "chmod 600 the file.")
def find_open_secrets() -> str:
    paths = [settings.VAR_DIR / name for name in SECRETS.values()]
    told = [str(path) for path in paths if path.exists() and path.stat().st_mode & 0o077]
    return f"{' and '.join(told)} can be read by other users of this host." if told else ""


@warns(6, "Set MILEPOST_HTTPS=1.")
def find_cookies_in_clear() -> str:
    if _is_public() and not settings.SESSION_COOKIE_SECURE:
        return f"People reach {settings.MILEPOST_ADDRESS} with cookies that any network on the way may read."
    return ""


@warns(7, "Name the host in MILEPOST_HOSTS.")
def find_unserved_address() -> str:
    served = any(_matches(_host(), host) for host in settings.ALLOWED_HOSTS)
    return (
        "" if served else f"MILEPOST_ADDRESS is {settings.MILEPOST_ADDRESS}, to which MILEPOST_HOSTS does not answer."
    )


def _matches(host: str, served: str) -> bool:
    bare = served.strip("[]").lower()
    return bare in {"*", host} or (bare.startswith(".") and (host.endswith(bare) or host == bare[1:]))


@warns(8, "Set MILEPOST_SANDBOX=strict, or dedicated where the worker's user owns nothing else.")
def find_weak_jail() -> str:
    if read_requirement() == "weak" and _is_public():
        return "MILEPOST_SANDBOX=weak is for one's own code on one's own machine, and strangers reach this one."
    return ""


@warns(20, "Name the hosts in MILEPOST_HOSTS.", deploy=True)
def find_any_host() -> str:
    return (
        "MILEPOST_HOSTS is *: links could be made for whatever host a caller says."
        if "*" in settings.ALLOWED_HOSTS
        else ""
    )


@warns(21, "Set MILEPOST_PROXIES to the number of proxies in front.", deploy=True)
def find_uncounted_proxies() -> str:
    if settings.SECURE_SSL_REDIRECT and not settings.REST_FRAMEWORK["NUM_PROXIES"]:
        return "MILEPOST_HTTPS is 1 and MILEPOST_PROXIES is 0: rate limits would take everybody for one caller."
    return ""


@warns(22, "Set CACHE_URL=redis://host:6379/1.", deploy=True)
def find_cache_of_one_process() -> str:
    if settings.CACHES["default"]["BACKEND"] == LOCMEM and _has_several_processes():
        return "The cache is in the memory of each process: rate limits are counted by each web process for itself."
    return ""


@warns(23, "Set EMAIL_URL=smtp://user:password@host:587.", deploy=True)
def find_printed_mails() -> str:
    if settings.EMAIL_BACKEND == CONSOLE and _is_public():
        return "Mails are printed and not sent: nobody can confirm an address or choose another password."
    return ""
