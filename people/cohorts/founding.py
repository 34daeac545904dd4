"""Creates cohorts and settles what they take: a title, projects or a whole track, and a zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Track
from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Cohort, Membership, Role
from people.cohorts.queries import list_ever_led
from people.learners.queries import current_projects
from people.learners.refusals import Refusal
from people.slugs import choose_slug

LONGEST_TITLE = 120
# Addresses below /cohorts/ that are pages of their own.
TAKEN = frozenset({"new"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a cohort is called and takes: of a track all that is published, in its order, and projects besides."""

    title: str
    projects: Sequence[str] = ()
    track: str = ""
    zone: str = ""


def may_found(user: User) -> bool:
    """Staff, and who owns or instructs a cohort already; everybody where the site says so."""
    if settings.MILEPOST_OPEN_COHORTS or user.is_staff:
        return True
    return list_ever_led(user).filter(role__in=(Role.OWNER, Role.INSTRUCTOR)).exists()


def require_founder(user: User) -> None:
    if not may_found(user):
        told = _("Here, cohorts are created by staff and by who owns or instructs one already.")
        raise Refusal("not-yours-to-do", "cohort", told, 403, _("Ask whoever runs this site."))


def found(user: User, terms: Terms) -> Membership:
    """A new cohort, which this user owns. Raises Refusal."""
    require_founder(user)
    title, slugs, zone = _read(terms)
    with transaction.atomic():
        slug = choose_slug(title, "cohort", _is_taken)
        cohort = Cohort.objects.create(slug=slug, title=title, project_slugs=slugs, zone=zone)
        owner = Membership.objects.create(cohort=cohort, user=user, role=Role.OWNER)
        note(cohort, user, "created", text=", ".join(slugs))
    return owner


def settle(leader: Membership, terms: Terms) -> None:
    """Change what the cohort is called and takes. What was done in a project that it gives up stays."""
    cohort = leader.cohort
    before = cohort.project_slugs
    cohort.title, slugs, cohort.zone = _read(terms)
    # The order in which it takes them stays as it was, unless a track says otherwise.
    kept = [] if terms.track else [slug for slug in before if slug in slugs]
    cohort.project_slugs = list(dict.fromkeys([*kept, *slugs]))
    with transaction.atomic():
        cohort.save(update_fields=["title", "project_slugs", "zone"])
        note(cohort, leader.user, "settled", text=f"{cohort.title}: {', '.join(cohort.project_slugs)}")


def _read(terms: Terms) -> tuple[str, list[str], str]:
    title = " ".join(terms.title.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        told = _("Give the cohort a title of 1 to {most} characters, such as “Autumn, Berlin”.")
        raise Refusal("invalid", "title", told.format(most=LONGEST_TITLE))
    if terms.zone and terms.zone not in available_timezones():
        raise Refusal("unknown-zone", "zone", _("Choose one of the time zones, such as Europe/Berlin."))
    return title, _read_projects(terms), terms.zone


def _read_projects(terms: Terms) -> list[str]:
    wanted = list(dict.fromkeys([*_list_of_track(terms.track), *terms.projects]))
    published = {project.slug for project in current_projects(wanted)}
    unknown = [slug for slug in terms.projects if slug not in published]
    if unknown:
        told = _("There is no project {project}; choose published ones.").format(project=repr(unknown[0]))
        raise Refusal("unknown-project", "projects", told)
    return [slug for slug in wanted if slug in published]


def _list_of_track(slug: str) -> list[str]:
    if not slug:
        return []
    track = Track.objects.filter(slug=slug).first()
    if track is None:
        raise Refusal("unknown-track", "track", _("There is no track {track}.").format(track=repr(slug)))
    return list(track.slugs)


def _is_taken(slug: str) -> bool:
    return slug in TAKEN or Cohort.objects.filter(slug=slug).exists()
