"""`manage.py restore`: make an empty installation what a backup is of."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from grading.store import StoreFault
from people.learners.dumps import DumpFault
from people.learners.restoring import RestoreFault, restore

SHOWN = 5


class Command(BaseCommand):
    help = "Read a backup in, bring its tables up to date, and look whether all is there that they name."
    # The database may be empty, or of another edition: its migrations come later.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="though this installation is not empty; it is lost")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            missing = restore(file.resolve(), replace)
        except (RestoreFault, DumpFault, StoreFault, OSError) as fault:
            raise CommandError(f"Not restored: {fault}") from fault
        if missing:
            some = ", ".join(digest[:12] for digest in missing[:SHOWN])
            raise CommandError(
                f"Restored, but {len(missing)} folders that the database names are not in the store: {some}"
            )
        self.stdout.write("Restored: everything that the database names is there. Start web, worker and beat.")
