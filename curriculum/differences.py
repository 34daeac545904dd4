"""What another edition of a project asks otherwise, in terms that its learners may know: never how a check looks.

Read are the questions, the marks, the commands and limits, the briefs and the starter; nothing of an answer.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from curriculum.lines import ADDED, GAP, MOST_LINES, Line, compare_lines
from curriculum.marks import read_marks
from curriculum.package import MilestoneSpec, ProjectPackage, files_under
from curriculum.questions import Question, read_questions

GONE, CHANGED = "gone", "changed"
CHANGELOG = "CHANGES.md"
# A file that was written anew is better read than compared.
MOST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Moved:
    """A named value, then and now; None where there was none, or is none any more."""

    name: str
    before: str | float | None
    now: str | float | None


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the starter: added, gone or changed; without lines, if it is no text."""

    path: str
    what: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MilestoneChanges:
    """What is different at one milestone; `what` says whether only one of the editions has it."""

    kind: str
    title: str
    what: str = CHANGED
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    reworded: tuple[Moved, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    marks: tuple[Moved, ...] = ()
    commands: tuple[Moved, ...] = ()
    limits: tuple[Moved, ...] = ()
    files: tuple[Moved, ...] = ()
    looks_otherwise: bool = False
    brief: tuple[Line, ...] = ()

    @property
    def is_news(self) -> bool:
        """Whether there is anything to tell."""
        told = (getattr(self, field.name) for field in fields(self) if field.name not in ("kind", "title", "what"))
        return self.what != CHANGED or any(told)


@dataclass(frozen=True, slots=True)
class EditionChanges:
    """All that is different. `words` is the package's own account of it, in Markdown."""

    words: str
    other_data: bool
    milestones: tuple[MilestoneChanges, ...]
    starter: tuple[FileChange, ...]


def compare_editions(before: ProjectPackage, now: ProjectPackage) -> EditionChanges:
    """What a learner who goes from one edition to the other should know."""
    return EditionChanges(
        words=read_changelog(now, before.version),
        other_data=before.data_digest != now.data_digest,
        milestones=tuple(change for change in _compare_milestones(before, now) if change.is_news),
        starter=tuple(_compare_folders(before.folder / "starter", now.folder / "starter")),
    )


def read_changelog(package: ProjectPackage, since: str) -> str:
    """What CHANGES.md says of the versions after this one: all that stands above its heading."""
    return re.split(rf"^## {re.escape(since)}\s*$", package.words(CHANGELOG), maxsplit=1, flags=re.MULTILINE)[0].strip()


def compare_texts(before: str, now: str) -> tuple[Line, ...]:
    """The lines that differ, with a few around them."""
    told = tuple(compare_lines(before.splitlines()[:MOST_LINES], now.splitlines()[:MOST_LINES]))
    return (*told[:MOST_SHOWN], Line(GAP)) if len(told) > MOST_SHOWN else told


def _compare_milestones(before: ProjectPackage, now: ProjectPackage) -> Iterator[MilestoneChanges]:
    for milestone in now.milestones:
        if milestone.kind in before.kinds:
            yield _compare_milestone(before, now, milestone.kind)
        else:
            yield MilestoneChanges(milestone.kind, milestone.title, ADDED)
    for milestone in before.milestones:
        if milestone.kind not in now.kinds:
            yield MilestoneChanges(milestone.kind, milestone.title, GONE)


def _compare_milestone(before: ProjectPackage, now: ProjectPackage, kind: str) -> MilestoneChanges:
    old, new = before.milestone(kind), now.milestone(kind)
    then, asked = _questions(before, kind), _questions(now, kind)
    both = [name for name in asked if name in then]
    marks = tuple(_name_marks(_compare_values(_marks(before, kind), _marks(now, kind)), {**then, **asked}))
    return MilestoneChanges(
        kind=kind,
        title=new.title,
        added=tuple(asked[name].question for name in asked if name not in then),
        gone=tuple(then[name].question for name in then if name not in asked),
        reworded=tuple(
            Moved(name, then[name].question, asked[name].question)
            for name in both
            if then[name].question != asked[name].question
        ),
        required=tuple(asked[name].question for name in both if asked[name].required > then[name].required),
        optional=tuple(asked[name].question for name in both if asked[name].required < then[name].required),
        marks=marks,
        commands=tuple(_compare_values(_commands(old), _commands(new))),
        limits=tuple(_compare_values(old.limits, new.limits)),
        files=tuple(_compare_values(old.produces, new.produces)),
        looks_otherwise=_looks(before, kind, both) != _looks(now, kind, both),
        brief=compare_texts(before.words(f"{kind}/brief.md"), now.words(f"{kind}/brief.md")),
    )


def _questions(package: ProjectPackage, kind: str) -> dict[str, Question]:
    return {question.name: question for question in read_questions(package.words(f"{kind}/checks.py"))}


def _marks(package: ProjectPackage, kind: str) -> dict[str, float]:
    entries = read_marks(package).items()
    return {name: float(str(entry["mark"])) for name, entry in entries if entry.get("milestone") == kind}


def _name_marks(moved: Iterator[Moved], questions: Mapping[str, Question]) -> Iterator[Moved]:
    for mark in moved:
        asked = questions.get(mark.name)
        yield Moved(asked.question if asked else mark.name, mark.before, mark.now)


def _commands(milestone: MilestoneSpec) -> dict[str, str]:
    """Whatever a learner's code is started by, and given in its environment."""
    started = {"command": " ".join(milestone.command), "listen": " ".join(milestone.listen), "serve": milestone.serve}
    return {name: told for name, told in {**started, **milestone.variables}.items() if told}


def _compare_values(before: Mapping[str, str | float], now: Mapping[str, str | float]) -> Iterator[Moved]:
    for name in dict.fromkeys((*before, *now)):
        if before.get(name) != now.get(name):
            yield Moved(name, before.get(name), now.get(name))


def _looks(package: ProjectPackage, kind: str, names: Collection[str]) -> tuple[object, ...]:
    """What looks at the work for these checks, apart from how they put their questions. To be compared, never shown."""
    kept = [node for node in ast.parse(package.words(f"{kind}/checks.py")).body if _is_kept(node, names)]
    probes = ast.dump(ast.parse(package.words(f"{kind}/probes.py")))
    return [_dump(node) for node in kept], probes, package.milestone(kind).probes


def _is_kept(node: ast.stmt, names: Collection[str]) -> bool:
    return not isinstance(node, ast.FunctionDef) or not node.decorator_list or node.name in names


def _dump(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef):
        silent = node.body[1:] if ast.get_docstring(node) else node.body
        return node.name + "".join(ast.dump(line) for line in silent)
    return ast.dump(node)


def _compare_folders(before: Path, now: Path) -> Iterator[FileChange]:
    then, here = ({path.relative_to(root).as_posix(): path for path in files_under(root)} for root in (before, now))
    for name in sorted({*then, *here}):
        old, new = (files[name].read_bytes() if name in files else b"" for files in (then, here))
        if name not in then or name not in here or old != new:
            what = ADDED if name not in then else GONE if name not in here else CHANGED
            yield FileChange(name, what, _compare_bytes(old, new))


def _compare_bytes(before: bytes, now: bytes) -> tuple[Line, ...]:
    try:
        return compare_texts(before.decode(), now.decode())
    except UnicodeDecodeError:
        return ()
