"""How long a page of a large cohort's gradebook takes, how many queries it asks, and what its files cost.

    scripts/bench --gradebook [--cohort crowd] [--runs 100]

DATABASE_URL says where; `scripts/crowd.py --learners 10000 --leader NAME` makes the cohort. Processor time is this
process's own: on a busy machine it tells more than the clock, but not what the database works.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

if __name__ == "__main__":
    import django

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.cohorts.exporting import FORMATS
from people.cohorts.models import POWERS, Membership, Role

LINES = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench --gradebook", description=__doc__)
    parser.add_argument("--cohort", default="crowd", help="its slug")
    parser.add_argument("--runs", type=int, default=100)
    asked = parser.parse_args()
    leader = Membership.objects.filter(cohort__slug=asked.cohort, role__in=POWERS).exclude(role=Role.ASSISTANT).first()
    if leader is None:
        parser.error(f"nobody leads a cohort {asked.cohort} here; scripts/crowd.py makes one with --leader")
    client, random = Client(), Random(1)  # noqa: S311 - repeatable
    client.force_login(leader.user)
    base = f"/cohorts/{asked.cohort}/gradebook"
    last = max(1, Membership.objects.filter(cohort=leader.cohort, role=Role.LEARNER).count() // LINES)
    print(f"{connection.vendor}; {last * LINES} learners; milliseconds")
    cache.clear()
    time_pages("first by total", 1, lambda: client.get(f"{base}/?sort=total"))
    for order in ("name", "section", "-total"):
        time_pages(
            f"page by {order}",
            asked.runs,
            partial(open_some_page, client, f"{base}/?sort={order}", last, random),
        )
    for extension in FORMATS:
        time_file(client, f"{base}.{extension}")
    return 0


def open_some_page(client: Client, address: str, last: int, random: Random) -> None:
    client.get(f"{address}&page={random.randint(1, last)}")


def time_pages(name: str, runs: int, fetch: Callable[[], object]) -> None:
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        fetch()
        first, count = time.perf_counter() - began, len(queries.captured_queries)
    walls, cpus = [first] if runs == 1 else [], []
    for _ in range(runs if runs > 1 else 0):
        wall, cpu = time.perf_counter(), time.process_time()
        fetch()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    walls.sort()
    middle, high = statistics.median(walls), walls[int(0.95 * len(walls)) - 1 if len(walls) > 1 else 0]
    own = f"{1000 * statistics.median(cpus):4.0f} of processor" if cpus else ""
    print(f"{name:16} p50 {1000 * middle:6.0f}  p95 {1000 * high:6.0f}  {count} queries  {own}", flush=True)


def time_file(client: Client, address: str) -> None:
    wall, cpu, size = time.perf_counter(), time.process_time(), 0
    answer: Any = client.get(address)
    for part in answer.streaming_content:
        size += len(part)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = f"{wall:6.1f} s ({cpu:.1f} s of processor)  {size / 2**20:.1f} MB  peak memory {peak:.0f} MB"
    print(f"{Path(address).suffix:16} {told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
