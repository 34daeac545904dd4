"""The skills framework: read from skills.yaml, the same for every project; and what others call these skills."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FILE = Path(__file__).with_name("skills.yaml")
ESCO: Final = "ESCO"
LONGEST, MOST_OF_A_SKILL = 300, 20
FIELDS: Final = ("name", "url", "framework")


@dataclass(frozen=True, slots=True)
class Alignment:
    """What another framework calls a skill, or the nearest that it has: its name, its address, whose it is."""

    name: str
    url: str
    framework: str


@dataclass(frozen=True, slots=True)
class Skill:
    """A named ability."""

    slug: str
    title: str
    meaning: str
    alignments: tuple[Alignment, ...] = ()


class MappingFault(ValueError):
    """What is wrong with an operator's mapping of skills: the sentence names the field and says what to do."""


@cache
def read_skills() -> Mapping[str, Skill]:
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))["skills"]
    return {
        slug: Skill(slug, told["title"], told["meaning"], tuple(_align_esco(one) for one in told["esco"]))
        for slug, told in listed.items()
    }


@cache
def read_levels() -> Mapping[int, str]:
    levels: dict[int, str] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["levels"]
    return levels


def parse_mapping(text: str) -> Mapping[str, tuple[Alignment, ...]]:
    """An operator's own alignments, by skill: YAML of lists of name, url and framework. Raises MappingFault."""
    try:
        told = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as fault:
        raise MappingFault(f"it is not YAML ({' '.join(str(fault).split())[:200]}); mend it there.") from fault
    if not isinstance(told, dict):
        raise MappingFault("it has no skills; write each skill's name with a list of alignments below it.")
    return {slug: _parse_skill(slug, listed) for slug, listed in told.items()}


def _align_esco(told: Mapping[str, str]) -> Alignment:
    return Alignment(told["title"], told["uri"], ESCO)


def _parse_skill(slug: object, listed: object) -> tuple[Alignment, ...]:
    if slug not in read_skills():
        known = ", ".join(read_skills())
        raise MappingFault(f"{slug!r} is no skill; write one of {known}.")
    if not isinstance(listed, list) or len(listed) > MOST_OF_A_SKILL:
        raise MappingFault(f"{slug} is not a list of at most {MOST_OF_A_SKILL} alignments; begin each with a dash.")
    return tuple(_parse_alignment(f"{slug}[{number}]", told) for number, told in enumerate(listed, 1))


def _parse_alignment(place: str, told: Any) -> Alignment:
    if not isinstance(told, dict) or set(told) != set(FIELDS):
        raise MappingFault(f"{place} has other fields than {', '.join(FIELDS)}; write these three and no other.")
    for field in FIELDS:
        value = told[field]
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not value.isprintable():
            raise MappingFault(f"{place}.{field} is not a line of text; write from 1 to {LONGEST} characters.")
    if not told["url"].startswith(("https://", "http://")) or " " in told["url"]:
        raise MappingFault(f"{place}.url is {told['url']!r}; write an address that begins with https:// or http://.")
    return Alignment(**{field: told[field].strip() for field in FIELDS})
