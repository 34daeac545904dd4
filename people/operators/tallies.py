"""Adds what this process has counted to what all have counted, now and then. Processes come and go; rows stay."""

import json
import logging
import threading
import time
from typing import cast

from django.db import DatabaseError, connection

from grading.measuring import Series, counts
from people.operators.models import Tally

log = logging.getLogger(__name__)

PAUSE_S = 10.0


def flush() -> None:
    """One statement; in the same order everywhere, so that no two processes wait for each other's rows."""
    rows = sorted(_as_row(series, value) for series, value in counts.take().items())
    if not rows:
        return
    table = connection.ops.quote_name(Tally._meta.db_table)
    places = ", ".join(["(%s, %s, %s)"] * len(rows))
    # S608: the table's name is ours, and the rest are places.
    sentence = (
        f"INSERT INTO {table} (name, labels, value) VALUES {places} "  # noqa: S608 - names of our own
        f"ON CONFLICT (name, labels) DO UPDATE SET value = {table}.value + excluded.value"
    )
    with connection.cursor() as cursor:
        cursor.execute(sentence, [field for row in rows for field in row])


def read_tallies() -> list[tuple[str, dict[str, str], float]]:
    rows = Tally.objects.order_by("name", "labels").values_list("name", "labels", "value")
    return [(name, cast(dict[str, str], json.loads(labels)), value) for name, labels, value in rows]


def keep_flushing() -> None:
    """In a thread of this process, for as long as it lives."""
    threading.Thread(target=_keep_flushing, name="milepost-tallies", daemon=True).start()


def try_to_flush() -> None:
    """What cannot be written down is forgotten: numbers for operators are worth no work that fails."""
    try:
        flush()
    except DatabaseError as error:
        log.warning("numbers were not written down: %s", error)


def _keep_flushing() -> None:
    while True:
        time.sleep(PAUSE_S)
        try_to_flush()
        connection.close()


def _as_row(series: Series, value: float) -> tuple[str, str, float]:
    name, labels = series
    return name, json.dumps(dict(labels)), value
