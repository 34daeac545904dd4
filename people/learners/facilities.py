"""The grading room's facilities, as this server's settings say."""

from functools import cache

from django.conf import settings

from grading.facilities import Facilities
from grading.sandboxes.choose import choose_warm
from grading.store import Store


@cache
def store() -> Store:
    """Where trees, artefacts and worlds are kept. The web needs no more than this."""
    return Store(settings.STORE_DIR)


@cache
def facilities() -> Facilities:
    """All that a worker needs. Raises SandboxFault on a host that cannot hold strangers' code."""
    return Facilities(store=store(), sandbox=choose_warm(), environments=settings.ENVIRONMENTS_DIR)
