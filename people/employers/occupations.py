"""Makes a role profile of an ESCO occupation, from a small table that comes with Milepost; no network is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import yaml
from django.utils.translation import gettext as _

from curriculum.skills import read_skills
from people.employers.role_files import Profile
from people.learners.refusals import Refusal

FILE = Path(__file__).with_name("occupations.yaml")
# ESCO says what an occupation takes, and never how well.
USUAL_LEVEL = 3
NUMBER = re.compile(r"esco/occupation/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Occupation:
    """What is known here of an occupation: which of our skills cover which of its, and what none of ours covers."""

    uri: str
    title: str
    covered: tuple[tuple[str, tuple[str, ...]], ...]
    beyond: tuple[str, ...]

    @property
    def profile(self) -> Profile:
        """A draft: every skill that is covered, required at a usual level."""
        levels = {skill: USUAL_LEVEL for skill, _names in self.covered}
        return Profile(self.title.capitalize(), occupation=self.uri, required=levels)


@cache
def read_occupations() -> Mapping[str, Occupation]:
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        uri: Occupation(uri, one["title"], _cover(one["covered"]), tuple(one["beyond"])) for uri, one in told.items()
    }


def find_occupation(named: str) -> Occupation:
    """The occupation of this address, as ESCO's data or its pages have it. Raises Refusal."""
    number = NUMBER.search(unquote(named))
    uri = f"http://data.europa.eu/esco/occupation/{number[1].lower()}" if number else ""
    found = read_occupations().get(uri)
    if found is None:
        known = ", ".join(f"{one.title} ({one.uri})" for one in read_occupations().values())
        told = _("Milepost has no table for the occupation {named}.").format(named=repr(named.strip()[:200]))
        remedy = _("Give the address of one of these: {known}; or fill in the form.").format(known=known)
        raise Refusal("unknown-occupation", "occupation", told, 400, remedy)
    return found


def _cover(names: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Which of our skills are aligned with these skills of ESCO's, and with which."""
    aligned = {
        slug: tuple(one.name for one in skill.alignments if one.name in names) for slug, skill in read_skills().items()
    }
    return tuple((slug, found) for slug, found in aligned.items() if found)
