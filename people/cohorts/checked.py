"""The checks of one milestone over a cohort: what each learner's newest judgement of it answered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max

from curriculum.models import Milestone, Project
from people.cohorts.heat import Person, list_enrolments
from people.cohorts.models import Membership
from people.learners.models import CheckAnswer, Judgement
from people.learners.own import enrolments_by_user
from people.learners.standing import BROKEN, LENT, VOID

UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One learner: held, failed, not asked, broken or unjudged for each check, and the submission that was judged."""

    person: Person
    answers: Sequence[str]
    submission_id: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The checks are the project's current edition's: name and question."""

    milestone: Milestone
    checks: Sequence[tuple[str, str]]
    rows: Sequence[CheckedRow]


@dataclass(frozen=True, slots=True)
class _Judged:
    pk: int
    enrolment_id: int
    outcome: str
    submission_id: int


def read_checked(leader: Membership, project: Project, milestone: Milestone, people: Sequence[Person]) -> Checked:
    """In four queries, whatever the size of the cohort."""
    judged = {one.enrolment_id: one for one in _list_judged(leader, project.slug, milestone.kind)}
    owned = enrolments_by_user([person.user_id for person in people], project.slug)
    answers = _read_answers([one.pk for one in judged.values()])
    checks = [(str(one["name"]), str(one["question"])) for one in milestone.questions]
    rows = [_make_row(person, checks, judged.get(owned.get(person.user_id, 0)), answers) for person in people]
    return Checked(milestone, checks, rows)


def _list_judged(leader: Membership, slug: str, kind: str) -> list[_Judged]:
    """The newest judgement of this milestone by any chain, of each learner. Void judges nothing."""
    rows = Judgement.objects.filter(
        run__submission__enrolment__in=list_enrolments(leader, slug).values("pk"), run__shadow=False, kind=kind
    ).exclude(outcome__in=(VOID, LENT))
    newest = rows.order_by().values("run__submission__enrolment_id").annotate(newest=Max("run_id"))
    told = ("pk", "run__submission__enrolment_id", "outcome", "run__submission_id")
    found = Judgement.objects.filter(kind=kind, run__in=[row["newest"] for row in newest]).order_by()
    return [_Judged(*row) for row in found.values_list(*told)]


def _read_answers(judgements: Sequence[int]) -> dict[int, dict[str, str]]:
    answers: dict[int, dict[str, str]] = defaultdict(dict)
    rows = CheckAnswer.objects.filter(judgement__in=judgements).order_by()
    for pk, name, answer in rows.values_list("judgement_id", "name", "answer"):
        answers[pk][name] = answer
    return answers


def _make_row(
    person: Person,
    checks: Sequence[tuple[str, str]],
    judged: _Judged | None,
    answers: Mapping[int, Mapping[str, str]],
) -> CheckedRow:
    if judged is None:
        return CheckedRow(person, [UNJUDGED] * len(checks))
    missing = BROKEN if judged.outcome == BROKEN else "not asked"
    own = answers.get(judged.pk, {})
    return CheckedRow(person, [own.get(name, missing) for name, _ in checks], judged.submission_id)
