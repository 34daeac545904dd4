"""Fills an installation for a load test, and says who they are as JSON: learners with a past, and leaders.

A crowd with real histories, by seed; each learner also enrolled in a real project, with the starter to edit. Run with
the installation's own settings.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    import django

    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.conf import settings
from django.test import Client

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners import sharing
from people.learners.models import Run
from people.learners.repositories import open_repository
from scripts.crowd import make_crowd

CROWD = "crowd"


def make_cast(learners: int, leaders: int, crowd: int, slug: str, seed: int) -> dict[str, Any]:
    project = Project.objects.get(slug=slug, is_current=True)
    cohort = make_crowd(crowd, CROWD, seed)
    Cohort.objects.filter(pk=cohort.pk).update(project_slugs=[CROWD, slug])
    members = User.objects.filter(username__startswith=f"{CROWD}-").order_by("username")
    return {
        "cohort": cohort.slug,
        "crowd": CROWD,
        "project": slug,
        "kind": project.milestones.all()[0].kind,
        "learners": [_equip(user, project) for user in _with_results(members)[:learners]],
        "leaders": [{"session": _sign_in(_appoint(cohort, number))} for number in range(leaders)],
    }


def _with_results(members: Any) -> list[User]:
    judged = set(Run.objects.filter(state="done").values_list("submission__enrolment__user", flat=True))
    return [user for user in members if user.pk in judged]


def _equip(user: User, project: Project) -> dict[str, Any]:
    # Their worlds are made when they are asked for: thousands at once would keep the workers for an hour.
    open_repository(sharing.begin(user, project, project.domains[0])[0])
    newest = Run.objects.filter(submission__enrolment__user=user, outcome__in=("passed", "failed")).last()
    milestone = newest.submission.kind if newest else ""
    return {"session": _sign_in(user), "result": newest and newest.submission_id, "milestone": milestone}


def _appoint(cohort: Cohort, number: int) -> User:
    leader = User.objects.create(username=f"{CROWD}-leader-{number}", password="!")  # noqa: S106 - nobody signs in
    Membership.objects.create(cohort=cohort, user=leader, role=Role.INSTRUCTOR)
    return leader


def _sign_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/load_cast.py", description=__doc__)
    for name in ("learners", "leaders", "crowd", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--project", required=True)
    asked = parser.parse_args()
    print(json.dumps(make_cast(asked.learners, asked.leaders, asked.crowd, asked.project, asked.seed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
