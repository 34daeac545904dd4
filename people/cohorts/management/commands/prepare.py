"""`manage.py prepare`: all that must be true before the first request: tables, projects and, in the demo, people."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from curriculum.models import Project
from grading.sandboxes.base import SandboxFault
from people.accounts.models import User
from people.cohorts import demo
from people.learners.facilities import facilities


class Command(BaseCommand):
    help = "Migrate, publish the projects, and make the demo cast where MILEPOST_DEMO says so."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in (settings.BROKER_DIR / "queue", settings.BROKER_DIR / "control"):
            folder.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        call_command("publish", stdout=self.stdout)
        if settings.MILEPOST_DEMO:
            self._make_demo()

    def _make_demo(self) -> None:
        cast = demo.make_cast()
        slugs = demo.order_slugs()
        demo.make_cohort(cast, slugs)
        self._hand_in(cast, Project.objects.get(slug=slugs[0], is_current=True))
        call_command("prepare_employer", stdout=self.stdout)
        names = ", ".join(f"{name} ({role})" for name, role in ROLES.items())
        self.stdout.write(f"Log in as {names}; the password of each is {demo.PASSWORD}.")

    def _hand_in(self, cast: dict[str, User], project: Project) -> None:
        folder = Path(settings.PROJECTS_DIR) / project.slug
        try:
            facilities()
        except SandboxFault as fault:
            raise CommandError(f"Nothing can be graded on this host: {fault}") from fault
        for run in demo.hand_in_demo_work(cast, project, folder):
            self.stdout.write(f"Alice's {run.submission.kind} was judged: {run.outcome}. {run.sentence}")


ROLES = {
    "alice": "learner, under way",
    "bob": "learner, new",
    "charlie": "an outsider",
    "dana": "instructor",
    "erin": "employer",
}
