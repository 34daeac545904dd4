"""The command that looks at a domain file of one's own: `python -m grading domain`."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from curriculum.package import ProjectPackage, load
from grading.authoring import STORE_HELP, open_facilities
from grading.crew import HANDS_PER_CORE
from grading.domain_text import MOST_BYTES
from grading.domains import Fault, Sample, lint_domain, measure_domain
from grading.equivalence import as_markdown, as_text

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT_FAILED = 1


def look(asked: argparse.Namespace) -> int:
    """Every fault of a domain file of one's own; then whether it is as hard as the package's ready-made ones."""
    package, text = load(asked.package), _read(asked.file)
    faults = lint_domain(package, text)
    if faults or asked.form_only:
        told = [asdict(fault) for fault in faults]
        print(json.dumps({"faults": told}, indent=1) if asked.json else _tell_faults(asked.file, faults))
        return EXIT_FAILED if faults else 0
    return _measure(asked, package, text)


def _read(path: Path) -> str:
    """No more of the file than it takes to see that it is too long."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1).decode("utf-8", "replace")


def _tell_faults(path: Path, faults: list[Fault]) -> str:
    return "\n".join(str(fault) for fault in faults) or f"{path.name}: no faults."


def _measure(asked: argparse.Namespace, package: ProjectPackage, text: str) -> int:
    facilities, seeds = open_facilities(asked.store), range(asked.first, asked.first + asked.seeds)
    found = measure_domain(package, text, facilities, seeds, Sample(asked.trees), _tell_step, HANDS_PER_CORE)
    print(json.dumps(found.as_plain(), indent=1) if asked.json else as_text(found))
    if asked.report:
        asked.report.write_text(as_markdown(found), encoding="utf-8")
    return 0 if found.holds else EXIT_FAILED


def _tell_step(done: int, number: int, sentence: str) -> None:
    print(f"{done} of {number}  {sentence}", file=sys.stderr)


def add_verb(verbs: "Verbs") -> None:
    one = verbs.add_parser("domain", help=look.__doc__)
    one.add_argument("package", type=Path)
    one.add_argument("file", type=Path, help="the domain file (.yaml)")
    one.add_argument("--form-only", action="store_true", help="tell faults, and measure nothing")
    one.add_argument("--seeds", type=int, default=1, help="on how many worlds of every domain")
    one.add_argument("--first", type=int, default=1, help="the first seed")
    one.add_argument("--trees", choices=[*Sample], default=Sample.ALL, help="one wrong tree of each milestone, or all")
    one.add_argument("--json", action="store_true")
    one.add_argument("--report", type=Path, help="write the figures as a page of Markdown")
    one.add_argument("--store", type=Path, help=STORE_HELP)
    one.set_defaults(verb=look)
