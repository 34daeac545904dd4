"""The judgement is a pure question of how a run ended and what the checks answered."""

import pytest

from grading.sandboxes.base import Exit, Limits, Reason
from grading.verdict import Answer, CheckResult, Outcome, judge

FINE = Exit(Reason.FINISHED, 0, 1, 1, 100)
LIMITS = Limits(cpu_s=20, wall_s=60, memory_mb=512, processes=8, out_mb=16, output_kill_mb=4)
HELD = CheckResult("a", "Is a?", Answer.HELD)
FAILED = CheckResult("b", "Is b?", Answer.FAILED, "b is not.")


def test_a_milestone_passes_when_every_required_check_holds() -> None:
    assert judge("clean", FINE, LIMITS, [HELD])[0] is Outcome.PASSED
    assert judge("clean", FINE, LIMITS, [HELD, FAILED]) == (Outcome.FAILED, "b is not.")
    extra = CheckResult("c", "Is c?", Answer.FAILED, "c is not.", required=False)
    assert judge("clean", FINE, LIMITS, [HELD, extra]) == (
        Outcome.PASSED,
        "Every check that clean needs holds; 1 of 2 in all.",
    )


def test_a_check_that_was_not_asked_does_not_hold() -> None:
    unasked = CheckResult("b", "Is b?", Answer.NOT_ASKED)
    assert judge("clean", FINE, LIMITS, [HELD, unasked])[0] is Outcome.FAILED


def test_no_checks_at_all_are_our_fault_and_never_a_pass() -> None:
    assert judge("clean", FINE, LIMITS, [])[0] is Outcome.VOID


def test_a_run_that_exits_well_but_answers_badly_does_not_pass_and_neither_does_the_reverse() -> None:
    assert judge("clean", FINE, LIMITS, [FAILED])[0] is Outcome.FAILED
    crashed = Exit(Reason.CRASHED, 1, 1, 1, 100)
    assert judge("clean", crashed, LIMITS, [HELD])[0] is Outcome.BROKEN


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.TIMED_OUT, "after 60 seconds"),
        (Reason.OUT_OF_CPU, "20 seconds of processor time"),
        (Reason.OUT_OF_MEMORY, "more than 512 MB of memory"),
        (Reason.TOO_MUCH_OUTPUT, "more than 4 MB"),
        (Reason.TOO_MANY_PROCESSES, "more than 8 processes"),
        (Reason.DISK_FULL, "more than the 16 MB"),
    ],
)
def test_each_limit_that_was_hit_is_named_with_its_size(reason: Reason, words: str) -> None:
    outcome, sentence = judge("ingest", Exit(reason, None, 1, 1, 1), LIMITS, [])
    assert outcome is Outcome.BROKEN
    assert words in sentence


def test_code_that_raises_is_told_its_last_line_and_where_it_stood() -> None:
    trace = "Traceback (most recent call last):\n  File \"/work/tree/x.py\", line 1\nKeyError: 'amount'\n"
    _, sentence = judge("clean", Exit(Reason.FINISHED, 1, 1, 1, 1, stderr=trace), LIMITS, [])
    assert sentence == "Your clean stopped with an error: KeyError: 'amount' (x.py, line 1)"
