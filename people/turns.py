"""Takes what waits in a row, one try at a time: rows say how often it was tried, when it is next, and since when it
waits."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q, QuerySet

MOST_TRIES: Final = 8
LONGEST_WAIT: Final = timedelta(hours=6)
# After the first the call is taken for lost, or its worker for dead. After the second nobody is called again: whoever
# dies of it would do so for ever.
OVERDUE, HOPELESS = timedelta(minutes=10), timedelta(days=1)


def claim_try(rows: QuerySet[Any], tries: int, now: datetime, first_wait: timedelta) -> bool:
    """Whether this try is ours. Its successor's time is set at once: should we die, somebody tries again then.

    `rows` is the one row, if it still waits; `tries` how often it had been tried when we looked.
    """
    wait = min(first_wait * 4**tries, LONGEST_WAIT)
    return rows.filter(tries=tries, next_at__lte=now).update(tries=F("tries") + 1, next_at=now + wait) == 1


def overdue(asked_at: str, now: datetime) -> Q:
    """What was asked for a while ago, by the column of this name."""
    return Q(**{f"{asked_at}__lt": now - OVERDUE, f"{asked_at}__gt": now - HOPELESS})
