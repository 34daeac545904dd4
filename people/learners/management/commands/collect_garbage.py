"""`manage.py collect_garbage`: take out of the store what nobody needs any more."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from curriculum.package import PackageFault
from grading.store import BLOBS, MEMO, TREES, StoreFault
from people.learners.collecting import collect
from people.learners.facilities import store

KEEP_DAYS = 90


class Command(BaseCommand):
    help = "Take out of the store what no row, no recent answer and no run to come needs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and take nothing away")
        parser.add_argument(
            "--keep-days",
            type=int,
            default=KEEP_DAYS,
            help=f"how long an answer stays that nobody asks for, and the worlds of what is gone; {KEEP_DAYS}",
        )

    def handle(self, *args: Any, dry_run: bool, keep_days: int, **options: Any) -> None:
        if keep_days < 1:
            raise CommandError("--keep-days must be 1 or more: what is younger than a day is never taken away.")
        try:
            freed = collect(store(), timedelta(days=keep_days), dry_run)
        except (StoreFault, PackageFault) as fault:
            raise CommandError(f"Clearing out did not come to its end: {fault}") from fault
        things = freed.things
        self.stdout.write(
            f"{'Would free' if dry_run else 'Freed'} {freed.size / 1e6:.1f} MB: "
            f"{things[TREES]} folders, {things[BLOBS]} files, {things[MEMO]} answers."
        )
