"""What people have of their own, beside what they are assessed in."""

from collections.abc import Iterable
from typing import Final

from django.db.models import QuerySet

from people.accounts.models import User
from people.learners.models import Enrolment, Share

# Of shares: those of now that are not for the time of an assessment.
OWN: Final = {"left_at": None, "until": None}


def own_shares() -> QuerySet[Share]:
    """What people have of enrolments now, but for those in which they are assessed: what cohorts read and count."""
    return Share.objects.filter(**OWN)


def own_work() -> dict[str, str]:
    """Of submissions: those that were not handed in to be assessed."""
    return {"enrolment__occasion": ""}


def find_own_enrolment(user: User, slug: str) -> Enrolment | None:
    """The user's own enrolment in a project, though it may rest while they are assessed."""
    own = own_shares().filter(user=user, slug=slug).values("enrolment")
    return Enrolment.objects.select_related("project", "user").filter(pk__in=own).first()


def enrolments_by_user(users: Iterable[User | int], slug: str) -> dict[int, int]:
    """The ids of these users' own enrolments in a project, by theirs; of a team, each has the same."""
    shares = own_shares().filter(user__in=list(users), slug=slug)
    return dict(shares.values_list("user_id", "enrolment_id"))
