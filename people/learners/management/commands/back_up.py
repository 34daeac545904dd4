"""`manage.py back_up`: all that this installation is, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people.learners.backups import COPIED, BackupFault, back_up, name_store


class Command(BaseCommand):
    help = "Write database, repositories, store and secrets into one file, while everything runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, help="a file that is not there yet, or a folder")

    def handle(self, *args: Any, target: Path, **options: Any) -> None:
        try:
            place = back_up(target.resolve(), timezone.now())
        except BackupFault as fault:
            raise CommandError(f"No backup was made: {fault}") from fault
        self.stdout.write(
            f"{place}: {place.stat().st_size / 1e6:.1f} MB. It holds the secrets: keep it as you keep them."
        )
        if name_store() != COPIED:
            self.stdout.write(f"{name_store()} is named in it and not copied: back the bucket up after this.")
