"""Reads role profiles that somebody wrote as YAML, strictly: what is wrong is told with its field and its line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

from curriculum.skills import read_skills
from people.learners.refusals import Refusal

READY = Path(__file__).with_name("roles.yaml")
LARGEST = 20_000
LONGEST_TITLE, LONGEST_SUMMARY = 120, 1000
HIGHEST = 5
FIELDS: Final = ("title", "summary", "occupation", "required", "wanted")


@dataclass(frozen=True, slots=True)
class Profile:
    """What a role needs; `is_ready` says that it came with Milepost and is nobody's to change."""

    title: str
    summary: str = ""
    occupation: str = ""
    required: Mapping[str, int] = field(default_factory=dict)
    wanted: Mapping[str, int] = field(default_factory=dict)
    slug: str = ""
    is_ready: bool = False


@cache
def read_ready() -> Mapping[str, Profile]:
    """The role profiles that come with Milepost."""
    told = yaml.safe_load(READY.read_text(encoding="utf-8"))
    return {slug: Profile(**words, slug=slug, is_ready=True) for slug, words in told.items()}


def write_yaml(profile: Profile) -> str:
    """The profile as a file that `parse_profile` reads."""
    told = {name: getattr(profile, name) for name in FIELDS}
    plain = {name: dict(value) if isinstance(value, Mapping) else value for name, value in told.items()}
    text: str = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    return text


def parse_profile(text: str) -> Profile:
    """The profile that this YAML says. Raises Refusal that names the field, the line and the remedy."""
    if len(text) > LARGEST:
        told = _("This is {size} characters long; a role profile has at most {most}.")
        raise Refusal("too-large", "yaml", told.format(size=len(text), most=LARGEST), 400, _("Shorten it."))
    fields = _read_mapping("yaml", _compose(text))
    unknown = next((name for name in fields if name not in FIELDS), None)
    if unknown is not None:
        told = _("there is no field {name}").format(name=repr(unknown))
        raise _refuse(unknown, fields[unknown], told, _("Write {known}.").format(known=", ".join(FIELDS)))
    title, summary, occupation = (_read_text(name, fields.get(name)) for name in FIELDS[:3])
    required, wanted = (_read_levels(name, fields[name]) if name in fields else {} for name in FIELDS[3:])
    return check_profile(Profile(title, summary, occupation, required, wanted))


def check_profile(profile: Profile) -> Profile:
    """The profile, tidied. Raises Refusal."""
    title = " ".join(profile.title.split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        told = _("Give the role a title of 1 to {most} characters.").format(most=LONGEST_TITLE)
        raise Refusal("invalid", "title", told)
    if len(profile.summary) > LONGEST_SUMMARY:
        raise Refusal("invalid", "summary", _("A summary has at most {most} characters.").format(most=LONGEST_SUMMARY))
    for name in FIELDS[3:]:
        _check_levels(name, getattr(profile, name))
    both = next((skill for skill in profile.required if skill in profile.wanted), None)
    if both:
        told = _("{skill} is required and wanted at once; say it once.").format(skill=repr(both))
        raise Refusal("twice", "wanted", told)
    if not profile.required and not profile.wanted:
        raise Refusal("empty", "required", _("Require or want at least one skill, at a level from 1 to 5."))
    required, wanted = (_sort_levels(levels) for levels in (profile.required, profile.wanted))
    return Profile(title, profile.summary.strip(), profile.occupation.strip(), required, wanted)


def _sort_levels(levels: Mapping[str, int]) -> dict[str, int]:
    return {skill: levels[skill] for skill in read_skills() if skill in levels}


def _check_levels(name: str, levels: Mapping[str, Any]) -> None:
    for skill, level in levels.items():
        if skill not in read_skills():
            told = _("There is no skill {skill}; there are {known}.")
            raise Refusal("unknown-skill", name, told.format(skill=repr(skill), known=", ".join(read_skills())))
        if not isinstance(level, int) or isinstance(level, bool) or not 1 <= level <= HIGHEST:
            told = _("The level of {skill} is {level}; write a whole number from 1 to 5.")
            raise Refusal("invalid", name, told.format(skill=skill, level=repr(level)))


def _compose(text: str) -> yaml.Node | None:
    """The document as nodes: with lines, and nothing in it is built, so an alias costs nothing."""
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        where = _(" in line {line}").format(line=mark.line + 1) if mark else ""
        told = _("This is not YAML{where}: {problem}.")
        problem = getattr(fault, "problem", None) or getattr(fault, "reason", None) or _("it cannot be read")
        remedy = _("Write one field in each line, such as “title: Data engineer”.")
        raise Refusal("not-yaml", "yaml", told.format(where=where, problem=problem), 400, remedy) from None


def _read_mapping(name: str, node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _refuse(name, node, _("it is not a list of names with values"), _("Write “name: value”, one a line."))
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        said = key.value if isinstance(key, yaml.ScalarNode) else "?"
        if said in found:
            raise _refuse(said, key, _("it stands there twice"), _("Leave one of them out."))
        found[said] = value
    return found


def _read_text(name: str, node: yaml.Node | None) -> str:
    if node is None:
        return ""
    if not isinstance(node, yaml.ScalarNode):
        raise _refuse(name, node, _("it is not text"), _("Write text in one line."))
    text: str = node.value
    return text


def _read_levels(name: str, node: yaml.Node) -> dict[str, int]:
    levels: dict[str, int] = {}
    for skill, told in _read_mapping(name, node).items():
        if skill not in read_skills():
            known = ", ".join(read_skills())
            said = _("there is no skill {skill}").format(skill=repr(skill))
            raise _refuse(name, told, said, _("Write one of {known}.").format(known=known))
        value = told.value if isinstance(told, yaml.ScalarNode) else None
        if value not in ("1", "2", "3", "4", "5"):
            said = _("the level of {skill} is {level}").format(skill=skill, level=repr(value))
            raise _refuse(name, told, said, _("Write a whole number from 1 to 5."))
        levels[skill] = int(value)
    return levels


def _refuse(name: str, node: yaml.Node | None, problem: str, remedy: str) -> Refusal:
    line = node.start_mark.line + 1 if node else 1
    told = _("{field}, line {line}: {problem}.").format(field=name, line=line, problem=problem)
    return Refusal("invalid", name, told, 400, remedy)
