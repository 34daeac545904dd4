"""What a package must have before it is worth proving: one rule per function, each with a code, all told at once."""

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import yaml

from curriculum.package import KINDS, MilestoneSpec, PackageFault, ProjectPackage
from curriculum.questions import read_questions
from curriculum.skills import read_skills

HEADINGS = ("What you will do", "Background", "What is checked", "Notes")
GIVEN = frozenset({"raw", "api", "out", "seed", "port", *KINDS})
GIVEN_TO_PROBES = GIVEN | {"main", "prepared"}
WRONG_TREES_PER_MILESTONE = 3

Rule = Callable[[ProjectPackage], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that a package breaks."""

    code: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.code} {self.sentence}"


def lint(package: ProjectPackage) -> list[Fault]:
    """Every fault of every rule, in the order of the rules."""
    return [Fault(code, sentence) for code, rule in RULES.items() for sentence in rule(package)]


def lacks_a_file(package: ProjectPackage) -> Iterator[str]:
    for name in ("README.md", "design.md", "data.py"):
        if not package.words(name):
            yield f"{name} is missing or empty."


def lacks_a_tree(package: ProjectPackage) -> Iterator[str]:
    for name in ("starter", "reference"):
        if not (package.folder / name).is_dir():
            yield f"The folder {name}/ is missing."


def lacks_a_domain(package: ProjectPackage) -> Iterator[str]:
    for name in package.domains:
        if not package.words(f"domains/{name}.yaml"):
            yield f"domains/{name}.yaml is missing; project.yaml lists it."


def has_an_unknown_skill(package: ProjectPackage) -> Iterator[str]:
    for slug in sorted(_skills_used(package) | set(package.skills)):
        if slug not in read_skills():
            yield f"The skill {slug!r} is not in curriculum/skills.yaml."


def claims_an_unchecked_skill(package: ProjectPackage) -> Iterator[str]:
    for slug in sorted(set(package.skills) - _skills_used(package)):
        yield f"project.yaml claims the skill {slug!r}, but no check shows it."


def has_a_brief_out_of_form(package: ProjectPackage) -> Iterator[str]:
    for milestone in package.milestones:
        brief = package.words(f"{milestone.kind}/brief.md")
        headings = tuple(re.findall(r"^## (.+?)\s*$", brief, re.MULTILINE))
        if headings != HEADINGS:
            yield f"{milestone.kind}/brief.md must have exactly the headings {', '.join(HEADINGS)}."
        if "{{ checks }}" not in brief:
            yield f"{milestone.kind}/brief.md lacks the line {{{{ checks }}}} under 'What is checked'."


def lacks_checks(package: ProjectPackage) -> Iterator[str]:
    for milestone in package.milestones:
        if not _check_names(package, milestone):
            yield f"{milestone.kind}/checks.py asks nothing."


def lacks_hints(package: ProjectPackage) -> Iterator[str]:
    for milestone in package.milestones:
        hinted = set(re.findall(r"^## (\w+)", package.words(f"{milestone.kind}/hints.md"), re.MULTILINE))
        for name in sorted(_check_names(package, milestone) ^ hinted):
            yield f"{milestone.kind}/hints.md and checks.py must name the same checks; {name} is in one only."


def lacks_a_probe_function(package: ProjectPackage) -> Iterator[str]:
    for milestone in package.milestones:
        source = package.words(f"{milestone.kind}/probes.py")
        for probe in milestone.probes:
            if "{prepared}" in probe.command and f"def {probe.name}(" not in source:
                yield f"{milestone.kind}/probes.py has no function {probe.name}, which prepares that probe."


def uses_an_unknown_placeholder(package: ProjectPackage) -> Iterator[str]:
    """Facts of the world are known only once one is made; they are the placeholders that `prove` will try."""
    for milestone in package.milestones:
        for word in (*milestone.command, *milestone.listen, *milestone.variables.values()):
            for name in _placeholders(word) & GIVEN_TO_PROBES - GIVEN:
                yield f"{milestone.kind}: {{{name}}} is known to probes only."


def has_too_few_wrong_trees(package: ProjectPackage) -> Iterator[str]:
    counted = [expected.get("milestone") for expected in _expectations(package).values()]
    for kind in package.kinds:
        if (count := counted.count(kind)) < WRONG_TREES_PER_MILESTONE:
            yield f"wrong/ holds {count} trees for {kind}; a check is proved by at least {WRONG_TREES_PER_MILESTONE}."


def expects_an_unknown_check(package: ProjectPackage) -> Iterator[str]:
    for tree, expected in _expectations(package).items():
        kind = expected.get("milestone")
        if kind not in package.kinds:
            yield f"wrong/{tree}/expect.yaml: milestone must be one of {', '.join(package.kinds)}."
            continue
        known = _check_names(package, package.milestone(str(kind)))
        for name in expected.get("fails", ()):  # type: ignore[attr-defined]
            if name not in known:
                yield f"wrong/{tree}/expect.yaml: {kind} has no check {name}."


def has_a_check_that_nothing_fails(package: ProjectPackage) -> Iterator[str]:
    failed = {(e.get("milestone"), name) for e in _expectations(package).values() for name in e.get("fails", ())}  # type: ignore[attr-defined]
    for milestone in package.milestones:
        for name in sorted(_check_names(package, milestone)):
            if (milestone.kind, name) not in failed:
                yield f"{milestone.kind}: no wrong tree fails {name}; a check that nothing fails proves nothing."


RULES: dict[str, Rule] = {
    "P001": lacks_a_file,
    "P002": lacks_a_tree,
    "P003": lacks_a_domain,
    "P004": has_an_unknown_skill,
    "P005": claims_an_unchecked_skill,
    "P006": has_a_brief_out_of_form,
    "P007": lacks_checks,
    "P008": lacks_hints,
    "P009": lacks_a_probe_function,
    "P010": uses_an_unknown_placeholder,
    "P011": has_too_few_wrong_trees,
    "P012": expects_an_unknown_check,
    "P013": has_a_check_that_nothing_fails,
}


def read_expectations(package: ProjectPackage) -> dict[str, dict[str, object]]:
    """What each wrong tree says of itself. Raises PackageFault on one that says nothing."""
    found = _expectations(package)
    if silent := [name for name, expected in found.items() if not {"milestone", "outcome"} <= set(expected)]:
        raise PackageFault(f"wrong/{silent[0]}/expect.yaml must give milestone and outcome.")
    return found


def _expectations(package: ProjectPackage) -> dict[str, dict[str, object]]:
    folders = sorted(path for path in (package.folder / "wrong").glob("*") if path.is_dir())
    return {folder.name: yaml.safe_load(package.words(f"wrong/{folder.name}/expect.yaml")) or {} for folder in folders}


def _check_names(package: ProjectPackage, milestone: MilestoneSpec) -> set[str]:
    return {question.name for question in read_questions(package.words(f"{milestone.kind}/checks.py"))}


def _skills_used(package: ProjectPackage) -> set[str]:
    sources = [package.words(f"{milestone.kind}/checks.py") for milestone in package.milestones]
    return {skill for source in sources for question in read_questions(source) for skill in question.skills}


def _placeholders(word: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(word) if name}
