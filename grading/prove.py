"""Proves a package: what is right passes, what is wrong fails as it says it does, and no bytes make a check stumble.

For every seed: the reference and every alternative pass every milestone; the starter passes none; every wrong tree
fails all the checks it names, and none but those and the ones that it says may fail. On the first seeds also: every
check survives misshapen artefacts, which hardly hang on the seed, and no feedback tells a hidden label. Nothing in here
knows people.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from itertools import groupby

from curriculum.lint import find_unreadable, lint
from curriculum.package import STARTER, MilestoneSpec, PackageFault, ProjectPackage
from grading.bench import Bench, draw_of, set_up
from grading.certificate import MISSHAPEN, MOVED, Certificate
from grading.crew import work_off
from grading.differential import compare_feedback, offers_to_move
from grading.examination import Exhibit, ask_checks
from grading.facilities import Facilities
from grading.misshapen import MAKERS, misshape
from grading.mutants import MUTANT, Mutation, plan_mutants, try_mutant
from grading.proofs import Proof
from grading.sandboxes.base import SandboxFault
from grading.trees import Trees, gather_trees
from grading.trials import leave_blank, try_right, try_starter, try_wrong
from grading.verdict import Answer
from grading.world import Draw

SEEDS_FOR_MISSHAPEN = 3
SEEDS_FOR_LABELS = 1


Verb = Callable[[Bench], Proof]


@dataclass(frozen=True)
class Trial:
    """One tree that is going to be tried; nothing is made for it before its turn comes."""

    draw: Draw
    milestone: MilestoneSpec
    tree: str
    verb: Verb


def prove(
    package: ProjectPackage,
    facilities: Facilities,
    seeds: Sequence[int],
    mutants: int = 0,
    despite_faults: bool = False,
    known: Certificate | None = None,
    only: Sequence[str] = ("*",),
) -> tuple[int, Iterator[Proof]]:
    """How many proofs there will be, and each as it comes. Raises PackageFault with all lint faults before that.

    despite_faults: try what is there of a package that is still being written. known: what need not be tried again.
    only: patterns of names, such as "alternatives/*", of which a tree's has to fit one.
    """
    if faults := find_unreadable(package) if despite_faults else lint(package):
        raise PackageFault("\n".join(str(fault) for fault in faults))
    trees = gather_trees(package, facilities.store)
    planned = plan_mutants(package, trees, facilities.store, mutants) if mutants else []

    def list_again() -> Iterator[Trial]:
        every = list_trials(package, trees, seeds, planned)
        return (trial for trial in every if _is_asked_for(trial, only) and not _is_known(trial, known or {}))

    return sum(1 for _ in list_again()), work_off(_tasks(package, facilities, list_again()))


def _is_asked_for(trial: Trial, only: Sequence[str]) -> bool:
    return any(fnmatchcase(trial.tree, pattern) for pattern in only)


def _is_known(trial: Trial, known: Certificate) -> bool:
    stood = known.get((trial.milestone.kind, trial.tree))
    return stood is not None and trial.draw.draw in stood.seeds


def list_trials(
    package: ProjectPackage, trees: Trees, seeds: Sequence[int], mutations: Iterable[Mutation]
) -> Iterator[Trial]:
    """World by world and milestone by milestone, so that what is dear is made once and then let go."""
    for turn, seed in enumerate(seeds):
        draw = draw_of(package, seed)
        for milestone in package.milestones:
            for name, verb in _list_verbs(package, trees, milestone, turn):
                yield Trial(draw, milestone, name, verb)
            for mutation in mutations if turn == 0 else ():
                if mutation.kind == milestone.kind:
                    yield Trial(draw, milestone, f"{MUTANT}/{mutation.name}", partial(_try_mutant, mutation))


def _list_verbs(
    package: ProjectPackage, trees: Trees, milestone: MilestoneSpec, turn: int
) -> Iterator[tuple[str, Verb]]:
    wrong = trees.wrong_at(milestone.kind)
    yield from ((name, partial(try_right, name, tree)) for name, tree in trees.right.items())
    yield STARTER, partial(try_starter, trees.starter)
    yield from ((name, partial(try_wrong, name, tree, trees.expected[name])) for name, tree in wrong.items())
    if milestone.produces and turn < SEEDS_FOR_MISSHAPEN:
        yield from ((f"{MISSHAPEN}/{how}", partial(_try_misshapen, how)) for how in MAKERS)
    if turn < SEEDS_FOR_LABELS and offers_to_move(package, milestone):
        every = {**trees.right, **wrong}
        yield from ((f"{MOVED}/{name}", partial(_try_moved_label, name, tree)) for name, tree in every.items())


def _tasks(package: ProjectPackage, facilities: Facilities, trials: Iterator[Trial]) -> Iterator[Callable[[], Proof]]:
    for (draw, milestone), group in groupby(trials, lambda trial: (trial.draw, trial.milestone)):
        bench = set_up(package, milestone, draw, facilities)
        yield from (partial(_time, trial.verb, bench) for trial in group)


def _time(verb: Verb, bench: Bench) -> Proof:
    began = time.monotonic()
    proof = verb(bench)
    return replace(proof, seconds=round(time.monotonic() - began, 2))


def _try_misshapen(how: str, bench: Bench) -> Proof:
    """No bytes, however misshapen, may make a check stumble, or hold."""
    judging = bench.judging
    artefact = judging.facilities.store.put_files(misshape(judging.milestone.produces)[how])
    probes = {probe.name: artefact for probe in judging.milestone.probes}
    try:
        results = ask_checks(judging, Exhibit(artefact, probes))
        held = all(result.answer is Answer.HELD for result in results)
        came, sentence = ("passed" if held else "refused"), next((r.sentence for r in results if r.sentence), "")
    except (PackageFault, SandboxFault) as fault:
        came, sentence = "void", str(fault)
    return leave_blank(bench, f"{MISSHAPEN}/{how}", "refused", came, came == "refused", sentence)


def _try_moved_label(name: str, tree: str, bench: Bench) -> Proof:
    told = compare_feedback(bench, tree)
    return leave_blank(bench, f"{MOVED}/{name}", "unmoved", "moved" if told else "unmoved", not told, told)


def _try_mutant(mutation: Mutation, bench: Bench) -> Proof:
    tried = try_mutant(mutation, bench)
    killed = tried.fate != "survived"
    blank = leave_blank(bench, f"{MUTANT}/{mutation.name}", "killed", tried.fate, killed, tried.sentence)
    return replace(blank, failed=tried.failed, diff=mutation.diff)
