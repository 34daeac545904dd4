"""Reads learners' work. `access_*` functions fetch and authorise at once: no other way leads to a private row."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet

from curriculum.models import Milestone, Project
from people.accounts.models import User
from people.learners.models import Enrolment, Judgement, Run, RunEvent, RunState, Submission
from people.learners.refusals import Refusal

PASSED = "passed"


def find_enrolment(user: User, slug: str) -> Enrolment | None:
    """The user's newest enrolment in any edition of this project."""
    return Enrolment.objects.select_related("project").filter(user=user, project__slug=slug).order_by("-pk").first()


def access_enrolment(user: User, slug: str) -> Enrolment:
    """The user's own enrolment. Raises Refusal when they are not enrolled."""
    enrolment = find_enrolment(user, slug)
    if enrolment is None:
        raise Refusal("not-enrolled", "project", f"You are not enrolled in {slug!r}; enrol on its page first.", 404)
    return enrolment


def list_enrolments(user: User) -> QuerySet[Enrolment]:
    """The user's enrolments, newest first, each with its project and that project's milestones."""
    found = Enrolment.objects.filter(user=user).select_related("project").prefetch_related("project__milestones")
    return found.order_by("-pk")


def access_submission(user: User, pk: int) -> Submission:
    """A submission of this user's own, with what judging it needs. Anybody else's does not exist for them."""
    found = (
        Submission.objects.select_related("enrolment__project", "enrolment__user")
        .filter(pk=pk, enrolment__user=user)
        .first()
    )
    if found is None:
        raise Refusal("not-found", "submission", "There is no such submission of yours.", 404)
    return found


def milestone_kinds(project_id: int) -> list[str]:
    """The project's milestones, in order."""
    return list(Milestone.objects.filter(project_id=project_id).order_by("position").values_list("kind", flat=True))


def passed_kinds(enrolment: Enrolment) -> set[str]:
    """The milestones that this enrolment has a passed run of."""
    runs = Run.objects.filter(submission__enrolment=enrolment, outcome=PASSED)
    return set(runs.values_list("submission__kind", flat=True))


def latest_run(submission: Submission) -> Run:
    """The run that speaks for this submission: its newest, with all that it concluded."""
    return (
        submission.runs.prefetch_related(
            Prefetch("judgements", Judgement.objects.prefetch_related("answers")), "events"
        )
        .order_by("-pk")[:1]
        .get()
    )


def newest_run(submission: Submission) -> Run:
    """The run that speaks for this submission, without what it concluded."""
    return submission.runs.order_by("-pk")[:1].get()


def count_before(run: Run) -> int:
    """How many runs wait in front of this one."""
    return Run.objects.filter(state=RunState.QUEUED, pk__lt=run.pk).count()


def list_submissions(enrolment: Enrolment, kind: str | None = None) -> QuerySet[Submission]:
    """The enrolment's submissions, newest first, each with its runs."""
    found = Submission.objects.filter(enrolment=enrolment).prefetch_related(
        Prefetch("runs", Run.objects.order_by("-pk"))
    )
    return found.filter(kind=kind) if kind else found


def own_submissions(user: User, slug: str = "") -> QuerySet[Submission]:
    """All that this user handed in, or only in this project, newest first, each with its runs."""
    found = Submission.objects.filter(enrolment__user=user).select_related("enrolment__project")
    found = found.prefetch_related(Prefetch("runs", Run.objects.order_by("-pk"))).order_by("-pk")
    return found.filter(enrolment__project__slug=slug) if slug else found


def read_events(submission: Submission, after: int) -> QuerySet[RunEvent]:
    """What the submission's runs reported after this event, oldest first."""
    return RunEvent.objects.filter(run__submission=submission, pk__gt=after).order_by("pk")


def access_edition(user: User, slug: str) -> Project:
    """The edition of the project that this user is enrolled in, or else the current one."""
    enrolment = find_enrolment(user, slug)
    editions = Project.objects.filter(slug=slug).prefetch_related("milestones")
    found = editions.filter(pk=enrolment.project_id) if enrolment else editions.filter(is_current=True)
    project = found.first()
    if project is None:
        raise Refusal("not-found", "project", f"There is no project {slug!r}.", 404, "GET /api/projects lists them.")
    return project


def current_projects(slugs: Iterable[str] | None = None) -> QuerySet[Project]:
    """The current edition of each project, or of these."""
    found = Project.objects.filter(is_current=True).prefetch_related("milestones").order_by("title")
    return found if slugs is None else found.filter(slug__in=list(slugs))
