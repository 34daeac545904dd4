"""Says whose an enrolment is: makes it for one learner or a team, and lets people in and out of a team.

Nobody loses anything by coming or going: what was handed in stays with those whose work it is, and who leaves a team
finds what they had begun by themselves before. Who is assessed has two for a while, and their own rests.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.accounts.models import User
from people.learners import queries
from people.learners.models import Enrolment, Occasion, Share
from people.learners.own import find_own_enrolment, own_shares
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


def hand_on(user: User) -> None:
    """Let what this user began with others be theirs alone from now on; what they did in it stays in theirs."""
    Share.objects.filter(user=user, left_at=None).exclude(enrolment__team="").update(left_at=timezone.now())
    others = Share.objects.filter(enrolment__user=user).exclude(user=user)
    # The last one's word stands: who is in it, before who has left it.
    for share in others.order_by(F("left_at").asc(nulls_last=True), "-pk"):
        Enrolment.objects.filter(pk=share.enrolment_id).update(user=share.user_id)


def begin_assessed(user: User, project: Project, domain: str, until: datetime) -> Enrolment:
    """An enrolment in which this user is assessed until then; what they have of their own rests. Raises Refusal.

    Whoever calls this holds the user's row, so that two clicks at once begin one.
    """
    own = find_own_enrolment(user, project.slug)
    if own and own.team:
        told = _("You take {project} in the team {team}, and would be assessed alone.")
        remedy = _("Leave the team first; what you handed in with it stays yours.")
        raise Refusal("in-a-team", "project", told.format(project=project.title, team=own.team), 409, remedy)
    boxes = Share.objects.filter(user=user, slug=project.slug, left_at=None, until__isnull=False)
    boxes.filter(until__lte=timezone.now()).update(left_at=F("until"))
    if boxes.exists():
        told = _("You are being assessed in {project} already.").format(project=project.title)
        raise Refusal("in-a-box", "project", told, 409, _("Finish that first."))
    seat = queries.next_seat(project.slug)
    made = Enrolment.objects.create(user=user, project=project, domain=domain, seat=seat, occasion=Occasion.ASSESSMENT)
    Share.objects.create(enrolment=made, user=user, slug=project.slug, until=until)
    made.actor = user
    return made


def prolong(enrolment: Enrolment, until: datetime) -> None:
    """Let an assessment's enrolment go before their own until then."""
    Share.objects.filter(enrolment=enrolment, left_at=None, until__isnull=False).update(until=until)


def end_assessed(enrolment: Enrolment) -> None:
    """Give them back what is their own in this project."""
    Share.objects.filter(enrolment=enrolment, left_at=None, until__isnull=False).update(left_at=timezone.now())


def end_expired(now: datetime) -> None:
    """Write down what has ended by itself; nobody who reads waits for that."""
    Share.objects.filter(left_at=None, until__lte=now).update(left_at=F("until"))


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
    own = Enrolment.objects.filter(user=user, project__slug=slug, team="", occasion="").select_related("project").last()
    if own:
        _give_share(own, user)
    return own


def _take_out(user: User, slug: str) -> None:
    """End what they have alone. Raises Refusal for whoever is in another team."""
    enrolment = find_own_enrolment(user, slug)
    if enrolment and enrolment.team:
        told = _("{learner} is in the team {team} already.").format(learner=user, team=enrolment.team)
        raise Refusal("in-a-team", "learners", told, 409, _("Take them out of it first."))
    own_shares().filter(user=user, slug=slug).update(left_at=timezone.now())


def _check_size(people: int) -> None:
    if not 1 <= people <= LARGEST_TEAM:
        told = _("A team has 1 to {most} people; this would be {people}.").format(most=LARGEST_TEAM, people=people)
        raise Refusal("team-size", "learners", told)
