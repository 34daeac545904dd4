"""Begins a project: a small one that lints and can be proved, for an author to change piece by piece."""

import re
import shutil
from pathlib import Path

PROJECT = Path(__file__).parent / "project"
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAMED = ("project.yaml", "README.md", "design.md", "starter/README.md")
LITTER = ("__pycache__", "*.pyc")


def begin_project(slug: str, parent: Path) -> Path:
    """Write the folder parent/slug. Raises ValueError when the slug is none, or something is there already."""
    if not SLUG.fullmatch(slug):
        raise ValueError(f"{slug!r} is no slug: small letters and digits, words joined by hyphens, as in night-shift.")
    folder = parent / slug
    if folder.exists():
        raise ValueError(f"{folder} is there already.")
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*LITTER))
    for name in NAMED:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("the-till", slug).replace("The Till", _title(slug)), encoding="utf-8")
    return folder


def _title(slug: str) -> str:
    return " ".join(word.capitalize() for word in slug.split("-"))
