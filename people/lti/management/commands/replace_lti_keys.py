"""Replaces the keys that are used with learning platforms, at once: for when one may have been seen."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from people.lti.keys import replace_all


class Command(BaseCommand):
    help = (
        "Forget every key for learning platforms and make another. They change by themselves in time; this is at once."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        made = replace_all(timezone.now())
        self.stdout.write(
            f"The only key is now {made.kid}. Platforms learn of it within a day; until then, some refuse us."
        )
