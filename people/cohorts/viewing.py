"""Lets who leads look at a learner's pages as the learner sees them; each time it is begun is in the diary."""

from people.accounts.models import User
from people.cohorts.comments import VIEWED
from people.cohorts.diary import note
from people.cohorts.models import Membership, Power
from people.cohorts.queries import access_cohort, access_member


def begin_viewing(leader: Membership, member: Membership) -> None:
    note(leader.cohort, leader.user, VIEWED, member.user)


def access_viewed(user: User, slug: str, username: str) -> tuple[Membership, Membership]:
    """Who leads, and whom they look at: asked anew for every page, so that a role that was lost ends it."""
    leader = access_cohort(user, slug, Power.LEAD)
    return leader, access_member(leader, username)
