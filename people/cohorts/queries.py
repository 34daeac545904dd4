"""Reads cohorts. `access_*` fetches and authorises at once: whoever leads, by their role and their sections.

Who leads comes as their membership, `leader`: it says which cohort, what they may do, and which learners they see.
"""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.models import POWERS, Cohort, Membership, Power, Role
from people.learners.models import Submission
from people.learners.queries import current_projects, enrolments_by_user
from people.learners.refusals import Refusal
from people.learners.standing import Standing, read_standings


@dataclass(frozen=True, slots=True)
class Row:
    """One learner of a cohort in one project."""

    learner: User
    standings: list[Standing]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One project of a cohort: its milestones across, its learners down."""

    project: Project
    kinds: list[str]
    titles: list[str]
    rows: list[Row]


def list_led(user: User) -> QuerySet[Membership]:
    """This user's part in each cohort that they lead."""
    led = Membership.objects.filter(user=user, role__in=POWERS).select_related("cohort")
    return led.order_by("cohort__title")


def access_cohort(user: User, slug: str, power: Power = Power.LOOK) -> Membership:
    """The user's part in a cohort that they lead; for anybody else there is none. Raises Refusal below this power."""
    leader = list_led(user).select_related("user").filter(cohort__slug=slug).first()
    if leader is None:
        raise Refusal("not-found", "cohort", _("There is no such cohort that you lead."), 404)
    if leader.power is None or leader.power < power:
        told = _("As {role} of this cohort you may not do this.").format(role=leader.get_role_display())
        raise Refusal("not-yours-to-do", "cohort", told, 403, _("Ask an owner of the cohort."))
    return leader


def list_members(leader: Membership) -> QuerySet[Membership]:
    """The cohort's learners whom this leader sees, by name: an assistant those of their sections, others all."""
    members = Membership.objects.filter(cohort=leader.cohort, role=Role.LEARNER).select_related("user", "section")
    if leader.role == Role.ASSISTANT:
        members = members.filter(section__in=leader.assists.all())
    return members.order_by("user__username")


def list_learners(leader: Membership) -> list[User]:
    return [membership.user for membership in list_members(leader)]


def access_member(leader: Membership, username: str) -> Membership:
    """One of the learners whom this leader sees."""
    found = list_members(leader).filter(user__username=username).first()
    if found is None:
        raise Refusal("unknown-learner", "learner", _("There is no such learner whom you lead here."), 404)
    return found


def access_member_submission(leader: Membership, pk: int) -> Submission:
    """A submission, in one of the cohort's projects, of a learner whom this leader sees."""
    found = (
        Submission.objects.select_related("enrolment__project", "enrolment__user")
        .filter(pk=pk, enrolment__project__slug__in=leader.cohort.project_slugs)
        .filter(enrolment__shares__user__in=list_members(leader).values("user"))
        .first()
    )
    if found is None:
        raise Refusal("not-found", "submission", _("There is no such submission in this cohort."), 404)
    return found


def choose_milestone(cohort: Cohort, named: str) -> tuple[str, str]:
    """The slug and the kind of "project/milestone", if it is one of this cohort's. Raises Refusal."""
    for project in current_projects(cohort.project_slugs):
        for milestone in project.milestones.all():
            if named == f"{project.slug}/{milestone.kind}":
                return project.slug, milestone.kind
    raise Refusal("unknown-milestone", "milestone", _("Choose one of this cohort's milestones."))


def read_sheets(leader: Membership) -> list[Sheet]:
    """Where each learner stands in each project of the cohort; the number of queries hangs on projects only."""
    learners = list_learners(leader)
    return [_read_sheet(project, learners) for project in current_projects(leader.cohort.project_slugs)]


def _read_sheet(project: Project, learners: list[User]) -> Sheet:
    milestones = list(project.milestones.all())
    kinds = [milestone.kind for milestone in milestones]
    enrolments = enrolments_by_user(learners, project.slug)
    standings = read_standings(dict.fromkeys(enrolments.values(), kinds))
    rows = [Row(learner, standings.get(enrolments.get(learner.pk, 0), [])) for learner in learners]
    return Sheet(project, kinds, [milestone.title for milestone in milestones], rows)
