"""Puts a project package where workers find it, and has the curriculum write its published copy."""

from pathlib import Path

from curriculum.lint import lint
from curriculum.models import Project
from curriculum.package import PackageFault, load
from curriculum.publish import publish
from grading.certificate import read_certificate
from people.learners.facilities import store


def publish_folder(folder: Path, unproved: bool = False) -> Project:
    """Publish a package. Raises PackageFault on one that lint faults, or that has changed since it was proved."""
    package = load(folder)
    if faults := lint(package):
        raise PackageFault(f"{package.slug} is not published:\n" + "\n".join(str(fault) for fault in faults))
    proved = read_certificate(package)
    if not unproved and (proved is None or proved.digest != package.digest):
        raise PackageFault(
            f"{package.slug} is not published: it has changed since it was proved. "
            f"Run `python -m grading prove {folder} --write` first."
        )
    return publish(package, tree=store().put(package.folder), starter=store().put(package.folder / "starter"))
