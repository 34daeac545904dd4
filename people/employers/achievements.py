"""What a credential's achievement is, at an address of its own: per edition of a project, and per level of a skill."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from curriculum.models import Milestone, Project
from curriculum.skills import read_levels, read_skills
from people.employers.models import Kind
from people.employers.wording import state_level, state_milestone
from people.learners.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Achievement:
    """What is achieved, and by which criteria; `edition` of a project, or None."""

    kind: Kind
    name: str
    description: str
    criteria: tuple[str, ...]
    edition: Project | None = None


def access_achievement(kind: str, place: str) -> Achievement:
    """What stands at an address; any other is refused as unknown."""
    *of, number = place.strip("/").split("/")
    if number.isdigit() and len(number) < 9 and kind in Kind.values:
        find = {Kind.MILESTONE: _find_milestone, Kind.PROJECT: _find_project, Kind.SKILL: _find_skill}
        found = find[Kind(kind)](of, int(number))
        if found:
            return found
    raise Refusal("not-found", "achievement", _("There is no such achievement."), 404)


def _find_milestone(of: list[str], number: int) -> Achievement | None:
    if len(of) != 2:
        return None
    found = Milestone.objects.filter(project__slug=of[0], project__number=number, kind=of[1])
    milestone = found.select_related("project").first()
    if milestone is None:
        return None
    name = f"{milestone.title} ({milestone.project.title})"
    criteria = (state_milestone(milestone),)
    return Achievement(Kind.MILESTONE, name, milestone.summary, criteria, milestone.project)


def _find_project(of: list[str], number: int) -> Achievement | None:
    project = Project.objects.filter(slug="/".join(of), number=number).prefetch_related("milestones").first()
    if project is None:
        return None
    criteria = tuple(state_milestone(one) for one in project.milestones.all())
    return Achievement(Kind.PROJECT, project.title, project.summary, criteria, project)


def _find_skill(of: list[str], level: int) -> Achievement | None:
    skill = read_skills().get("/".join(of))
    if skill is None or level not in read_levels():
        return None
    name = f"{skill.title}, level {level} of 5"
    return Achievement(Kind.SKILL, name, f"{skill.meaning} {read_levels()[level]}", (state_level(skill.slug, level),))
