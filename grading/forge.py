"""Runs a package's data.py in a process of its own, since it needs pandas and the grader has none."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curriculum.package import ProjectPackage, load
from grading.authors import load_module
from grading.bounds import bound_process
from grading.domain_text import parse_domain
from worlds.seeds import Seed


def main() -> None:
    asked = json.load(sys.stdin)
    package = load(Path(asked["package"]))
    domain = _find_domain(package, asked)
    data = load_module(package.folder / "data.py")
    seed = Seed(mechanism=asked["mechanism"], draw=asked["draw"], seat=asked["seat"])
    facts = data.generate(seed, domain, Path(asked["raw"]), Path(asked["truth"]))
    json.dump(facts, sys.stdout)


def _find_domain(package: ProjectPackage, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The package's own, or the one that somebody brought, whose numbers are worked on within bounds."""
    if "brought" not in asked:
        return package.domain(asked["domain"])
    bound_process()
    return parse_domain(asked["brought"])


if __name__ == "__main__":
    main()
