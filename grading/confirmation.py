"""Gives a verdict its last word: a pass is confirmed, and a near miss tried again, on draws that give no feedback."""

from collections.abc import Sequence
from dataclasses import replace

from grading.facilities import Facilities
from grading.judging import Report, be_silent
from grading.pipeline import Job, grade
from grading.verdict import Answer, CheckResult, Outcome, Verdict
from grading.wording import wording
from grading.world import Draw

QUESTION = wording(
    "What holds on the draw that you were graded on also holds on draws of your data that are kept for the last word."
)
WITHHELD = wording(
    "All checks hold on the draw that you were graded on, but on other draws of your own data your "
    "{kind} does not hold. Something in it fits one draw only: a date, an id, a count or a threshold that was "
    "read off the data rather than worked out from them, or a model that is right by luck. We say no more about "
    "those draws, since they are kept for the last word; look for values written into the code, and run it on "
    "your practice data too."
)
CONFIRMING = wording("confirming the pass on a draw that is kept for the last word")
LOOKING_AGAIN = wording("close to the mark: looking at another draw before we say no")
CAME_RIGHT = wording("{sentence} On one draw your {kind} fell just short; on {others} others it holds.")


def grade_surely(job: Job, sequestered: Sequence[Draw], facilities: Facilities, report: Report = be_silent) -> Verdict:
    """Judge the job; then let the sequestered draws decide where one draw alone might be luck, good or bad.

    A pass stands when any of them agrees, and a near miss becomes a pass when all of them say so: so a solution is
    judged by the majority of the draws, and the later ones are only made where the first leaves a doubt.
    """
    first = grade(job, facilities, report)
    if first.outcome is Outcome.PASSED:
        return _confirm(first, job, sequestered, facilities, report)
    if sequestered and is_near_miss(first):
        return _reconsider(first, job, sequestered, facilities, report)
    return first


def is_near_miss(verdict: Verdict) -> bool:
    """Whether all that was missed lies so close to its mark that another draw might say otherwise."""
    missed = [result for result in verdict.own.results if result.missed]
    return verdict.outcome is Outcome.FAILED and bool(missed) and all(result.borderline for result in missed)


def _confirm(first: Verdict, job: Job, draws: Sequence[Draw], facilities: Facilities, report: Report) -> Verdict:
    refused = first
    for draw in draws:
        report(job.kind, CONFIRMING)
        refused = grade(replace(job, draw=draw), facilities)
        if refused.outcome is Outcome.PASSED:
            return replace(first, digests={**first.digests, "confirmed_on": refused.digests["world"]})
        if refused.outcome is Outcome.VOID:
            return refused
    return _withhold(first, refused.own.kind) if draws else first


def _reconsider(first: Verdict, job: Job, draws: Sequence[Draw], facilities: Facilities, report: Report) -> Verdict:
    for draw in draws:
        report(job.kind, LOOKING_AGAIN)
        second = grade(replace(job, draw=draw), facilities)
        if second.outcome is Outcome.VOID:
            return second
        if second.outcome is not Outcome.PASSED:
            return first
    sentence = CAME_RIGHT.format(sentence=second.sentence, kind=first.own.kind, others=len(draws))
    return replace(second, sentence=sentence)


def _withhold(first: Verdict, kind: str) -> Verdict:
    """The pass as a refusal at the milestone that does not hold, after which the chain says nothing.

    It names the milestone and no more: feedback on these draws would use them up.
    """
    sentence = WITHHELD.format(kind=kind)
    refused = CheckResult("holds_on_other_draws", QUESTION, Answer.FAILED, sentence)
    place = [link.kind for link in first.chain].index(kind)
    held = first.chain[place]
    link = replace(held, outcome=Outcome.FAILED, sentence=sentence, results=(*held.results, refused))
    guilty = kind if kind != first.kind else ""
    return replace(first, outcome=Outcome.FAILED, sentence=sentence, guilty=guilty, chain=(*first.chain[:place], link))
