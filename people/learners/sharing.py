"""Says whose an enrolment is: makes it for one learner or a team, and lets people in and out of a team.

Nobody loses anything by coming or going: what was handed in stays with those whose work it is, and who leaves a team
finds what they had begun by themselves before.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.accounts.models import User
from people.learners import queries
from people.learners.models import Enrolment, Share
from people.learners.refusals import Refusal

LARGEST_TEAM = 6


def begin(user: User, project: Project, domain: str) -> tuple[Enrolment, bool]:
    """The user's enrolment in any edition of this project, made if they have none; and whether it is new."""
    with transaction.atomic():
        # Two clicks at once: the second waits here, and finds what the first made.
        User.objects.select_for_update().get(pk=user.pk)
        if existing := queries.find_enrolment(user, project.slug) or _return(user, project.slug):
            return existing, False
        return _make([user], project, domain), True


def form_team(users: Sequence[User], project: Project, team: str) -> Enrolment:
    """One enrolment and repository for all of these. What each had begun alone rests meanwhile. Raises Refusal."""
    _check_size(len(users))
    with transaction.atomic():
        for user in users:
            _take_out(user, project.slug)
        return _make(users, project, project.domains[0], team)


def add(enrolment: Enrolment, user: User) -> None:
    """Let somebody into a team; whoever is in it stays in it."""
    with transaction.atomic():
        Enrolment.objects.select_for_update().get(pk=enrolment.pk)
        people = queries.list_people([enrolment])[enrolment.pk]
        if user not in people:
            _check_size(len(people) + 1)
            _take_out(user, enrolment.project.slug)
            _give_share(enrolment, user)


def remove(enrolment: Enrolment, user: User) -> None:
    """Let somebody out of a team; what they began alone, if anything, is theirs again."""
    with transaction.atomic():
        enrolment.shares.filter(user=user, left_at=None).update(left_at=timezone.now())
        _return(user, enrolment.project.slug)


def _make(users: Sequence[User], project: Project, domain: str, team: str = "") -> Enrolment:
    enrolment = Enrolment.objects.create(
        user=users[0], project=project, domain=domain, team=team, seat=queries.next_seat(project.slug)
    )
    for user in users:
        _give_share(enrolment, user)
    return enrolment


def _give_share(enrolment: Enrolment, user: User) -> None:
    Share.objects.create(enrolment=enrolment, user=user, slug=enrolment.project.slug)


def _return(user: User, slug: str) -> Enrolment | None:
    """Give them back what they began alone, if they did."""
    own = Enrolment.objects.filter(user=user, project__slug=slug, team="").select_related("project").last()
    if own:
        _give_share(own, user)
    return own


def _take_out(user: User, slug: str) -> None:
    """End what they have alone. Raises Refusal for whoever is in another team."""
    enrolment = queries.find_enrolment(user, slug)
    if enrolment and enrolment.team:
        told = _("{learner} is in the team {team} already.").format(learner=user, team=enrolment.team)
        raise Refusal("in-a-team", "learners", told, 409, _("Take them out of it first."))
    Share.objects.filter(user=user, slug=slug, left_at=None).update(left_at=timezone.now())


def _check_size(people: int) -> None:
    if not 1 <= people <= LARGEST_TEAM:
        told = _("A team has 1 to {most} people; this would be {people}.").format(most=LARGEST_TEAM, people=people)
        raise Refusal("team-size", "learners", told)
