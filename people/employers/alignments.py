"""What others call our skills: ESCO's names, and those of the operator's own mapping."""

from django.conf import settings

from curriculum.skills import Alignment, read_skills


def list_alignments(skill: str) -> tuple[Alignment, ...]:
    """ESCO's first, then the operator's, for a skill of the framework; none for any other."""
    known = read_skills().get(skill)
    return (*known.alignments, *settings.SKILLS_MAPPING.get(skill, ())) if known else ()
