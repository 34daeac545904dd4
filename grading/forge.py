"""Runs a package's data.py in a process of its own, since it needs pandas and the grader has none."""

import json
import sys
from pathlib import Path

from curriculum.package import load
from grading.authors import load_module
from worlds.seeds import Seed


def main() -> None:
    asked = json.load(sys.stdin)
    package = load(Path(asked["package"]))
    data = load_module(package.folder / "data.py")
    seed = Seed(mechanism=asked["mechanism"], draw=asked["draw"], seat=asked["seat"])
    facts = data.generate(seed, package.domain(asked["domain"]), Path(asked["raw"]), Path(asked["truth"]))
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main()
