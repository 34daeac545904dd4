"""Lets employers say what candidates are asked to do: which milestones of a project, on which data, in what time."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Project
from people.employers.desks import note
from people.employers.models import Assessment, DomainFile, Post
from people.learners.queries import current_projects, milestone_kinds
from people.learners.refusals import Refusal

SHORTEST, LONGEST = 10, 7 * 24 * 60
LONGEST_NOTES = 4000
OWN = "file:"


@dataclass(frozen=True, slots=True)
class Asked:
    """An assessment as an employer asks for it. domain: a ready-made one's name, or "file:" and an own one's number."""

    title: str
    project: str
    kinds: list[str]
    domain: str
    minutes: int
    opens_at: datetime
    closes_at: datetime
    notes: str = ""


def list_assessments(post: Post) -> QuerySet[Assessment]:
    """The employer's assessments, newest first."""
    return Assessment.objects.filter(employer=post.employer_id).select_related("project", "domain_file", "made_by")


def access_assessment(post: Post, pk: int) -> Assessment:
    """One of them. Raises Refusal where there is none."""
    found = list_assessments(post).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "assessment", _("There is no such assessment of this employer."), 404)
    return found


def create(post: Post, asked: Asked) -> Assessment:
    """A new assessment in the project's current edition, to which it stays pinned. Raises Refusal."""
    title = asked.title.strip()
    if not title:
        raise Refusal("missing", "title", _("Say what candidates should know it by."))
    if len(asked.notes) > LONGEST_NOTES:
        raise Refusal("too-long", "notes", _("Notes have at most {most} characters.").format(most=LONGEST_NOTES))
    project = choose_project(asked.project)
    kinds = _choose_kinds(project, asked.kinds)
    domain, file = _choose_domain(post, project, asked.domain)
    _check_times(asked)
    with transaction.atomic():
        made = Assessment.objects.create(
            employer=post.employer,
            title=title,
            project=project,
            kinds=kinds,
            domain=domain,
            domain_file=file,
            minutes=asked.minutes,
            opens_at=asked.opens_at,
            closes_at=asked.closes_at,
            notes=asked.notes.strip(),
            made_by=post.user,
        )
        note(post.employer, post.user, "made an assessment", title, f"{project.slug}: {', '.join(kinds)}")
    return made


def choose_project(slug: str) -> Project:
    found = current_projects([slug]).first()
    if found is None:
        raise Refusal("unknown-project", "project", _("Choose one of the published projects."))
    return found


def list_lent(assessment: Assessment) -> list[str]:
    """The milestones before the first that is asked: the reference does them."""
    kinds = milestone_kinds(assessment.project_id)
    return kinds[: kinds.index(assessment.kinds[0])]


def _choose_kinds(project: Project, asked: list[str]) -> list[str]:
    """In the chain's order. One builds on the other, so none between them is left out."""
    kinds = milestone_kinds(project.pk)
    if unknown := [kind for kind in asked if kind not in kinds]:
        told = _("{project} has no milestone {kind}; it has {known}.")
        told = told.format(project=project.title, kind=repr(unknown[0][:40]), known=", ".join(kinds))
        raise Refusal("unknown-milestone", "kinds", told)
    chosen = [kind for kind in kinds if kind in asked]
    if not chosen:
        raise Refusal("missing", "kinds", _("Choose at least one milestone."))
    first = kinds.index(chosen[0])
    if chosen != kinds[first : first + len(chosen)]:
        missing = next(kind for kind in kinds[first:] if kind not in chosen)
        told = _("{kind} lies between the milestones that you chose, and each builds on the one before it.")
        raise Refusal("gap", "kinds", told.format(kind=missing), remedy=_("Choose it as well."))
    return chosen


def _choose_domain(post: Post, project: Project, asked: str) -> tuple[str, DomainFile | None]:
    """What draws call it, and the employer's file if it is one."""
    number = asked.removeprefix(OWN)
    if asked.startswith(OWN) and number.isdecimal() and len(number) < 18:
        file = DomainFile.objects.filter(employer=post.employer_id, project__slug=project.slug, pk=number).first()
        if file and file.state == DomainFile.State.ACCEPTED and file.project_id == project.pk:
            return file.digest, file
        if file:
            told = _("{file} is not accepted for edition {number} of this project.")
            remedy = _("Have it measured first, and mend what the linter says.")
            raise Refusal("not-accepted", "domain", told.format(file=file, number=project.number), 409, remedy)
    if asked not in project.domains:
        told = _("{project} has no domain {domain}; it has {known}.")
        told = told.format(project=project.title, domain=repr(asked[:80]), known=", ".join(project.domains))
        raise Refusal("unknown-domain", "domain", told)
    return asked, None


def _check_times(asked: Asked) -> None:
    if not SHORTEST <= asked.minutes <= LONGEST:
        told = _("A box has {least} to {most} minutes.").format(least=SHORTEST, most=LONGEST)
        raise Refusal("out-of-bounds", "minutes", told, remedy=_("Some hours are usual for two milestones."))
    if asked.closes_at <= timezone.now():
        raise Refusal("in-the-past", "closes_at", _("Choose a moment in the future: until then candidates may begin."))
    if asked.closes_at <= asked.opens_at:
        raise Refusal("before-opening", "closes_at", _("It would close before it opens."))
