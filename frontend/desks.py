"""What the editor's pages show, as plain values: the files, the one that is open, and what can be done with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.urls import reverse

from curriculum.models import Project
from frontend.diffs import Diff, compare_texts
from frontend.pages import MilestoneCard, ProjectMap, build_maps
from frontend.rehearsals import RehearsalNote, write_note
from grading.reach import entry_module
from people.learners import queries
from people.learners.models import Enrolment, Submission
from people.learners.refusals import Refusal
from people.learners.repositories import Entry, open_repository
from people.learners.saving import CHANGED_MEANWHILE, list_files, read_content

FIRST_CHOICE = "README.md"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A file in the tree of files."""

    name: str
    url: str
    is_open: bool


@dataclass(slots=True)
class Folder:
    """A folder in the tree of files, the root too; `is_open` says that the open file lies below it."""

    name: str
    folders: dict[str, "Folder"] = field(default_factory=dict)
    files: list[Leaf] = field(default_factory=list)
    is_open: bool = False

    @property
    def inner(self) -> list["Folder"]:
        """The folders in it: a template would take the name of a folder for that of a method."""
        return list(self.folders.values())


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else's version of the file that was to be saved; `theirs` is None where it is gone or is no text."""

    is_there: bool
    theirs: str | None
    diff: Diff


@dataclass(frozen=True, slots=True)
class Desk:
    """The page of one file. `base` names the version that the text began from; empty: there is no such file yet.

    `text` is None where the file is no text to be edited here.
    """

    project: ProjectMap
    root: Folder
    path: str
    text: str | None = ""
    base: str = ""
    size: int = 0
    card: MilestoneCard | None = None
    checked: RehearsalNote | None = None
    conflict: Conflict | None = None
    refusal: Refusal | None = None


def build_desk(enrolment: Enrolment, path: str) -> Desk:
    """The files as they were saved last, and this one open, if it is there."""
    repository = open_repository(enrolment)
    files = list_files(repository)
    [project_map] = build_maps([enrolment.project], {enrolment.project.slug: enrolment})
    found = read_content(repository, files[path]) if path in files else None
    return Desk(
        project=project_map,
        root=build_tree(enrolment.project.slug, files, path),
        path=path,
        text=found.text if found else "",
        base=found.entry.name if found else "",
        size=found.entry.size if found else 0,
        card=project_map.next or (project_map.milestones[-1] if project_map.milestones else None),
        checked=write_note(enrolment),
    )


def build_refused_desk(enrolment: Enrolment, path: str, base: str, text: str, refusal: Refusal) -> Desk:
    """The page once more after a save that was refused, with the text that was to be saved; both, if there are two."""
    desk = build_desk(enrolment, path)
    if refusal.code != CHANGED_MEANWHILE:
        return replace(desk, text=text, base=base, refusal=refusal)
    repository = open_repository(enrolment)
    theirs = list_files(repository).get(path)
    conflict = Conflict(theirs is not None, desk.text, compare_texts(repository, path, theirs, text))
    return replace(desk, text=text, conflict=conflict, refusal=refusal)


def find_last(enrolment: Enrolment) -> Submission | None:
    """What was handed in last, if a commit of it is kept."""
    return queries.list_submissions(enrolment).exclude(commit="").first()


def choose_first(project: Project, paths: Iterable[str], kind: str) -> str:
    """The file to open when none is named: where the milestone's command begins, or something to read."""
    there = list(paths)
    command = next((milestone.command for milestone in project.milestones.all() if milestone.kind == kind), "")
    module = entry_module(tuple(command.split()))
    wanted = (f"{module.replace('.', '/')}.py", FIRST_CHOICE, *there)
    return next((path for path in wanted if path in there), FIRST_CHOICE)


def build_tree(slug: str, files: Mapping[str, Entry], path: str) -> Folder:
    """Folders before files, each in the order of its name."""
    root = Folder("")
    for name in sorted(files):
        folder, (*above, own) = root, name.split("/")
        for part in above:
            folder = folder.folders.setdefault(part, Folder(part))
            folder.is_open = folder.is_open or name == path
        folder.files.append(Leaf(own, reverse("frontend:edit", args=[slug, name]), name == path))
    return root
