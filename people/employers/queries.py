"""Reads the evidence that a learner's passed runs hold."""

from people.accounts.models import User
from people.employers.levels import Evidence
from people.learners.models import CheckAnswer, Enrolment
from people.learners.standing import REGRESSED, read_standings

HELD, PASSED = "held", "passed"


def read_evidence(user: User) -> list[Evidence]:
    """Every check that held in the passed run of its own milestone, newest run last; a constant number of queries."""
    regressed = _regressed_milestones(user)
    rows = (
        CheckAnswer.objects.filter(
            answer=HELD,
            judgement__outcome=PASSED,
            judgement__run__outcome=PASSED,
            judgement__run__submission__enrolment__user=user,
        )
        .select_related("judgement__run__submission__enrolment__project")
        .order_by("judgement__run_id", "position")
    )
    # What was shown twice is evidence once: the newest run of a milestone stands for it.
    newest = {(i.skill, i.check, i.project, i.milestone): i for row in rows for i in _evidence_of(row, regressed)}
    return list(newest.values())


def _evidence_of(row: CheckAnswer, regressed: set[tuple[int, str]]) -> list[Evidence]:
    run = row.judgement.run
    submission = run.submission
    if submission.kind != row.judgement.kind or run.finished_at is None:
        return []
    return [
        Evidence(
            skill=skill,
            level=row.level,
            check=row.name,
            project=submission.enrolment.project.title,
            milestone=submission.kind,
            submission_id=submission.pk,
            shown_at=run.finished_at,
            regressed=(submission.enrolment_id, submission.kind) in regressed,
        )
        for skill in row.skills
    ]


def _regressed_milestones(user: User) -> set[tuple[int, str]]:
    enrolments = Enrolment.objects.filter(user=user).prefetch_related("project__milestones")
    kinds = {e.pk: [milestone.kind for milestone in e.project.milestones.all()] for e in enrolments}
    standings = read_standings(kinds)
    return {(pk, stand.kind) for pk, stands in standings.items() for stand in stands if stand.state == REGRESSED}
