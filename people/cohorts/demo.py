"""Makes the demo: a cast, a cohort, and work that was really handed in and really judged. Safe to run again."""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from curriculum.models import Project, Track
from people.accounts.models import User
from people.cohorts.models import Cohort, Invitation, Membership, Role, Section
from people.learners import intake, tasks
from people.learners.models import Run
from people.learners.references import read_pair
from people.learners.unpacking import read_folder

PASSWORD = "milepost-demo"  # noqa: S105 - shown on the first page; the demo listens on this machine only
CAST = {
    "alice": "Alice",
    "bob": "Bob",
    "charlie": "Charlie",
    "dana": "Dana",
    "erin": "Erin",
}
COHORT = "autumn"


def make_cast() -> dict[str, User]:
    """Alice and Bob learn, Charlie belongs to nothing, Dana leads, Erin hires."""
    return {name: _make_user(name, first) for name, first in CAST.items()}


def _make_user(name: str, first: str) -> User:
    user, made = User.objects.get_or_create(username=name, defaults={"first_name": first})
    if made:
        user.set_password(PASSWORD)
        user.save()
    return user


def order_slugs() -> list[str]:
    """The published projects: as the tracks order them, then those that are on none."""
    published = set(Project.objects.filter(is_current=True).values_list("slug", flat=True))
    tracked = [slug for slugs in Track.objects.order_by("pk").values_list("slugs", flat=True) for slug in slugs]
    return [slug for slug in dict.fromkeys([*tracked, *sorted(published)]) if slug in published]


def make_cohort(cast: dict[str, User], slugs: list[str]) -> Cohort:
    cohort, _ = Cohort.objects.update_or_create(
        slug=COHORT, defaults={"title": "Autumn cohort", "project_slugs": slugs}
    )
    for name, role in (("alice", Role.LEARNER), ("bob", Role.LEARNER), ("dana", Role.OWNER)):
        Membership.objects.get_or_create(cohort=cohort, user=cast[name], defaults={"role": role})
    _fill(cohort, cast)
    return cohort


def _fill(cohort: Cohort, cast: dict[str, User]) -> None:
    """A section for each learner, and a link for others: what leaders look after."""
    for title, name in (("Tuesday evening", "alice"), ("Saturday morning", "bob")):
        section, _ = Section.objects.get_or_create(cohort=cohort, title=title)
        Membership.objects.filter(cohort=cohort, user=cast[name], section=None).update(section=section)
    if not cohort.invitations.exists():
        later = timezone.now() + timedelta(days=30)
        Invitation.objects.create(cohort=cohort, made_by=cast["dana"], expires_at=later, cap=20)


def hand_in_demo_work(cast: dict[str, User], project: Project, folder: Path) -> list[Run]:
    """Alice hands in the starter, which is refused, and then a good first milestone; each is judged here and now."""
    enrolment = intake.enrol(cast["alice"], project)
    if enrolment.submissions.exists():
        return []
    kind = project.milestones.all()[0].kind
    starter = read_tree(folder / "starter")
    runs = []
    # Of the reference only what this milestone uses: whoever looks around as Alice has the rest before them.
    for tree in (starter, {**starter, **read_pair(enrolment, kind, None).reference}):
        run = intake.submit(enrolment, kind, tree, via="web")
        tasks.grade_this(run.pk)
        run.refresh_from_db()
        runs.append(run)
    return runs


def read_tree(folder: Path) -> dict[str, bytes]:
    """A folder's files as an upload of it would bring them."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return read_folder((path.relative_to(folder).as_posix(), path.open("rb")) for path in paths)
