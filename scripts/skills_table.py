"""Writes docs/skills.md from the packages of the projects room."""

from pathlib import Path

from curriculum.coverage import cover, describe_coverage
from curriculum.package import load

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "skills.md"
HEAD = """# Skills, levels, and the checks that show them

Written by `scripts/skills` from the packages themselves; not to be edited by hand. The numbers count the checks of all
projects. Level 5 (transfers to another business, and explains) is never a machine's to give.

The alignments are with ESCO, version 1.2: this service uses the ESCO classification of the European Commission. An
operator may add others by a file of their own (`MILEPOST_SKILLS_MAPPING`, see operating.md).

"""


def write_table() -> str:
    packages = [load(path.parent) for path in sorted((ROOT / "projects").glob("*/project.yaml"))]
    return HEAD + describe_coverage(cover(packages))


if __name__ == "__main__":
    TABLE.write_text(write_table(), encoding="utf-8")
