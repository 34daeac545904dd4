"""The grading room's facilities, as this server's settings say."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from grading.facilities import Facilities
from grading.sandboxes.choose import choose_warm
from grading.store import Store

# Imported where it is used: its library takes 30 MB and a third of a second from every process.
BUCKET, BUCKET_STORE = "grading.bucket.Bucket", "grading.bucket_store.BucketStore"


@cache
def store() -> Store:
    """Where trees, artefacts and worlds are kept. The web needs no more than this."""
    if settings.STORE_BUCKET is None:
        return Store(settings.STORE_DIR)
    bucket = import_string(BUCKET)(**settings.STORE_BUCKET)
    kept: Store = import_string(BUCKET_STORE)(bucket, settings.STORE_DIR, settings.STORE_CACHE_MB * 2**20)
    return kept


@cache
def facilities() -> Facilities:
    """All that a worker needs. Raises SandboxFault on a host that cannot hold strangers' code."""
    return Facilities(store=store(), sandbox=choose_warm(), environments=settings.ENVIRONMENTS_DIR)
