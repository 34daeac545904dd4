"""Forms the teams of a cohort, and changes them: whoever is in a team shares its enrolment and its repository."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.diary import note
from people.cohorts.models import Cohort, Membership
from people.cohorts.queries import list_members
from people.learners import sharing
from people.learners.models import Enrolment
from people.learners.queries import current_projects, list_people
from people.learners.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Team:
    """A team at one project, and who is in it now."""

    enrolment: Enrolment
    people: list[User]

    @property
    def usernames(self) -> list[str]:
        return [user.username for user in self.people]


def list_teams(leader: Membership) -> list[Team]:
    """The teams in which this leader sees somebody, by project and name; two queries."""
    members = list_members(leader).values("user")
    found = Enrolment.objects.filter(
        shares__user__in=members, shares__left_at=None, project__slug__in=leader.cohort.project_slugs
    ).exclude(team="")
    teams = list(found.distinct().select_related("project").order_by("project__slug", "team", "pk"))
    people = list_people(teams)
    return [Team(enrolment, people[enrolment.pk]) for enrolment in teams]


def find_team(leader: Membership, pk: int) -> Team:
    """One of them. Raises Refusal where there is none."""
    found = next((team for team in list_teams(leader) if team.enrolment.pk == pk), None)
    if found is None:
        raise Refusal("not-found", "team", _("There is no such team in this cohort."), 404)
    return found


def form_team(leader: Membership, slug: str, name: str, usernames: list[str]) -> Enrolment:
    """Have these learners take one of the cohort's projects together from now on. Raises Refusal."""
    project, called = _choose_project(leader.cohort, slug), name.strip()
    if not called:
        raise Refusal("missing", "name", _("Give the team a name."))
    longest = Enrolment._meta.get_field("team").max_length or 0
    if len(called) > longest:
        told = _("A team's name has {longest} letters at most; this one has {count}.")
        raise Refusal("too-long", "name", told.format(longest=longest, count=len(called)))
    users = _choose_learners(leader, usernames)
    with transaction.atomic():
        enrolment = sharing.form_team(users, project, called)
        for user in users:
            note(leader.cohort, leader.user, "let into a team", user, slug, called)
    return enrolment


def let_in(leader: Membership, team: int, username: str) -> None:
    """Let one more learner into a team; their own work rests meanwhile."""
    enrolment = find_team(leader, team).enrolment
    [user] = _choose_learners(leader, [username])
    with transaction.atomic():
        sharing.add(enrolment, user)
        note(leader.cohort, leader.user, "let into a team", user, enrolment.project.slug, enrolment.team)


def let_out(leader: Membership, team: int, username: str) -> None:
    """Let a learner out of a team; what they did in it stays in their evidence."""
    enrolment = find_team(leader, team).enrolment
    [user] = _choose_learners(leader, [username])
    with transaction.atomic():
        sharing.remove(enrolment, user)
        note(leader.cohort, leader.user, "let out of a team", user, enrolment.project.slug, enrolment.team)


def _choose_project(cohort: Cohort, slug: str) -> Project:
    found = current_projects(cohort.project_slugs).filter(slug=slug).first()
    if found is None:
        raise Refusal("unknown-project", "project", _("Choose one of this cohort's projects."))
    return found


def _choose_learners(leader: Membership, usernames: list[str]) -> list[User]:
    wanted = list(dict.fromkeys(usernames))
    found = {member.user.username: member.user for member in list_members(leader).filter(user__username__in=wanted)}
    if missing := [name for name in wanted if name not in found]:
        told = _("There is no learner {name} whom you lead here.").format(name=repr(missing[0]))
        raise Refusal("unknown-learner", "learners", told, 404)
    return [found[name] for name in wanted]
