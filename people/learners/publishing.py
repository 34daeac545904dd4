"""Puts a project package where workers find it, and has the curriculum write its published copy."""

from pathlib import Path

from curriculum.lint import lint
from curriculum.models import Project
from curriculum.package import PackageFault, load
from curriculum.publish import publish
from grading.certificate import find_unproved
from people.learners.facilities import store


def publish_folder(folder: Path, unproved: bool = False) -> Project:
    """Publish a package. Raises PackageFault on one that lint faults, or whose proof is not whole."""
    package = load(folder)
    if faults := lint(package):
        raise PackageFault(f"{package.slug} is not published:\n" + "\n".join(str(fault) for fault in faults))
    if not unproved and (lacking := find_unproved(package)):
        kind, tree = lacking[0]
        raise PackageFault(
            f"{package.slug} is not published: {tree} at {kind}, and {len(lacking) - 1} more, were not proved since "
            "something changed that their proof hangs on, or did otherwise than expected on some world (`odd` in "
            f"proof.json). Run `python -m grading prove {folder} --write` first."
        )
    return publish(package, tree=store().put(package.folder), starter=store().put(package.folder / "starter"))
