"""Opens, renames and closes the sections of a cohort."""

from django.db import transaction
from django.utils.translation import gettext as _

from people.cohorts.diary import note
from people.cohorts.leaders import lock
from people.cohorts.models import Cohort, Membership, Section
from people.learners.refusals import Refusal

LONGEST_TITLE = 60
MOST = 200


def open_section(leader: Membership, title: str) -> Section:
    with transaction.atomic():
        cohort = lock(leader.cohort)
        if cohort.sections.count() >= MOST:
            told = _("A cohort has at most {most} sections; close one first.").format(most=MOST)
            raise Refusal("too-many", "title", told, 409)
        section = Section.objects.create(cohort=cohort, title=_read_title(cohort, title))
        note(cohort, leader.user, "opened section", text=section.title)
    return section


def rename_section(leader: Membership, pk: int, title: str) -> Section:
    with transaction.atomic():
        cohort = lock(leader.cohort)
        section = access_section(leader, pk)
        before, section.title = section.title, _read_title(cohort, title, pk)
        section.save(update_fields=["title"])
        note(cohort, leader.user, "renamed section", text=f"{before}: {section.title}")
    return section


def close_section(leader: Membership, pk: int) -> None:
    """Its learners stay in the cohort, in no section; its assistants see them no longer."""
    with transaction.atomic():
        section = access_section(leader, pk)
        note(leader.cohort, leader.user, "closed section", text=section.title)
        section.delete()


def access_section(leader: Membership, pk: int) -> Section:
    found = Section.objects.filter(cohort=leader.cohort_id, pk=pk).first()
    if found is None:
        raise Refusal("not-found", "section", _("There is no such section in this cohort."), 404)
    return found


def choose_section(cohort: Cohort, title: str) -> Section | None:
    """The section of this title; none for no title. Raises Refusal."""
    found = Section.objects.filter(cohort=cohort, title=title).first() if title else None
    if title and found is None:
        told = _("There is no section {section} in this cohort.").format(section=repr(title))
        raise Refusal("unknown-section", "section", told)
    return found


def _read_title(cohort: Cohort, told: str, but: int = 0) -> str:
    title = " ".join(told.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        sentence = _("Give the section a title of 1 to {most} characters, such as “Tuesday evening”.")
        raise Refusal("invalid", "title", sentence.format(most=LONGEST_TITLE))
    if Section.objects.filter(cohort=cohort, title=title).exclude(pk=but).exists():
        raise Refusal("taken", "title", _("There is a section {title} already.").format(title=repr(title)), 409)
    return title
