"""Puts a project package where workers find it, and has the curriculum write its published copy."""

import json
from pathlib import Path

from curriculum.lint import lint
from curriculum.models import Project
from curriculum.package import PackageFault, ProjectPackage, load
from curriculum.publish import publish
from people.learners.facilities import store


def publish_folder(folder: Path, unproved: bool = False) -> Project:
    """Publish a package. Raises PackageFault on one that lint faults, or that has changed since it was proved."""
    package = load(folder)
    if faults := lint(package):
        raise PackageFault(f"{package.slug} is not published:\n" + "\n".join(str(fault) for fault in faults))
    if not unproved and read_proved_digest(package) != package.digest:
        raise PackageFault(
            f"{package.slug} is not published: it has changed since it was proved. "
            f"Run `python -m grading prove {folder} --write` first."
        )
    return publish(package, tree=store().put(package.folder), starter=store().put(package.folder / "starter"))


def read_proved_digest(package: ProjectPackage) -> str:
    """The digest that `prove --write` left in proof.json; empty if there is none."""
    told = package.words("proof.json")
    return str(json.loads(told).get("digest", "")) if told else ""
