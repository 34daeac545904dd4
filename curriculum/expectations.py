"""What each wrong tree of a package says of itself: the milestone it gets wrong, how that ends, which checks see it."""

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from curriculum.package import REFERENCE, ProjectPackage

EXPECT = "expect.yaml"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expect.yaml. lazy: a solution that takes too little trouble, from which marks are derived.

    fails: the checks that see it on every world. may_fail: those that see it on some worlds only. base: the right tree
    from which it differs.
    """

    milestone: str = ""
    outcome: str = ""
    fails: tuple[str, ...] = ()
    may_fail: tuple[str, ...] = ()
    why: str = ""
    lazy: bool = False
    base: str = REFERENCE

    @property
    def complete(self) -> bool:
        """Whether it says what to expect."""
        return bool(self.milestone and self.outcome)


def read_expectations(package: ProjectPackage) -> dict[str, Expectation]:
    """Every wrong tree's own words, by the name of its folder; lint tells of those that say too little."""
    folders = sorted(path for path in (package.folder / "wrong").glob("*") if path.is_dir())
    return {folder.name: read_expectation(package.words(f"wrong/{folder.name}/{EXPECT}")) for folder in folders}


def read_expectation(text: str) -> Expectation:
    """What one expect.yaml says, as far as it is in form."""
    told = yaml.safe_load(text)
    return _read(told if isinstance(told, dict) else {})


def _read(told: Mapping[str, object]) -> Expectation:
    return Expectation(
        milestone=str(told.get("milestone", "")),
        outcome=str(told.get("outcome", "")),
        fails=_read_names(told.get("fails")),
        may_fail=_read_names(told.get("may_fail")),
        why=str(told.get("why", "")),
        lazy=bool(told.get("lazy", False)),
        base=str(told.get("base", REFERENCE)),
    )


def _read_names(told: object) -> tuple[str, ...]:
    return tuple(str(name) for name in told) if isinstance(told, list) else ()
