"""Signs credentials with new keys from here on; the old ones stay published for what they signed."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from people.employers.signing import rotate


class Command(BaseCommand):
    help = "Sign credentials with new keys from now on. What the old ones signed stays valid: they remain published."

    def handle(self, *args: Any, **options: Any) -> None:
        for key in rotate(timezone.now()):
            self.stdout.write(f"{key.algorithm} signs with {key.public} now.")
