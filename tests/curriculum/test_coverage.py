"""Which checks show which skill at which level, and what nothing shows."""

from pathlib import Path

from curriculum.coverage import Place, cover, describe_coverage, find_gaps
from curriculum.package import load

ROOT = Path(__file__).resolve().parents[2]
TINY = load(ROOT / "tests" / "fixtures" / "packages" / "tiny")


def test_checks_are_counted_by_skill_and_level_and_gaps_are_named() -> None:
    coverage = cover([TINY])
    table = describe_coverage(coverage)

    assert coverage["clean", 2] == [Place("tiny", "clean", "no_number_appears_twice")]
    assert ("clean", 2) not in find_gaps(coverage)
    assert ("clean", 3) in find_gaps(coverage)
    assert "| Clean | none | 1 | none | none |" in table
    assert "- **Level 2:** tiny clean `no_number_appears_twice`." in table
    assert "- **Level 3:** nothing yet." in table


def test_the_track_shows_every_skill_at_every_level_that_a_machine_can_see() -> None:
    packages = [load(path.parent) for path in sorted((ROOT / "projects").glob("*/project.yaml"))]
    coverage = cover(packages)

    assert find_gaps(coverage) == []
    assert describe_coverage(coverage) in (ROOT / "docs" / "skills.md").read_text(), "run scripts/skills"
