"""Where an enrolment stands on each milestone: derived from its runs each time, never stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from curriculum import gate
from people.learners.attempts import Attempts, Try, count_attempts, count_wrong, read_budget
from people.learners.models import SUPERSEDED, Enrolment, Judgement, Loan, Run, RunState, Tried
from people.learners.words import list_words

LOCKED, OPEN, QUEUED, RUNNING = "locked", "open", "queued", "running"
PASSED, FAILED, BROKEN, REGRESSED, VOID = "passed", "failed", "broken", "regressed", "void"
LENT = "lent"
REFUSED = (FAILED, BROKEN)
# Where a milestone stands so, the last no is what there is to mend.
SET_BACK = (FAILED, BROKEN, REGRESSED, VOID)
# A setback's fields, as a judgement's row has them.
SETBACK = ("pk", "kind", "run__submission_id", "run__submission__number", "run__guilty")
KIND = SETBACK.index("kind")


@dataclass(frozen=True, slots=True)
class Setback:
    """The judgement that says no: of which milestone, in which submission, and which milestone it says to mend."""

    judgement_id: int
    kind: str
    submission_id: int
    number: int
    guilty: str


@dataclass(frozen=True, slots=True)
class Word:
    """A leader's word on a milestone, which stands until the learner's own work passes later, or it is undone."""

    outcome: str
    machine: str
    by: str
    reason: str
    at: datetime
    submission_id: int


# What is read of each run.
RUN = (
    "submission__enrolment_id",
    "submission__enrolment__project_id",
    "submission__kind",
    "submission__tree",
    "submission__created_at",
    "submission_id",
    "state",
    "outcome",
    "finished_at",
    "edition_id",
    "edition__number",
    "shadow",
    "sentence",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One milestone's state, what opens it if it is locked, and the submission and the judgement that say so.

    passed_in: the number of the edition that gave a pass, while the learner's own edition has given none. asks_more:
    what that one said of the same work when it was tried. word: what a leader said instead of the machine, if that is
    what counts.
    """

    kind: str
    state: str
    opener: str | None = None
    submission_id: int | None = None
    passed_at: datetime | None = None
    passed_in: int | None = None
    asks_more: str = ""
    setback: Setback | None = None
    lent_at: datetime | None = None
    wrong_tries: int = 0
    attempts: Attempts | None = None
    word: Word | None = None

    @property
    def is_lent(self) -> bool:
        """Whether the reference stands in for the learner's work; their own pass ends that by itself."""
        return self.lent_at is not None


@dataclass(slots=True)
class _Trail:
    """What is known of one milestone of one enrolment: how it was judged last in any chain, how its own run ended."""

    passed_at: datetime | None = None
    judged: str = ""
    refused: Setback | None = None
    handed_in: str = ""
    stopped: Setback | None = None
    submission_id: int | None = None
    waiting: str = ""
    lent_at: datetime | None = None
    tries: dict[int, Try] = field(default_factory=dict)
    # The editions that it has passed in, and their numbers.
    editions: dict[int, int] = field(default_factory=dict)
    own_edition: int = 0
    asks_more: str = ""
    word: Word | None = None

    @property
    def passed_in(self) -> int | None:
        return None if self.own_edition in self.editions else max(self.editions.values(), default=None)

    def has_passed(self, submission_id: int) -> bool:
        """Whether this very submission did: a trial may ask about one that was refused as well."""
        return submission_id in self.tries and self.tries[submission_id].outcome == PASSED

    @property
    def setback(self) -> Setback | None:
        """Once it has passed, any chain may say no of it; before that, the chain of its own run does."""
        return self.refused if self.passed_at else self.stopped


def read_standings(kinds: Mapping[int, Sequence[str]]) -> dict[int, list[Standing]]:
    """Where each enrolment stands on each of its milestones (id -> kinds), in four queries for all together."""
    ids = list(kinds)
    trails: dict[int, dict[str, _Trail]] = {pk: defaultdict(_Trail) for pk in ids}
    _follow_submissions(trails, ids, read_words(ids))
    _follow_judgements(trails, ids)
    _follow_loans(trails, ids)
    return {pk: [_stand(kinds[pk], kind, trails[pk]) for kind in kinds[pk]] for pk in ids}


def read_standing(enrolment: Enrolment, kinds: Sequence[str], kind: str) -> Standing:
    """Where one enrolment stands on one of its milestones."""
    return read_standings({enrolment.pk: kinds})[enrolment.pk][kinds.index(kind)]


def _follow_judgements(trails: dict[int, dict[str, _Trail]], ids: list[int]) -> None:
    rows = (
        Judgement.objects.filter(run__submission__enrolment__in=ids, run__shadow=False)
        .exclude(outcome__in=(VOID, LENT))
        .order_by("run_id", "position")
        .values_list("run__submission__enrolment_id", "run__submission__kind", "run__edition_id", "outcome", *SETBACK)
    )
    for enrolment_id, handed_in, edition, outcome, *told in rows:
        setback = None if outcome == PASSED else Setback(*told)
        trail = trails[enrolment_id][told[KIND]]
        # An edition that has never passed it asks more than the one that has: that takes no pass away.
        if not trail.editions or edition in trail.editions:
            trail.judged, trail.refused = outcome, setback
        # A chain ends where it fails, so its last judgement says what became of what was handed in.
        trails[enrolment_id][handed_in].stopped = setback


def read_words(ids: Iterable[int] | QuerySet[Enrolment, Any]) -> dict[int, Word]:
    """The overrides of verdicts that are in force, by their submissions."""
    return {
        one.submission_id: Word(one.outcome, one.machine, str(one.by or ""), one.reason, one.at, one.submission_id)
        for one in list_words(ids).select_related("by")
    }


def _follow_submissions(trails: dict[int, dict[str, _Trail]], ids: list[int], words: Mapping[int, Word]) -> None:
    moved = Tried.objects.filter(enrolment=OuterRef("submission__enrolment"), trial=OuterRef("trial"))
    runs = Run.every.filter(Q(shadow=False) | Exists(moved.exclude(moved_at=None)), submission__enrolment__in=ids)
    # A submission's newest run speaks for it; one of a trial may be younger than the submissions after it.
    for run in runs.order_by("submission__number", "pk").values_list(*RUN, named=True):
        trail = trails[run.submission__enrolment_id][run.submission__kind]
        trail.own_edition = run.submission__enrolment__project_id
        if run.shadow:
            if run.edition_id == trail.own_edition and run.outcome in REFUSED and trail.has_passed(run.submission_id):
                trail.asks_more = run.sentence
            continue
        trail.submission_id = run.submission_id
        trail.tries[run.submission_id] = Try(run.submission__tree, run.submission__created_at, run.outcome)
        trail.waiting = "" if run.state == RunState.DONE else run.state
        if run.outcome != SUPERSEDED:
            trail.handed_in = run.outcome or trail.handed_in
        word = words.get(run.submission_id)
        if word and not word.outcome == run.outcome == PASSED:
            _follow_word(trail, word)
        elif run.outcome == PASSED:
            trail.passed_at, trail.word = trail.passed_at or run.finished_at, None
            trail.editions[run.edition_id] = run.edition__number


def _follow_word(trail: _Trail, word: Word) -> None:
    """It speaks for its submission and those before it, and takes the machine's place."""
    trail.word, trail.handed_in = word, word.outcome
    trail.passed_at = (trail.passed_at or word.at) if word.outcome == PASSED else None
    if word.outcome != PASSED:
        trail.editions.clear()


def _follow_loans(trails: dict[int, dict[str, _Trail]], ids: list[int]) -> None:
    rows = Loan.objects.filter(enrolment__in=ids, returned_at=None).values_list("enrolment_id", "kind", "lent_at")
    for enrolment_id, kind, lent_at in rows:
        trail = trails[enrolment_id][kind]
        trail.lent_at = None if trail.passed_at else lent_at


def _stand(kinds: Sequence[str], kind: str, trails: dict[str, _Trail]) -> Standing:
    trail = trails[kind]
    passed = {name for name in kinds if trails[name].passed_at}
    # What has passed stays so, though a leader may have closed what it was built on.
    locked = kind not in passed and not gate.is_open(
        kinds, passed, kind, {name for name in kinds if trails[name].lent_at}
    )
    # What opens it is the milestone just before it, though others may have to pass before that one.
    opener = kinds[kinds.index(kind) - 1] if locked else None
    state = LOCKED if locked else _state_of(trail)
    budget, tries = read_budget(), trail.tries.values()
    return Standing(
        kind=kind,
        state=state,
        opener=opener,
        submission_id=trail.submission_id,
        passed_at=trail.passed_at,
        passed_in=trail.passed_in,
        asks_more=trail.asks_more if trail.passed_in else "",
        setback=trail.setback if state in SET_BACK else None,
        lent_at=trail.lent_at,
        wrong_tries=count_wrong(tries),
        attempts=count_attempts(tries, budget, timezone.now()) if budget else None,
        word=trail.word,
    )


def _state_of(trail: _Trail) -> str:
    if trail.waiting:
        return trail.waiting
    if trail.passed_at:
        return PASSED if trail.word or trail.judged == PASSED else REGRESSED
    return LENT if trail.lent_at else trail.handed_in or OPEN
