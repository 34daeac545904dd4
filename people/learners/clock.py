"""The clock that leases are told by. Workers' own may differ by minutes; then one would take what another holds."""

from datetime import datetime

from django.db import connection
from django.utils import timezone


def read_clock() -> datetime:
    """The database's time, which all workers share; of a file on this machine, this machine's."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [now] = cursor.fetchone()
    moment: datetime = now
    return moment
