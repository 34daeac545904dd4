"""Where many enrolments stand, as `standing` says it, but read lightly: for whoever looks at a thousand at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet

from curriculum import gate
from people.learners.models import SUPERSEDED, Enrolment, Judgement, Loan, Run, RunState
from people.learners.standing import BROKEN, FAILED, LENT, LOCKED, OPEN, PASSED, REGRESSED, SET_BACK, Word, read_words

WRONG = (FAILED, BROKEN)
ENROLMENT = "submission__enrolment"


@dataclass(frozen=True, slots=True)
class State:
    """One milestone's state, and the submission that speaks for it.

    refused_by: the judgement that says no, while there is something to mend. refusals: how often what was handed in for
    it was judged and did not pass. passed_by: the run that passed it last. word: what a leader said, if that counts.
    """

    kind: str
    state: str
    submission_id: int | None = None
    refused_by: int | None = None
    refusals: int = 0
    passed_by: int | None = None
    word: Word | None = None


class _No(NamedTuple):
    run_id: int
    judgement_id: int


@dataclass(slots=True)
class _Trace:
    """What is known of one milestone of one enrolment. `refused`: by any chain; `stopped`: by one of its own runs."""

    submission_id: int | None = None
    waiting: str = ""
    ended: str = ""
    refusals: int = 0
    first_pass: int | None = None
    last_pass: int | None = None
    editions: set[int] = field(default_factory=set)
    refused: _No | None = None
    stopped: _No | None = None
    is_lent: bool = False
    is_regressed: bool = False
    word: Word | None = None

    def follow(self, word: Word, run_id: int) -> None:
        """Take a leader's word in the place of the machine's; as `standing` does."""
        self.word, self.ended = word, word.outcome
        if word.outcome == PASSED:
            self.note_pass(run_id)
        else:
            self.first_pass = self.last_pass = None
            self.editions.clear()

    def note_pass(self, run_id: int) -> None:
        self.first_pass = min(self.first_pass or run_id, run_id)
        self.last_pass = max(self.last_pass or run_id, run_id)

    @property
    def may_have_regressed(self) -> bool:
        return bool(self.first_pass and self.refused and self.refused.run_id > self.first_pass)


Traces = Mapping[int, dict[str, _Trace]]
Ids = QuerySet[Enrolment, Any]


def read_states(enrolments: QuerySet[Enrolment], kinds: Sequence[str]) -> dict[int, list[State]]:
    """Where each enrolment stands on each of these milestones, in six queries at most for all together."""
    traces: Traces = defaultdict(lambda: defaultdict(_Trace))
    ids = enrolments.order_by().values("pk")
    _follow_runs(traces, ids, read_words(ids))
    _follow_refusals(traces, ids)
    _follow_loans(traces, ids)
    _find_regressed(traces)
    return {pk: _tell_states(kinds, traces[pk]) for pk in enrolments.values_list("pk", flat=True)}


def _follow_runs(traces: Traces, ids: Ids, words: Mapping[int, Word]) -> None:
    runs = Run.objects.filter(submission__enrolment__in=ids).order_by("submission__number", "pk")
    told = (f"{ENROLMENT}_id", "submission__kind", "submission_id", "pk", "state", "outcome", "edition_id")
    for enrolment_id, kind, submission_id, pk, state, outcome, edition in runs.values_list(*told):
        trace = traces[enrolment_id][kind]
        trace.submission_id = submission_id
        trace.waiting = "" if state == RunState.DONE else state
        if outcome != SUPERSEDED:
            trace.ended = outcome or trace.ended
        word = words.get(submission_id)
        if word and not word.outcome == outcome == PASSED:
            trace.follow(word, pk)
        elif outcome == PASSED:
            trace.word = None
            trace.note_pass(pk)
            trace.editions.add(edition)
        trace.refusals += outcome in WRONG


def _follow_refusals(traces: Traces, ids: Ids) -> None:
    rows = Judgement.objects.filter(run__submission__enrolment__in=ids, run__shadow=False, outcome__in=WRONG)
    told = ("run__submission__enrolment_id", "run__submission__kind", "kind", "run__edition_id", "run_id", "pk")
    for enrolment_id, handed_in, kind, edition, run_id, pk in rows.order_by("run_id", "position").values_list(*told):
        own, no = traces[enrolment_id], _No(run_id, pk)
        own[handed_in].stopped = no
        trace = own[kind]
        # An edition that has never passed it asks more than the one that has: that takes no pass away.
        if not trace.editions or edition in trace.editions:
            trace.refused = no


def _follow_loans(traces: Traces, ids: Ids) -> None:
    loans = Loan.objects.filter(enrolment__in=ids, returned_at=None)
    for enrolment_id, kind in loans.values_list("enrolment_id", "kind"):
        traces[enrolment_id][kind].is_lent = traces[enrolment_id][kind].first_pass is None


def _find_regressed(traces: Traces) -> None:
    """Refused after a pass, and not found to hold by any chain since: few, so only their passes are read."""
    doubtful = [pk for pk, own in traces.items() if any(trace.may_have_regressed for trace in own.values())]
    held: dict[tuple[int, str], int] = defaultdict(int)
    for enrolment_id, kind, edition, newest in _last_held(doubtful):
        if edition in traces[enrolment_id][kind].editions:
            held[enrolment_id, kind] = max(held[enrolment_id, kind], newest)
    for pk in doubtful:
        for kind, trace in traces[pk].items():
            trace.is_regressed = bool(
                trace.may_have_regressed and trace.refused and trace.refused.run_id > held[pk, kind]
            )


def _last_held(ids: Sequence[int]) -> Iterable[tuple[int, str, int, int]]:
    """Enrolment, milestone, edition, and the newest run of that edition which found the milestone to hold."""
    rows = Judgement.objects.filter(run__submission__enrolment__in=ids, run__shadow=False, outcome=PASSED).order_by()
    by = rows.values_list("run__submission__enrolment_id", "kind", "run__edition_id")
    return by.annotate(newest=Max("run_id"))


def _tell_states(kinds: Sequence[str], own: dict[str, _Trace]) -> list[State]:
    open_until = gate.next_open(kinds, {kind for kind in kinds if own[kind].first_pass or own[kind].is_lent})
    last = kinds.index(open_until) if open_until else len(kinds)
    return [_tell_state(kind, own[kind], place > last) for place, kind in enumerate(kinds)]


def _tell_state(kind: str, trace: _Trace, is_locked: bool) -> State:
    # What has passed stays so, though a leader may have closed what it was built on.
    state = LOCKED if is_locked and not trace.first_pass else _name_state(trace)
    no = trace.refused if trace.first_pass else trace.stopped
    refused_by = no.judgement_id if no and state in SET_BACK else None
    return State(kind, state, trace.submission_id, refused_by, trace.refusals, trace.last_pass, trace.word)


def _name_state(trace: _Trace) -> str:
    if trace.waiting:
        return trace.waiting
    if trace.first_pass:
        return REGRESSED if trace.is_regressed and not trace.word else PASSED
    return LENT if trace.is_lent else trace.ended or OPEN
