"""The grader's own command line: `python -m grading check | prove | doctor`. It needs no server and no database."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from curriculum.lint import lint
from curriculum.package import PackageFault, load
from grading import prove as proving
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes import doctor
from grading.sandboxes.base import SandboxFault
from grading.sandboxes.choose import choose
from grading.store import Store, StoreFault
from grading.verdict import Answer, Outcome, Verdict, to_plain
from grading.world import REPOSITORY, Draw

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
    facilities = _facilities(asked)
    package = load(asked.package)
    job = Job(
        package=facilities.store.put(package.folder),
        kind=asked.milestone or package.kinds[-1],
        tree=facilities.store.put(asked.folder),
        draw=Draw(asked.seed, asked.seed, asked.domain or package.domains[0]),
    )
    verdict = grade(job, facilities, lambda milestone, text: print(f"{milestone:8} {text}", file=sys.stderr))
    print(json.dumps(to_plain(verdict), indent=2, default=str) if asked.json else describe_verdict(verdict))
    return {Outcome.PASSED: 0, Outcome.VOID: EXIT_FAULT}.get(verdict.outcome, EXIT_FAILED)


def prove(asked: argparse.Namespace) -> int:
    """Prove a package over several seeds; with --write, leave the proof that publishing asks for."""
    facilities, package = _facilities(asked), load(asked.package)
    began = time.monotonic()
    proofs = proving.prove(package, facilities, range(asked.first, asked.first + asked.seeds), _show_progress)
    broken = [proof for proof in proofs if not proof.holds]
    print(describe_proofs(proofs))
    print(
        f"{len(proofs)} proofs over {asked.seeds} seeds in {time.monotonic() - began:.0f} s, {len(broken)} do not hold."
    )
    if asked.json:
        asked.json.write_text(json.dumps([asdict(proof) for proof in proofs], indent=1, default=str))
    if asked.write and not broken:
        proof = {"digest": package.digest, "seeds": asked.seeds, "proofs": len(proofs)}
        (asked.package / "proof.json").write_text(json.dumps(proof, indent=1) + "\n")
    return EXIT_FAILED if broken else 0


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


def describe_proofs(proofs: Iterable[proving.Proof]) -> str:
    """One row for each tree and milestone over all seeds, and what came where it was not what was expected."""
    rows: dict[tuple[str, str], list[proving.Proof]] = {}
    for proof in proofs:
        rows.setdefault((proof.kind, proof.tree), []).append(proof)
    lines = [f"{'milestone':9} {'tree':44} {'holds':>7} {'CPU s':>6} {'MB':>5}  came"]
    for (kind, tree), tried in rows.items():
        held = f"{sum(p.holds for p in tried)}/{len(tried)}"
        cpu, memory = max(p.usage.cpu_s for p in tried), max(p.usage.memory_mb for p in tried)
        odd = next((p for p in tried if not p.holds), None)
        came = f"seed {odd.seed}: {odd.came}; expected {odd.expected}. {odd.sentence}" if odd else tried[0].came
        lines.append(f"{kind:9} {tree:44} {held:>7} {cpu:6.1f} {memory:5.0f}  {came}")
    return "\n".join(lines)


def _show_progress(proof: proving.Proof) -> None:
    mark = "." if proof.holds else "X"
    print(mark, end="", file=sys.stderr, flush=True)


def _facilities(asked: argparse.Namespace) -> Facilities:
    kept = asked.store or Path(tempfile.gettempdir(), f"milepost-grading-{os.getuid()}")
    environments = Path(os.environ.get("MILEPOST_ENVIRONMENTS", REPOSITORY / ".environments"))
    return Facilities(Store(kept.resolve()), choose(), environments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m grading", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    one = verbs.add_parser("check", help=check.__doc__)
    one.add_argument("package", type=Path)
    one.add_argument("folder", type=Path, help="the learner's tree")
    one.add_argument("--milestone", help="the last milestone to judge; default: the project's last")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--domain")
    one.add_argument("--json", action="store_true")
    one.set_defaults(verb=check)

    many = verbs.add_parser("prove", help=prove.__doc__)
    many.add_argument("package", type=Path)
    many.add_argument("--seeds", type=int, default=3)
    many.add_argument("--first", type=int, default=1, help="the first seed")
    many.add_argument("--json", type=Path, help="write every proof into this file")
    many.add_argument("--write", action="store_true", help="leave proof.json, which publishing asks for")
    many.set_defaults(verb=prove)

    form = verbs.add_parser("lint", help=check_form.__doc__)
    form.add_argument("package", type=Path)
    form.set_defaults(verb=check_form)

    host = verbs.add_parser("doctor", help=diagnose.__doc__)
    host.add_argument("--json", action="store_true")
    host.set_defaults(verb=diagnose)

    for verb in (one, many):
        verb.add_argument("--store", type=Path, help="where to keep worlds and artefacts between calls")
    return parser


if __name__ == "__main__":
    sys.exit(main())
