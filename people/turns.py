"""Takes what waits in a row to be sent, one try at a time: rows say how often it was tried, and when it is next."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, QuerySet

MOST_TRIES: Final = 8
LONGEST_WAIT: Final = timedelta(hours=6)


def claim_try(rows: QuerySet[Any], tries: int, now: datetime, first_wait: timedelta) -> bool:
    """Whether this try is ours. Its successor's time is set at once: should we die, somebody tries again then.

    `rows` is the one row, if it still waits; `tries` how often it had been tried when we looked.
    """
    wait = min(first_wait * 4**tries, LONGEST_WAIT)
    return rows.filter(tries=tries, next_at__lte=now).update(tries=F("tries") + 1, next_at=now + wait) == 1
