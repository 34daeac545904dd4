"""Which check stops a cohort: how many it stops now, how many it ever stopped, and how many tries it takes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, F, Q, QuerySet

from people.cohorts.heat import DID_NOT_RUN, FAILED, Heat, HeatRow, count_stopped
from people.learners.models import CheckAnswer, Enrolment, Judgement
from people.learners.standing import BROKEN

RUN = "judgement__run"


@dataclass(frozen=True, slots=True)
class Refused:
    """How often one check of one milestone did not hold for one learner, in what they handed in for that milestone."""

    enrolment_id: int
    kind: str
    check: str
    times: int


@dataclass(frozen=True, slots=True)
class Stopper:
    """One check, over the learners of a cohort.

    past: how many of those whom it ever stopped have passed its milestone; tries: how many that took, as the median.
    share: of all stops of now, the per cent of this check and of those that stop more.
    """

    kind: str
    check: str
    question: str
    stopped: int
    ever: int
    past: int
    tries: float | None
    share: int

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.check}"


def rank_stoppers(heat: Heat, refused: Iterable[Refused]) -> list[Stopper]:
    """The checks that ever stopped anybody: those that stop most now first."""
    stopped, times = count_stopped(heat.rows), _by_check(refused)
    kinds, questions = heat.kinds, _read_questions(heat)
    found = [key for key in {*stopped, *times} if key[0] in kinds]
    found.sort(key=lambda key: (-stopped[key], -len(times[key]), kinds.index(key[0]), key[1]))
    shares = _share([stopped[key] for key in found])
    tries = {key: _count_tries(heat.rows, key[0], times[key]) for key in found}
    return [
        Stopper(
            *key,
            question=questions.get(key, ""),
            stopped=stopped[key],
            ever=max(sum(row.enrolment_id in times[key] for row in heat.rows), stopped[key]),
            past=len(tries[key]),
            tries=median(tries[key]) if tries[key] else None,
            share=share,
        )
        for key, share in zip(found, shares, strict=True)
    ]


def _by_check(refused: Iterable[Refused]) -> dict[tuple[str, str], dict[int, int]]:
    times: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for one in refused:
        times[one.kind, one.check][one.enrolment_id] = one.times
    return times


def _count_tries(rows: Iterable[HeatRow], kind: str, times: Mapping[int, int]) -> list[int]:
    """Of each learner whom the check once stopped and who has ever passed its milestone; those of a team all count."""
    return [
        1 + times[row.enrolment_id]
        for row in rows
        if row.enrolment_id
        and row.enrolment_id in times
        and any(state.kind == kind and state.passed_by for state in row.states)
    ]


def _share(counts: Sequence[int]) -> list[int]:
    whole, before = sum(counts) or 1, 0
    shares = []
    for count in counts:
        before += count
        shares.append(round(100 * before / whole))
    return shares


def _read_questions(heat: Heat) -> dict[tuple[str, str], str]:
    return {
        (milestone.kind, str(one["name"])): str(one["question"])
        for milestone in heat.milestones
        for one in milestone.questions
    }


def read_refused(enrolments: QuerySet[Enrolment]) -> list[Refused]:
    """How often which check did not hold for whom, in one query, and which milestones did not run, in another."""
    ids = enrolments.order_by().values("pk")
    answers = CheckAnswer.objects.filter(
        **{f"{RUN}__submission__enrolment__in": ids, f"{RUN}__shadow": False}, answer=FAILED, required=True
    )
    own = Q(**{f"{RUN}__submission__kind": F("judgement__kind")})
    by = answers.order_by().values_list(f"{RUN}__submission__enrolment_id", "judgement__kind", "name")
    broken = Judgement.objects.filter(run__submission__enrolment__in=ids, run__shadow=False, outcome=BROKEN).order_by()
    by_milestone = broken.values_list("run__submission__enrolment_id", "kind")
    own_runs = Q(run__submission__kind=F("kind"))
    return [
        *(Refused(*row) for row in by.annotate(times=Count("pk", filter=own))),
        *(
            Refused(pk, kind, DID_NOT_RUN, n)
            for pk, kind, n in by_milestone.annotate(times=Count("pk", filter=own_runs))
        ),
    ]
