"""What one judging says beside the one before it, from rows as the ledger writes them."""

from collections.abc import Callable

import pytest

from curriculum.models import Project
from frontend.changes import Changes, Number, compare
from grading.verdict import Answer, CheckResult, MilestoneVerdict, Outcome, Usage, Verdict
from people.accounts.models import User
from people.learners import intake, queries
from people.learners.models import Enrolment, Run

Conclude = Callable[[Run, Verdict], None]
HELD, FAILED, NOT_ASKED = Answer.HELD, Answer.FAILED, Answer.NOT_ASKED


def check(name: str, answer: Answer, measured: float | None = None, mark: float | None = None) -> CheckResult:
    return CheckResult(name, f"Does {name} hold?", answer, "No.", measured=measured, mark=mark)


def verdict(*results: CheckResult, usage: Usage = Usage()) -> Verdict:
    missed = any(result.answer is not HELD for result in results)
    outcome = Outcome.FAILED if missed else Outcome.PASSED
    link = MilestoneVerdict("ingest", outcome, "Well.", results, usage)
    return Verdict("ingest", outcome, "Well.", (link,))


@pytest.fixture
def judge(alice: User, tiny: Project, rings: list[object], conclude: Conclude) -> Callable[[Verdict], Run]:
    def hand_in_and_judge(verdict: Verdict) -> Run:
        run = intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b""}, "test")
        conclude(run, verdict)
        return run

    return hand_in_and_judge


@pytest.fixture
def change(judge: Callable[[Verdict], Run]) -> Callable[..., Changes | None]:
    """Judge each of these in turn; what is said of the last one."""

    def say(*verdicts: Verdict) -> Changes | None:
        for verdict in verdicts:
            run = judge(verdict)
        before = queries.judgement_before(run, run.submission, "ingest")
        return compare(run.judgements.get(), before) if before else None

    return say


Change = Callable[..., Changes | None]


def test_the_first_one_is_compared_with_nothing(change: Change) -> None:
    assert change(verdict(check("a", HELD))) is None


def test_answers_that_turned_are_told_by_their_questions(change: Change) -> None:
    before = verdict(check("a", FAILED), check("b", HELD), check("c", NOT_ASKED), check("d", HELD), check("e", FAILED))
    after = verdict(check("a", HELD), check("b", FAILED), check("c", HELD), check("d", HELD), check("e", NOT_ASKED))
    told = change(before, after)
    assert told is not None
    assert told.better == ["Does a hold?", "Does c hold?"]
    assert told.worse == ["Does b hold?"]
    assert (told.number, told.other_data, told.nothing, told.compared) == (1, False, False, 3)


def test_a_judging_by_another_edition_is_said_to_be_so(
    judge: Callable[[Verdict], Run], change: Change, publish_newer: Callable[[], Project]
) -> None:
    judge(verdict(check("a", FAILED)))
    Enrolment.objects.update(project=publish_newer())
    told = change(verdict(check("a", HELD)))
    assert told is not None
    assert (told.other_edition, told.better) == (True, ["Does a hold?"])


def test_a_check_that_only_one_of_them_has_is_no_news(change: Change) -> None:
    told = change(verdict(check("old", FAILED)), verdict(check("new", HELD)))
    assert told is not None
    assert (told.nothing, told.compared) == (True, 0)


@pytest.mark.parametrize(
    ("old", "new", "better"),
    [
        (check("skill", FAILED, 0.5, 0.6), check("skill", FAILED, 0.55, 0.6), True),
        (check("skill", HELD, 0.7, 0.6), check("skill", HELD, 0.65, 0.6), False),
        (check("error", FAILED, 0.9, 0.6), check("error", HELD, 0.5, 0.6), True),
        (check("error", FAILED, 0.9, 0.6), check("error", HELD, 0.6, 0.6), True),
        (check("count", HELD, 4, None), check("count", HELD, 5, None), None),
    ],
)
def test_whether_a_number_got_better_is_read_off_which_side_of_its_mark_holds(
    old: CheckResult, new: CheckResult, better: bool | None, change: Change
) -> None:
    told = change(verdict(old), verdict(new))
    assert told is not None
    assert told.numbers == [Number(new.question, old.measured or 0, new.measured or 0, new.mark, better)]


def test_time_and_memory_are_told_when_they_moved_more_than_a_busy_machine_moves_them(change: Change) -> None:
    one = check("a", HELD)
    told = change(verdict(one, usage=Usage(1, 10, 100)), verdict(one, usage=Usage(1.1, 15, 101)))
    assert told is not None
    assert [(used.name, used.before, used.now) for used in told.used] == [("wall_s", 10, 15)]


def test_what_was_void_and_what_is_another_draw(change: Change, judge: Callable[[Verdict], Run]) -> None:
    passed = verdict(check("a", HELD))
    judge(verdict(check("a", FAILED)))
    judge(passed)
    run = judge(passed)
    Run.objects.filter(pk=run.pk).update(outcome="void")
    run.judgements.update(outcome="void")
    told = change(passed)
    assert told is not None
    assert (told.number, told.other_data) == (2, True), "a pass gives the next one another draw"
