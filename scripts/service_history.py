"""How long workers took for the runs of this installation, by project and milestone; for `scripts/simulate`.

    scripts/bench --history [--days 30] > services.json

DATABASE_URL says where. Void, superseded and trial runs do not count.
"""

import argparse
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

if __name__ == "__main__":
    import django

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.utils import timezone

from people.learners.estimates import milestone_of
from people.learners.models import Run
from scripts.service_times import PASSED, REFUSED, Services

ENDINGS = {"passed": PASSED, "failed": REFUSED, "broken": REFUSED}


def read_services(days: int) -> Services:
    runs = Run.objects.filter(outcome__in=ENDINGS, finished_at__gt=timezone.now() - timedelta(days=days))
    services: Services = {}
    for run in runs.select_related("submission__enrolment__project").order_by("pk").iterator():
        if run.started_at and run.finished_at:
            slug, kind = milestone_of(run)
            times = services.setdefault(slug, {}).setdefault(kind, {PASSED: [], REFUSED: []})
            times[ENDINGS[run.outcome]].append((run.finished_at - run.started_at).total_seconds())
    return services


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench --history", description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="how far to look back")
    print(json.dumps({"services": read_services(parser.parse_args().days)}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
