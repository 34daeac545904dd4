"""The grader's own command line, which needs no server and no database: `python -m grading --help` lists its verbs."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from curriculum.lint import lint
from curriculum.package import PackageFault, load
from grading import authoring, domain_verb
from grading.domain_files import keep_domain
from grading.judging import STEP
from grading.pipeline import Job, grade
from grading.sandboxes import doctor
from grading.sandboxes.base import SandboxFault
from grading.store import Store, StoreFault
from grading.verdict import Answer, Outcome, Verdict, to_plain
from grading.world import Draw

EXIT_FAILED, EXIT_FAULT = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.verb(asked))
    except (PackageFault, SandboxFault, StoreFault) as fault:
        print(fault, file=sys.stderr)
        return EXIT_FAULT


def check(asked: argparse.Namespace) -> int:
    """Judge a folder as the server would, on a world of this seed."""
    facilities = authoring.open_facilities(asked.store)
    package = load(asked.package)
    job = Job(
        package=facilities.store.put(package.folder),
        kind=asked.milestone or package.kinds[-1],
        tree=facilities.store.put(asked.folder),
        draw=Draw(asked.seed, asked.seed, _name_domain(asked.domain or package.domains[0], facilities.store)),
    )
    verdict = grade(job, facilities, tell_step)
    print(json.dumps(to_plain(verdict), indent=2, default=str) if asked.json else describe_verdict(verdict))
    return {Outcome.PASSED: 0, Outcome.VOID: EXIT_FAULT}.get(verdict.outcome, EXIT_FAILED)


def _name_domain(told: str, store: Store) -> str:
    path = Path(told)
    return keep_domain(path.read_text("utf-8"), store) if path.suffix == ".yaml" else told


def tell_step(milestone: str, text: str, kind: str = STEP, /) -> None:
    if kind == STEP:
        print(f"{milestone:8} {text}", file=sys.stderr)


def check_form(asked: argparse.Namespace) -> int:
    """Every fault in a package's form."""
    faults = lint(load(asked.package))
    print("\n".join(str(fault) for fault in faults) or f"{asked.package.name}: no faults.")
    return EXIT_FAILED if faults else 0


def diagnose(asked: argparse.Namespace) -> int:
    """What this host enforces, layer by layer, and which tier that gives."""
    layers = doctor.report()
    print(doctor.as_json(layers) if asked.json else doctor.as_text(layers))
    return 0 if doctor.tier(layers) is not doctor.Tier.NONE else EXIT_FAULT


def describe_verdict(verdict: Verdict) -> str:
    """A verdict for a terminal: the sentence, then each milestone with the checks that do not hold."""
    rows = [f"{verdict.outcome.upper()}: {verdict.sentence}"]
    for link in verdict.chain:
        found = " (found by digest)" if link.found_by_digest else ""
        used = f"{link.usage.cpu_s:.1f} s CPU, {link.usage.memory_mb:.0f} MB"
        rows.append(f"  {link.kind:8} {link.outcome:7} {used}{found}")
        rows += [f"    {r.answer:9} {r.name}  {r.sentence}" for r in link.results if r.answer is not Answer.HELD]
        if link.outcome is Outcome.BROKEN:
            rows += [f"    | {line}" for line in link.output.splitlines()[-15:]]
    if verdict.outcome is Outcome.VOID:
        rows.append(verdict.digests.get("cause", ""))
    return "\n".join(rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    one = verbs.add_parser("check", help=check.__doc__)
    one.add_argument("package", type=Path)
    one.add_argument("folder", type=Path, help="the learner's tree")
    one.add_argument("--milestone", help="the last milestone to judge; default: the project's last")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--domain", help="one of the package's, or a domain file of your own (.yaml)")
    one.add_argument("--json", action="store_true")
    one.set_defaults(verb=check)

    form = verbs.add_parser("lint", help=check_form.__doc__)
    form.add_argument("package", type=Path)
    form.set_defaults(verb=check_form)

    host = verbs.add_parser("doctor", help=diagnose.__doc__)
    host.add_argument("--json", action="store_true")
    host.set_defaults(verb=diagnose)

    one.add_argument("--store", type=Path, help=authoring.STORE_HELP)
    authoring.add_verbs(verbs)
    domain_verb.add_verb(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
