"""Whether this process lives, whether it can serve, and how it is: for supervisors, load balancers and Prometheus."""

import ipaddress
import logging
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from config.celery import app
from people.operators.exposition import expose

log = logging.getLogger(__name__)

OK: Final = "ok"
# Whoever asks often gets the same answer for so long, and nobody is asked for it.
KEPT_S: Final = 2.0
PATIENCE_S: Final = 2

# Who never answers is left behind; no more than so many at a time.
aside = ThreadPoolExecutor(max_workers=8, thread_name_prefix="milepost-ready")


class Answer:
    """The last answer, and when it was found."""

    parts: Mapping[str, str] = {}
    at = float("-inf")


def say_alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": OK})


def say_ready(request: HttpRequest) -> HttpResponse:
    """Each part that it needs, by itself; why one fails stands in the log, for here anybody reads it."""
    if time.monotonic() - Answer.at > KEPT_S:
        Answer.parts, Answer.at = try_parts(), time.monotonic()
    ready = all(told == OK for told in Answer.parts.values())
    return JsonResponse({"status": OK if ready else "not ready", "parts": Answer.parts}, status=200 if ready else 503)


def try_parts() -> dict[str, str]:
    """All at once and aside, for each can also be silent: whoever asks waits for the slowest, and not for long."""
    deadline = time.monotonic() + PATIENCE_S
    asked = {name: (aside.submit(ask), fails) for name, (ask, fails) in PARTS.items()}
    return {name: _hear(name, answer, fails, deadline) for name, (answer, fails) in asked.items()}


def tell_metrics(request: HttpRequest) -> HttpResponse:
    """For who holds the token; without one, for this machine alone. To anybody else there is no such address."""
    if settings.METRICS_TOKEN:
        told = request.headers.get("Authorization", "")
        if not constant_time_compare(told, f"Bearer {settings.METRICS_TOKEN}"):
            return HttpResponse("Say the token: Authorization: Bearer …\n", status=401, content_type="text/plain")
    elif not is_of_this_machine(request):
        raise Http404
    return HttpResponse(expose(timezone.now()), content_type=CONTENT_TYPE_LATEST)


def is_of_this_machine(request: HttpRequest) -> bool:
    """Behind a proxy everybody comes from its address, so who comes by one is of elsewhere."""
    if settings.REST_FRAMEWORK["NUM_PROXIES"] or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _hear(name: str, answer: Future[str], fails: str, deadline: float) -> str:
    try:
        return answer.result(max(0.0, deadline - time.monotonic()))
    except Exception:  # whatever it is: not ready is all that may be said here
        log.warning("%s %s", name, fails, exc_info=True)
        return fails


def _ask_database() -> str:
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK


def _ask_migrations() -> str:
    with closing(connection):
        missing = _list_migrations() - set(MigrationRecorder(connection).applied_migrations())
    return f"{len(missing)} not applied" if missing else OK


@cache
def _list_migrations() -> frozenset[tuple[str, str]]:
    """Those of this edition."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _ask_broker() -> str:
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        folder = Path(settings.BROKER_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        return OK if os.access(folder, os.W_OK) else "cannot be written"
    options = {"socket_connect_timeout": PATIENCE_S, "socket_timeout": PATIENCE_S}
    options = options if settings.CELERY_BROKER_URL.startswith("redis") else {}
    with app.connection_for_write(connect_timeout=PATIENCE_S, transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, timeout=PATIENCE_S)
    return OK


def _ask_store() -> str:
    settings.STORE_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.STORE_DIR) as file:
        file.write(b"ready?")
        file.flush()
    return OK


PARTS: Final[Mapping[str, tuple[Callable[[], str], str]]] = {
    "database": (_ask_database, "does not answer"),
    "migrations": (_ask_migrations, "not known"),
    "broker": (_ask_broker, "does not answer"),
    "store": (_ask_store, "cannot be written"),
}
