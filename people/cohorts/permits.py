"""Lets a cohort's learners do something before its time, or no longer; reads who may do what. For instructors only."""

from dataclasses import dataclass

from django.utils.translation import gettext

from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Membership
from people.cohorts.queries import choose_milestone, list_learners
from people.learners import helping
from people.learners.models import Permit
from people.learners.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Allowed:
    """What some of a cohort's learners may do before its time at one milestone, and whether that is all of them."""

    slug: str
    kind: str
    what: str
    learners: tuple[str, ...]
    everybody: bool


def list_allowed(leader: Membership) -> list[Allowed]:
    """What is allowed to the learners whom this leader sees, in the order of projects and milestones."""
    learners = list_learners(leader)
    permits = Permit.objects.filter(user__in=learners, slug__in=leader.cohort.project_slugs).select_related("user")
    by_place: dict[tuple[str, str, str], list[str]] = {}
    for permit in permits.order_by("slug", "kind", "what", "user__username"):
        by_place.setdefault((permit.slug, permit.kind, permit.what), []).append(str(permit.user))
    return [Allowed(*place, tuple(names), len(names) == len(learners)) for place, names in by_place.items()]


def allow(leader: Membership, milestone: str, learner: str, what: str) -> None:
    """Let one of the cohort's learners, or with no name all of them, do this at "project/milestone"."""
    slug, kind = choose_milestone(leader.cohort, milestone)
    learners = _choose_learners(leader, learner)
    helping.permit(leader.user, learners, slug, kind, _choose_what(what))
    for one in learners:
        note(leader.cohort, leader.user, "allowed", one, milestone, what)


def disallow(leader: Membership, milestone: str, learner: str, what: str) -> None:
    """Let them no longer."""
    slug, kind = choose_milestone(leader.cohort, milestone)
    learners = _choose_learners(leader, learner)
    helping.withdraw(learners, slug, kind, _choose_what(what))
    for one in learners:
        note(leader.cohort, leader.user, "disallowed", one, milestone, what)


def _choose_learners(leader: Membership, named: str) -> list[User]:
    found = [learner for learner in list_learners(leader) if named in ("", learner.username)]
    if not found:
        raise Refusal("unknown-learner", "learner", gettext("Choose one of this cohort's learners, or everybody."))
    return found


def _choose_what(named: str) -> str:
    if named not in Permit.What.values:
        raise Refusal("unknown-permit", "what", gettext("Choose what they may do."))
    return named
