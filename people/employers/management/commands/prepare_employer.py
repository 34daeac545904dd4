"""`manage.py prepare_employer`: makes the demo's employer; `prepare` calls it once the demo's people are there."""

from typing import Any

from django.core.management.base import BaseCommand

from people.accounts.models import User
from people.employers.demo import make_employer


class Command(BaseCommand):
    help = "Make the demo's employer: Erin's, with a role, and a link that Alice sent."

    def handle(self, *args: Any, **options: Any) -> None:
        erin, alice = (User.objects.get(username=name) for name in ("erin", "alice"))
        employer = make_employer(erin, alice)
        self.stdout.write(f"Erin hires for {employer.title}.")
