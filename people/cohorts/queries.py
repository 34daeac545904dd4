"""Reads cohorts. `access_cohort` fetches and authorises at once: only its instructors may look."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners.models import Enrolment, Submission
from people.learners.queries import current_projects
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


def list_led_cohorts(user: User) -> QuerySet[Cohort]:
    """The cohorts that this user instructs."""
    return Cohort.objects.filter(memberships__user=user, memberships__role=Role.INSTRUCTOR).order_by("title")


def access_cohort(user: User, slug: str) -> Cohort:
    """The cohort, for one of its instructors; for anybody else there is none."""
    found = list_led_cohorts(user).filter(slug=slug).first()
    if found is None:
        raise Refusal("not-found", "cohort", _("There is no such cohort that you lead."), 404)
    return found


def access_member_submission(user: User, slug: str, pk: int) -> Submission:
    """A submission of one of the cohort's learners in one of its projects, for its instructors."""
    cohort = access_cohort(user, slug)
    found = (
        Submission.objects.select_related("enrolment__project", "enrolment__user")
        .filter(pk=pk, enrolment__project__slug__in=cohort.project_slugs)
        .filter(enrolment__user__memberships__cohort=cohort, enrolment__user__memberships__role=Role.LEARNER)
        .first()
    )
    if found is None:
        raise Refusal("not-found", "submission", _("There is no such submission in this cohort."), 404)
    return found


def read_sheets(cohort: Cohort) -> list[Sheet]:
    """Where every learner stands in every project of the cohort; the number of queries hangs on projects only."""
    members = Membership.objects.filter(cohort=cohort, role=Role.LEARNER).select_related("user")
    learners = [membership.user for membership in members.order_by("user__username")]
    return [_read_sheet(project, learners) for project in current_projects(cohort.project_slugs)]


def _read_sheet(project: Project, learners: list[User]) -> Sheet:
    milestones = list(project.milestones.all())
    kinds = [milestone.kind for milestone in milestones]
    enrolments = Enrolment.objects.filter(user__in=learners, project__slug=project.slug).order_by("pk")
    newest = {enrolment.user_id: enrolment.pk for enrolment in enrolments}
    standings = read_standings(dict.fromkeys(newest.values(), kinds))
    rows = [Row(learner, standings.get(newest.get(learner.pk, 0), [])) for learner in learners]
    return Sheet(project, kinds, [milestone.title for milestone in milestones], rows)
