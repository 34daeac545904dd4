"""Lets a learner show a part of their evidence by a link, and shows it to whoever has one: that part, and no more."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.skills import read_skills
from people.accounts.models import User
from people.employers.levels import SkillLevel, derive_levels
from people.employers.models import Disclosure, Employer, Look, Post
from people.employers.queries import find_countersigned, read_evidence
from people.employers.stories import Story, outline, read_stories
from people.learners.models import Share
from people.learners.refusals import Refusal

USUAL_DAYS, MOST_DAYS = 30, 365
LONGEST_NOTE = 120
# A learner who needs more has many that are over, and can take some back.
MOST_OPEN = 50
LEVELS_PAGE = "levels"


@dataclass(frozen=True, slots=True)
class Shown:
    """What one disclosure shows of a learner: their name or a pseudonym, the levels and the stories in its scope.

    Without evidence the levels have none, and the stories say what passed and when, but not what proved it.
    """

    disclosure_id: int
    label: str
    is_named: bool
    shows_evidence: bool
    expires_at: datetime
    levels: tuple[SkillLevel, ...]
    stories: tuple[Story, ...]

    def find_story(self, slug: str) -> Story:
        """The story of this project, if it is in the scope."""
        found = next((story for story in self.stories if story.slug == slug), None)
        if found is None:
            raise refuse_dead_link()
        return found


def refuse_dead_link() -> Refusal:
    """The one answer to every link that shows nothing, so that nobody learns whether there ever was one."""
    told = _("This link shows nothing: it is not complete, it has expired, or whoever made it has taken it back.")
    return Refusal("not-found", "link", told, 404, _("Ask whoever sent it to you for another one."))


def disclose(
    user: User,
    skills: Sequence[str],
    projects: Sequence[str],
    *,
    shows_evidence: bool = True,
    shows_name: bool = True,
    days: int = USUAL_DAYS,
    meant_for: str = "",
) -> Disclosure:
    """Make a link that shows these skills and these projects' stories for so many days."""
    _require_scope(user, skills, projects)
    if not 1 <= days <= MOST_DAYS:
        raise Refusal("invalid", "days", _("Say for how many days, from 1 to {most}.").format(most=MOST_DAYS))
    if len(meant_for) > LONGEST_NOTE or not meant_for.isprintable():
        told = _("A note of whom it is for has at most {most} characters, in one line.").format(most=LONGEST_NOTE)
        raise Refusal("invalid", "meant_for", told)
    if list_open(user).count() >= MOST_OPEN:
        told = _("You have {most} open links, and can make no more.").format(most=MOST_OPEN)
        raise Refusal("too-many", "link", told, 409, _("Take back those that nobody needs any more."))
    return Disclosure.objects.create(
        user=user,
        skills=[slug for slug in read_skills() if slug in skills],
        projects=sorted(set(projects)),
        shows_evidence=shows_evidence,
        shows_name=shows_name,
        meant_for=meant_for.strip(),
        expires_at=timezone.now() + timedelta(days=days),
    )


def revoke(user: User, pk: int) -> Disclosure:
    """Show nothing by it any more. Twice is no harm."""
    found = access_disclosure(user, pk)
    Disclosure.objects.filter(pk=found.pk, revoked_at=None).update(revoked_at=timezone.now())
    found.refresh_from_db()
    return found


def revoke_all(user: User) -> None:
    """Show nothing of theirs to anybody any more."""
    list_open(user).update(revoked_at=timezone.now())


def access_disclosure(user: User, pk: int) -> Disclosure:
    found = list_disclosures(user).filter(pk=pk).first()
    if found is None:
        raise Refusal("not-found", "link", _("You have made no such link."), 404)
    return found


def list_disclosures(user: User) -> QuerySet[Disclosure]:
    """The links that this learner has made, newest first, each with how often it was opened as `opened`."""
    return Disclosure.objects.filter(user=user).annotate(opened=Count("looks"))


def list_open(user: User) -> QuerySet[Disclosure]:
    return Disclosure.objects.filter(user=user, revoked_at=None, expires_at__gt=timezone.now())


def list_looks(disclosure: Disclosure) -> QuerySet[Look]:
    """Who opened it, newest first."""
    return Look.objects.filter(disclosure=disclosure).select_related("viewer", "employer")


def open_disclosure(
    token: str, viewer: User | None, page: str = LEVELS_PAGE, employer: Employer | None = None
) -> Shown:
    """What this link shows; that it was opened is written down, but for its learner's own looks.

    `page` says in a word what was opened, `employer` for whom; without one, it is the first that the viewer acts for.
    Raises the same Refusal for every link that shows nothing.
    """
    found = find_disclosure(token)
    shown = read_shown(found)
    if viewer != found.user:
        note_look(found, viewer, page, employer)
    return shown


def find_disclosure(token: str) -> Disclosure:
    found = Disclosure.objects.select_related("user").filter(token=token).first()
    if found is None or not found.is_open:
        raise refuse_dead_link()
    return found


def note_look(disclosure: Disclosure, viewer: User | None, page: str, employer: Employer | None = None) -> None:
    post = Post.objects.filter(user=viewer).select_related("employer").first() if viewer and not employer else None
    acts_for = employer or (post.employer if post else None)
    Look.objects.create(disclosure=disclosure, viewer=viewer, employer=acts_for, page=page[:40])


def read_shown(disclosure: Disclosure) -> Shown:
    """What is in the scope, as it is today; a constant number of queries. Whoever calls has looked whether it is open.

    Nothing in it names anybody but the learner, and not them either if they said so.
    """
    evidence = read_evidence(disclosure.user)
    derived = derive_levels(read_skills(), evidence, find_countersigned(disclosure.user))
    stories = read_stories(disclosure.user, disclosure.projects, evidence)
    has_evidence = disclosure.shows_evidence
    return Shown(
        disclosure_id=disclosure.pk,
        label=str(disclosure.user) if disclosure.shows_name else name_pseudonym(disclosure),
        is_named=disclosure.shows_name,
        shows_evidence=has_evidence,
        expires_at=disclosure.expires_at,
        levels=tuple(_cut_level(one, has_evidence) for one in derived if one.skill in disclosure.skills),
        stories=tuple(one if has_evidence else outline(one) for one in stories),
    )


def name_pseudonym(disclosure: Disclosure) -> str:
    """What a learner is called who does not show their name: the same each time by one link, another by another."""
    drawn = hashlib.sha256(disclosure.token.encode()).hexdigest()[:4].upper()
    return _("Candidate {letters}").format(letters=drawn)


def _cut_level(level: SkillLevel, with_evidence: bool) -> SkillLevel:
    bare = tuple(replace(item, by="") for item in level.evidence if not item.word) if with_evidence else ()
    return replace(level, evidence=bare)


def _require_scope(user: User, skills: Sequence[str], projects: Sequence[str]) -> None:
    unknown = [slug for slug in skills if slug not in read_skills()]
    if unknown:
        raise Refusal("unknown-skill", "skills", _("There is no skill {skill}.").format(skill=repr(unknown[0])))
    begun = set(Share.objects.filter(user=user, left_at=None).values_list("slug", flat=True))
    strange = [slug for slug in projects if slug not in begun]
    if strange:
        told = _("You have not begun a project {project}.").format(project=repr(strange[0]))
        raise Refusal("unknown-project", "projects", told)
    if not skills and not projects:
        raise Refusal("nothing-shown", "skills", _("Choose at least one skill or one project that it shows."))
