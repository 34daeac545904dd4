"""What a package must have before it is worth proving: one rule per function, each with a code, all told at once."""

import ast
import json
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import yaml

from curriculum.expectations import Expectation, read_expectations
from curriculum.freedoms import FILE, read_freedoms
from curriculum.marks import marks_read, read_marks
from curriculum.package import KINDS, REFERENCE, MilestoneSpec, PackageFault, ProjectPackage
from curriculum.questions import read_questions
from curriculum.skills import read_skills
from curriculum.trees import list_right, list_wrong, read_tree

HEADINGS = ("What you will do", "Background", "What is checked", "Notes")
GIVEN = frozenset({"raw", "api", "stream", "out", "seed", "port", *KINDS})
GIVEN_TO_PROBES = GIVEN | {"main", "prepared"}
WRONG_TREES_PER_MILESTONE = 5
ALTERNATIVES = 3
LAZY_TREES_PER_MARK = 3
LEAST_GAP = 0.10
MONITOR_WRITES = ("alarms.parquet", "decision.json")
# A quiet stream, a broken contract, another population, another concept.
STREAMS = 4
MARKS_PLACE = ("<!-- marks -->", "<!-- /marks -->")

READERS: dict[str, Callable[[str], object]] = {
    "data.py": ast.parse,
    "*/checks.py": ast.parse,
    "*/probes.py": ast.parse,
    "domains/*.yaml": yaml.safe_load,
    "wrong/*/expect.yaml": yaml.safe_load,
    FILE: yaml.safe_load,
    "marks.json": json.loads,
}

Rule = Callable[[ProjectPackage], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that a package breaks."""

    code: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.code} {self.sentence}"


def lint(package: ProjectPackage) -> list[Fault]:
    """Every fault of every rule, in the order of the rules; while files cannot be read, those alone."""
    return find_unreadable(package) or [
        Fault(code, sentence) for code, rule in RULES.items() for sentence in rule(package)
    ]


def find_unreadable(package: ProjectPackage) -> list[Fault]:
    """Each file that no other rule, and no proof, could read."""
    return [Fault("P000", sentence) for sentence in holds_an_unreadable_file(package)]


def holds_an_unreadable_file(package: ProjectPackage) -> Iterator[str]:
    for pattern, read in READERS.items():
        for path in sorted(package.folder.glob(pattern)):
            try:
                read(path.read_text(encoding="utf-8"))
            except (SyntaxError, ValueError, yaml.YAMLError) as fault:
                yield f"{path.relative_to(package.folder)} cannot be read: {' '.join(str(fault).split())}"


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
            if probe.is_prepared and f"def {probe.name}(" not in source:
                yield f"{milestone.kind}/probes.py has no function {probe.name}, which prepares that probe."


def uses_an_unknown_placeholder(package: ProjectPackage) -> Iterator[str]:
    """Facts of the world are known only once one is made; they are the placeholders that `prove` will try."""
    for milestone in package.milestones:
        for word in (*milestone.command, *milestone.listen, *milestone.variables.values()):
            for name in _placeholders(word) & GIVEN_TO_PROBES - GIVEN:
                yield f"{milestone.kind}: {{{name}}} is known to probes only."


def has_too_few_wrong_trees(package: ProjectPackage) -> Iterator[str]:
    counted = [expected.milestone for expected in _expectations(package).values()]
    for kind in package.kinds:
        if (count := counted.count(kind)) < WRONG_TREES_PER_MILESTONE:
            yield f"wrong/ holds {count} trees for {kind}; a check is proved by at least {WRONG_TREES_PER_MILESTONE}."


def expects_an_unknown_check(package: ProjectPackage) -> Iterator[str]:
    for tree, expected in _expectations(package).items():
        if expected.milestone not in package.kinds:
            yield f"wrong/{tree}/expect.yaml: milestone must be one of {', '.join(package.kinds)}."
            continue
        known = _check_names(package, package.milestone(expected.milestone))
        for name in (*expected.fails, *expected.may_fail):
            if name not in known:
                yield f"wrong/{tree}/expect.yaml: {expected.milestone} has no check {name}."
        for name in sorted({*expected.fails} & {*expected.may_fail}):
            yield f"wrong/{tree}/expect.yaml: {name} is said to fail always, and to fail sometimes; say one of them."


def has_a_check_that_nothing_fails(package: ProjectPackage) -> Iterator[str]:
    failed = {(expected.milestone, name) for expected in _expectations(package).values() for name in expected.fails}
    for milestone in package.milestones:
        for name in sorted(_check_names(package, milestone)):
            if (milestone.kind, name) not in failed:
                yield f"{milestone.kind}: no wrong tree fails {name}; a check that nothing fails proves nothing."


def has_too_few_alternatives(package: ProjectPackage) -> Iterator[str]:
    count = sum(name != REFERENCE for name in list_right(package))
    if count < ALTERNATIVES:
        yield f"alternatives/ holds {count} trees; it takes {ALTERNATIVES} to show that more than one right way passes."


def has_a_silent_wrong_tree(package: ProjectPackage) -> Iterator[str]:
    for tree, expected in read_expectations(package).items():
        if not expected.why or not expected.complete:
            yield f"wrong/{tree}/expect.yaml must give milestone, outcome and why."


def has_an_overlay_that_does_not_fit(package: ProjectPackage) -> Iterator[str]:
    for name in (*list_right(package), *list_wrong(package)):
        try:
            read_tree(package, name)
        except PackageFault as fault:
            yield str(fault)


def leaves_free_what_is_not_there(package: ProjectPackage) -> Iterator[str]:
    for freedom in read_freedoms(package):
        if freedom.line not in map(str.strip, package.words(f"reference/{freedom.file}").splitlines()):
            yield f"{FILE}: reference/{freedom.file} has no line {freedom.line!r}; copy it from there as it is now."
        elif not freedom.why:
            yield f"{FILE}: {freedom.line!r} must say why anybody may write it otherwise."


def reads_an_unwritten_mark(package: ProjectPackage) -> Iterator[str]:
    written = read_marks(package)
    for kind, name in _marks_read(package):
        if "mark" not in written.get(name, {}):
            yield f"{kind}/checks.py reads the mark {name}, which marks.json lacks; `marks --write` derives it."
        elif written[name].get("milestone") != kind:
            yield f"marks.json says that {name} is of {written[name].get('milestone')}; {kind}/checks.py reads it."


def keeps_an_unread_mark(package: ProjectPackage) -> Iterator[str]:
    read = {name for _, name in _marks_read(package)}
    for name in sorted(set(read_marks(package)) - read):
        yield f"marks.json holds {name}, which no check reads."


def names_a_mark_after_no_check(package: ProjectPackage) -> Iterator[str]:
    for kind, name in _marks_read(package):
        if name not in _check_names(package, package.milestone(kind)):
            yield f"{kind}/checks.py reads the mark {name}; a mark has the name of the check that measures it."


def has_too_narrow_a_gap(package: ProjectPackage) -> Iterator[str]:
    for name, told in sorted(read_marks(package).items()):
        worst, best = told.get("worst_good"), told.get("best_lazy")
        if not isinstance(worst, int | float) or not isinstance(best, int | float):
            yield f"marks.json: {name} must tell worst_good and best_lazy."
        elif (gap := abs(worst - best) / max(1.0, abs(worst))) < LEAST_GAP:
            yield f"marks.json: {name} parts good from lazy by {gap:.3f}; at least {LEAST_GAP:.2f} is needed."


def has_too_few_lazy_trees(package: ProjectPackage) -> Iterator[str]:
    lazy = [(e.milestone, name) for e in _expectations(package).values() if e.lazy for name in e.fails]
    for kind, name in _marks_read(package):
        if (count := lazy.count((kind, name))) < LAZY_TREES_PER_MARK:
            yield f"{kind}: {count} lazy trees fail {name}; its mark is derived from at least {LAZY_TREES_PER_MARK}."


def has_no_place_for_its_marks(package: ProjectPackage) -> Iterator[str]:
    design = package.words("design.md")
    if any(_marks_read(package)) and not all(mark in design for mark in MARKS_PLACE):
        yield f"design.md lacks the lines {' and '.join(MARKS_PLACE)}, between which the table of marks goes."


def cannot_move_a_hidden_label(package: ProjectPackage) -> Iterator[str]:
    if "model" in package.kinds and "def move_hidden_label(" not in package.words("data.py"):
        yield "data.py lacks move_hidden_label(truth, rng), with which prove sees that feedback tells no hidden label."


def has_milestones_out_of_order(package: ProjectPackage) -> Iterator[str]:
    if package.kinds != tuple(kind for kind in KINDS if kind in package.kinds):
        yield f"project.yaml: milestones must come in the order {', '.join(KINDS)}."


def shows_the_stream_too_early(package: ProjectPackage) -> Iterator[str]:
    for milestone in package.milestones:
        words = (*milestone.command, *milestone.listen, *(word for probe in milestone.probes for word in probe.command))
        if milestone.kind != "monitor" and any("stream" in _placeholders(word) for word in words):
            yield f"{milestone.kind}: {{stream}} is what comes after the model went live; only monitor may see it."


def has_a_monitor_out_of_form(package: ProjectPackage) -> Iterator[str]:
    if "monitor" not in package.kinds:
        return
    monitor = package.milestone("monitor")
    given = {name for word in monitor.command for name in _placeholders(word)}
    for name in sorted({"stream", "model"} - given):
        yield f"monitor: the command must name {{{name}}}."
    for name in MONITOR_WRITES:
        if name not in monitor.produces:
            yield f"monitor must produce {name}."
    hidden = sum(probe.is_prepared for probe in monitor.probes)
    if hidden < STREAMS:
        yield f"monitor tries {hidden} streams of its own; control, contract, population and concept are {STREAMS}."


def tells_changes_of_another_version(package: ProjectPackage) -> Iterator[str]:
    headings = re.findall(r"^## (.+?)\s*$", package.words("CHANGES.md"), re.MULTILINE)
    if package.words("CHANGES.md") and headings[:1] != [package.version]:
        yield f"CHANGES.md must begin with the heading ## {package.version}, the version in project.yaml."


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
    "P014": has_too_few_alternatives,
    "P015": has_a_silent_wrong_tree,
    "P016": leaves_free_what_is_not_there,
    "P017": has_an_overlay_that_does_not_fit,
    "P020": reads_an_unwritten_mark,
    "P021": keeps_an_unread_mark,
    "P022": names_a_mark_after_no_check,
    "P023": has_too_narrow_a_gap,
    "P024": has_too_few_lazy_trees,
    "P025": has_no_place_for_its_marks,
    "P030": cannot_move_a_hidden_label,
    "P040": has_milestones_out_of_order,
    "P041": shows_the_stream_too_early,
    "P042": has_a_monitor_out_of_form,
    "P050": tells_changes_of_another_version,
}


def _expectations(package: ProjectPackage) -> dict[str, Expectation]:
    return {name: told for name, told in read_expectations(package).items() if told.complete}


def _marks_read(package: ProjectPackage) -> Iterator[tuple[str, str]]:
    return ((kind, name) for kind in package.kinds for name in marks_read(package, kind))


def _check_names(package: ProjectPackage, milestone: MilestoneSpec) -> set[str]:
    return {question.name for question in read_questions(package.words(f"{milestone.kind}/checks.py"))}


def _skills_used(package: ProjectPackage) -> set[str]:
    sources = [package.words(f"{milestone.kind}/checks.py") for milestone in package.milestones]
    return {skill for source in sources for question in read_questions(source) for skill in question.skills}


def _placeholders(word: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(word) if name}
