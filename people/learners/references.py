"""Reads the reference's code of one milestone, beside a learner's own. Nothing else that answers learners reads it.

Only what the milestone's commands can reach is read, so that nothing of a later milestone is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from curriculum.package import MilestoneSpec
from grading.facilities import open_package
from grading.reach import entry_module, reach
from people.learners.facilities import store
from people.learners.models import Enrolment, Submission

FOLDER = "reference/"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two trees' files of one milestone, by path: the reference's, and the learner's; and the learner's others."""

    reference: Files
    own: Files
    only_own: tuple[str, ...]


def read_pair(enrolment: Enrolment, kind: str, submission: Submission | None) -> Pair:
    """The reference's files of this milestone, and what this submission has; without one, the reference's alone."""
    package = open_package(store(), enrolment.project.tree)
    milestone = package.milestone(kind)
    reference = _reach_tree(enrolment.project.tree, milestone, FOLDER)
    own = _reach_tree(submission.tree, milestone) if submission else {}
    held = _read_files(submission.tree, [path for path in reference if path not in own]) if submission else {}
    shared = {path: content for path, content in {**own, **held}.items() if path in reference}
    return Pair(reference, shared, tuple(sorted(path for path in own if path not in reference)))


def list_entries(milestone: MilestoneSpec) -> list[str]:
    """The modules that the milestone's commands start."""
    commands = (milestone.command, milestone.listen, *(probe.command for probe in milestone.probes))
    modules = [milestone.serve.partition(":")[0], *(entry_module(command) for command in commands)]
    return [module for module in dict.fromkeys(modules) if module]


def _reach_tree(tree: str, milestone: MilestoneSpec, folder: str = "") -> dict[str, bytes]:
    """The Python files that the milestone's commands can reach in this folder of the tree."""
    paths = [entry.path.removeprefix(folder) for entry in store().entries(tree) if entry.path.startswith(folder)]
    python = frozenset(path for path in paths if path.endswith(".py"))
    found: set[str] = set()
    for module in list_entries(milestone):
        reached = reach(python, lambda path: store().read(tree, folder + path), module)
        # Where nobody can tell what is reached, all of it would be shown, later milestones too.
        stem = module.replace(".", "/")
        found |= reached if reached != python else reached & {f"{stem}.py", f"{stem}/__main__.py"}
    return {path: store().read(tree, folder + path) for path in sorted(found)}


def _read_files(tree: str, paths: list[str]) -> dict[str, bytes]:
    there = {entry.path for entry in store().entries(tree)}
    return {path: store().read(tree, path) for path in paths if path in there}
