"""The skills framework: read from skills.yaml, the same for every project."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("skills.yaml")


@dataclass(frozen=True, slots=True)
class Skill:
    """A named ability."""

    slug: str
    title: str
    meaning: str


@cache
def read_skills() -> Mapping[str, Skill]:
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))["skills"]
    return {slug: Skill(slug, **words) for slug, words in listed.items()}


@cache
def read_levels() -> Mapping[int, str]:
    levels: dict[int, str] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["levels"]
    return levels
