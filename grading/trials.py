"""Tries one tree on one bench: whether a right one passes, the starter does not, and a wrong one fails as it says."""

from dataclasses import replace

from curriculum.expectations import Expectation
from curriculum.package import STARTER
from grading.bench import Bench
from grading.proofs import Proof, describe, describe_failure, failed_checks, measured_checks
from grading.verdict import MilestoneVerdict, Outcome


def try_right(name: str, tree: str, bench: Bench) -> Proof:
    link = bench.judge_chain(tree)
    return _conclude(bench, name, "passed", link.outcome is Outcome.PASSED, link)


def try_starter(tree: str, bench: Bench) -> Proof:
    link = bench.judge(tree)
    return _conclude(bench, STARTER, "not passed", link.outcome in (Outcome.FAILED, Outcome.BROKEN), link)


def try_wrong(name: str, tree: str, told: Expectation, bench: Bench) -> Proof:
    link = bench.judge(tree)
    failed = {*failed_checks(link)}
    holds = link.outcome == told.outcome and {*told.fails} <= failed <= {*told.fails, *told.may_fail}
    wanted = describe_failure(told.outcome, told.fails, told.may_fail)
    return replace(_conclude(bench, name, wanted, holds, link), fails=told.fails)


def _conclude(bench: Bench, name: str, expected: str, holds: bool, link: MilestoneVerdict) -> Proof:
    blank = leave_blank(bench, name, expected, describe(link), holds, link.sentence)
    return replace(blank, failed=failed_checks(link), measured=measured_checks(link), usage=link.usage)


def leave_blank(bench: Bench, tree: str, expected: str, came: str, holds: bool, sentence: str) -> Proof:
    """What is told of any trial, whatever was tried."""
    project, draw = bench.judging.package.slug, bench.draw
    return Proof(project, draw.draw, draw.domain, tree, bench.kind, expected, came, holds, sentence=sentence)
