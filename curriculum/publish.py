"""Publishes packages and tracks: the only writer of this room's rows."""

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Max

from curriculum.models import Milestone, Project, Track
from curriculum.package import MilestoneSpec, ProjectPackage
from curriculum.questions import plain_questions


@transaction.atomic
def publish(package: ProjectPackage, tree: str, starter: str) -> Project:
    """Write the package's published copy: a new edition if anything that judges changed, else only new words."""
    editions = Project.objects.filter(slug=package.slug)
    editions.exclude(digest=package.digest).update(is_current=False)
    told = {**_describe_project(package), "tree": tree, "starter": starter, "is_current": True}
    last = editions.aggregate(last=Max("number"))["last"] or 0
    project, _ = Project.objects.update_or_create(
        slug=package.slug, digest=package.digest, defaults=told, create_defaults={**told, "number": last + 1}
    )
    for position, milestone in enumerate(package.milestones, start=1):
        Milestone.objects.update_or_create(
            project=project, kind=milestone.kind, defaults=_describe(package, milestone, position)
        )
    return project


def _describe_project(package: ProjectPackage) -> dict[str, Any]:
    return {
        "title": package.title,
        "version": package.version,
        "summary": package.summary,
        "stakeholder": package.stakeholder,
        "story": package.words("README.md"),
        "skills": list(package.skills),
        "domains": list(package.domains),
    }


def _describe(package: ProjectPackage, milestone: MilestoneSpec, position: int) -> dict[str, Any]:
    return {
        "position": position,
        "title": milestone.title,
        "summary": milestone.summary,
        "minutes": milestone.minutes,
        "brief": package.words(f"{milestone.kind}/brief.md"),
        "hints": package.words(f"{milestone.kind}/hints.md"),
        "command": " ".join(milestone.command or milestone.listen) or milestone.serve,
        "produces": dict(milestone.produces),
        "limits": dict(milestone.limits),
        "questions": plain_questions(package.words(f"{milestone.kind}/checks.py")),
    }


def publish_tracks(path: Path) -> list[Track]:
    """Write the tracks that this file lists: slug, title, summary and the slugs of its projects, in order."""
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Track.objects.update_or_create(
            slug=entry["slug"],
            defaults={"title": entry["title"], "summary": entry["summary"], "slugs": entry["projects"]},
        )[0]
        for entry in listed
    ]
