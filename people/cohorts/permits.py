"""Lets a cohort's learners do something before its time, or no longer; reads who may do what. For instructors only."""

from dataclasses import dataclass

from django.utils.translation import gettext

from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners import helping
from people.learners.models import Permit
from people.learners.queries import current_projects
from people.learners.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Allowed:
    """What some of a cohort's learners may do before its time at one milestone, and whether that is all of them."""

    slug: str
    kind: str
    what: str
    learners: tuple[str, ...]
    everybody: bool


def list_learners(cohort: Cohort) -> list[User]:
    members = Membership.objects.filter(cohort=cohort, role=Role.LEARNER).select_related("user")
    return [membership.user for membership in members.order_by("user__username")]


def list_allowed(cohort: Cohort) -> list[Allowed]:
    """What is allowed to this cohort's learners in its projects, in the order of projects and milestones."""
    learners = list_learners(cohort)
    permits = Permit.objects.filter(user__in=learners, slug__in=cohort.project_slugs).select_related("user")
    by_place: dict[tuple[str, str, str], list[str]] = {}
    for permit in permits.order_by("slug", "kind", "what", "user__username"):
        by_place.setdefault((permit.slug, permit.kind, permit.what), []).append(str(permit.user))
    return [Allowed(*place, tuple(names), len(names) == len(learners)) for place, names in by_place.items()]


def allow(cohort: Cohort, by: User, milestone: str, learner: str, what: str) -> None:
    """Let one of the cohort's learners, or with no name all of them, do this at "project/milestone"."""
    slug, kind = _choose_milestone(cohort, milestone)
    helping.permit(by, _choose_learners(cohort, learner), slug, kind, _choose_what(what))


def disallow(cohort: Cohort, milestone: str, learner: str, what: str) -> None:
    """Let them no longer."""
    slug, kind = _choose_milestone(cohort, milestone)
    helping.withdraw(_choose_learners(cohort, learner), slug, kind, _choose_what(what))


def _choose_milestone(cohort: Cohort, named: str) -> tuple[str, str]:
    for project in current_projects(cohort.project_slugs):
        for milestone in project.milestones.all():
            if named == f"{project.slug}/{milestone.kind}":
                return project.slug, milestone.kind
    raise Refusal("unknown-milestone", "milestone", gettext("Choose one of this cohort's milestones."))


def _choose_learners(cohort: Cohort, named: str) -> list[User]:
    found = [learner for learner in list_learners(cohort) if named in ("", learner.username)]
    if not found:
        raise Refusal("unknown-learner", "learner", gettext("Choose one of this cohort's learners, or everybody."))
    return found


def _choose_what(named: str) -> str:
    if named not in Permit.What.values:
        raise Refusal("unknown-permit", "what", gettext("Choose what they may do."))
    return named
