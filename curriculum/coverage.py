"""Which checks of which packages show a skill at a level: the track as a table. Reads sources, imports nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from curriculum.package import ProjectPackage
from curriculum.questions import read_questions
from curriculum.skills import read_skills

BY_MACHINE = (1, 2, 3, 4)

Coverage = Mapping[tuple[str, int], list["Place"]]


@dataclass(frozen=True, slots=True)
class Place:
    """One check of one milestone."""

    project: str
    kind: str
    check: str


def cover(packages: Iterable[ProjectPackage]) -> Coverage:
    """(skill, level) -> the checks that show it, in the order of the packages."""
    found: dict[tuple[str, int], list[Place]] = defaultdict(list)
    for package in packages:
        for kind in package.kinds:
            for question in read_questions(package.words(f"{kind}/checks.py")):
                for skill in question.skills:
                    found[skill, question.level].append(Place(package.slug, kind, question.name))
    return found


def find_gaps(coverage: Coverage) -> list[tuple[str, int]]:
    """The skills and levels that a machine could see and that nothing shows."""
    return [(skill, level) for skill in read_skills() for level in BY_MACHINE if not coverage.get((skill, level))]


def describe_coverage(coverage: Coverage) -> str:
    """The table as Markdown: how many checks show each skill at each level, then which they are."""
    head = "| skill | " + " | ".join(f"level {level}" for level in BY_MACHINE) + " |"
    rows = [head, "|---" * (len(BY_MACHINE) + 1) + "|"]
    for slug, skill in read_skills().items():
        cells = " | ".join(str(len(coverage.get((slug, level), ())) or "none") for level in BY_MACHINE)
        rows.append(f"| {skill.title} | {cells} |")
    return "\n".join([*rows, *_list_places(coverage)]) + "\n"


def _list_places(coverage: Coverage) -> Iterable[str]:
    for slug, skill in read_skills().items():
        aligned = ", ".join(f"[{one.name}]({one.url})" for one in skill.alignments)
        yield f"\n## {skill.title}\n\n{skill.meaning}\n\nIn ESCO: {aligned}.\n"
        for level in BY_MACHINE:
            listed = ", ".join(f"{p.project} {p.kind} `{p.check}`" for p in coverage.get((slug, level), ()))
            yield f"- **Level {level}:** {listed or 'nothing yet'}."
