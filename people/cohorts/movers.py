"""Reads a regrade: how far it is, who would move up or down in the other edition, by which checks, and by which policy.

The number of queries hangs on nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from curriculum.models import Project
from people.accounts.models import User
from people.cohorts.models import Membership, Regrade
from people.cohorts.queries import list_everyone, list_learners
from people.learners.models import DROPPED, CheckAnswer, Enrolment, Run, RunState, Tried
from people.learners.own import enrolments_by_user
from people.learners.queries import list_people
from people.learners.retelling import retell
from people.learners.standing import PASSED, REFUSED, VOID

UP, DOWN, SAME = "up", "down", "same"
WAYS = (UP, DOWN, SAME, VOID)


class Policy(models.TextChoices):
    """Who moves. By none of them a pass is lost: what the other edition refuses keeps the pass that it has."""

    NEVER_LOWER = "never-lower", _("Whoever loses nothing: all that they passed passes there as well")
    ONLY_HIGHER = "only-higher", _("Only whoever gains: they lose nothing, and something passes that was refused")
    EVERYBODY = "everybody", _("Everybody: what is refused there keeps its pass of the edition that gave it")


@dataclass(frozen=True, slots=True)
class Roll:
    """Which learners and teams that a leader sees a regrade would try, and who is left out, and why."""

    edition: Project
    behind: list[Enrolment]
    current: list[Enrolment]
    stranded: list[Enrolment]
    sizes: Mapping[int, int]

    @property
    def editions(self) -> list[tuple[Project, int]]:
        """The editions that those behind are in, with how many learners are in each; where most are comes first."""
        counted: Counter[Project] = Counter()
        for enrolment in self.behind:
            counted[enrolment.project] += self.sizes[enrolment.pk]
        return counted.most_common()

    @property
    def behind_count(self) -> int:
        return sum(self.sizes[enrolment.pk] for enrolment in self.behind)

    @property
    def current_count(self) -> int:
        return sum(self.sizes[enrolment.pk] for enrolment in self.current)


@dataclass(frozen=True, slots=True)
class Progress:
    asked: int
    judged: int

    @property
    def is_judged(self) -> bool:
        return self.judged == self.asked


@dataclass(frozen=True, slots=True)
class Reason:
    """A required check that refuses the work in one of the two editions only."""

    kind: str
    question: str
    sentence: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Mover:
    """One milestone of a learner or a team: how it was judged, how the other edition judges it, what is different."""

    learner: str
    people: Sequence[User]
    kind: str
    way: str
    before: Run
    now: Run
    reasons: tuple[Reason, ...]

    @property
    def usernames(self) -> list[str]:
        return [person.username for person in self.people]

    @property
    def sentence(self) -> str:
        """What the other edition concluded, in the reader's language."""
        return retell(self.now.sentence)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of one learner or team in a regrade, and whose it is."""

    tried: Tried
    people: Sequence[User]
    movers: Sequence[Mover]
    is_test: bool

    def moves_by(self, policy: str) -> bool:
        """Whether they move. What we could not judge might be lost, so it counts as lower."""
        ways = {mover.way for mover in self.movers}
        if policy == Policy.EVERYBODY:
            return True
        return not ways & {DOWN, VOID} and (policy == Policy.NEVER_LOWER or UP in ways)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many milestones one check moves. Test learners are not counted."""

    kind: str
    question: str
    down: int
    up: int


@dataclass(frozen=True, slots=True)
class Choice:
    """How many learners would move by a policy."""

    policy: Policy
    learners: int


@dataclass(frozen=True)
class Prospect:
    """What a regrade says of all who are not decided upon; `strays` went elsewhere meanwhile, or left the cohort."""

    regrade: Regrade
    progress: Progress
    parts: Sequence[Part]
    strays: Sequence[Tried]

    @property
    def edition(self) -> Project:
        return self.regrade.trial.edition

    @cached_property
    def movers(self) -> list[Mover]:
        """Who moves down, then what we could not judge, then who moves up; who stays the same is not here."""
        ways = (DOWN, VOID, UP)
        found = [mover for part in self.parts for mover in part.movers if mover.way in ways]
        return sorted(found, key=lambda mover: ways.index(mover.way))

    @cached_property
    def totals(self) -> dict[str, int]:
        """How many milestones go which way, without test learners."""
        counted = Counter(mover.way for mover in self._counted)
        return {way: counted[way] for way in WAYS}

    @cached_property
    def tallies(self) -> list[Tally]:
        """What moves anybody, and how often; the check that moves most comes first."""
        counted = Counter(
            (reason.kind, reason.question, mover.way)
            for mover in self._counted
            for reason in mover.reasons
            if mover.way == (DOWN if reason.is_now else UP)
        )
        checks = dict.fromkeys((kind, question) for kind, question, _way in counted)
        told = [Tally(*check, counted[(*check, DOWN)], counted[(*check, UP)]) for check in checks]
        return sorted(told, key=lambda tally: -tally.down - tally.up)

    @property
    def choices(self) -> list[Choice]:
        """Each policy, and what it would come to."""
        return [
            Choice(policy, sum(len(part.people) for part in self.parts if part.moves_by(policy))) for policy in Policy
        ]

    @property
    def _counted(self) -> Iterator[Mover]:
        return (mover for part in self.parts if not part.is_test for mover in part.movers)


def read_roll(leader: Membership, edition: Project) -> Roll:
    """Who is in another edition than this one; a team is there once."""
    sizes = Counter(enrolments_by_user(list_learners(leader), edition.slug).values())
    found = list(Enrolment.objects.filter(pk__in=sizes).select_related("project", "user").order_by("pk"))
    elsewhere = [enrolment for enrolment in found if enrolment.project_id != edition.pk]
    return Roll(
        edition,
        behind=[enrolment for enrolment in elsewhere if enrolment.domain in edition.domains],
        current=[enrolment for enrolment in found if enrolment.project_id == edition.pk],
        stranded=[enrolment for enrolment in elsewhere if enrolment.domain not in edition.domains],
        sizes=sizes,
    )


def list_regrades(leader: Membership) -> QuerySet[Regrade]:
    """The cohort's regrades, newest first: how many learners are in each, how many moved, stayed, or may do either."""
    counted = {
        "tried": Count("trial__tried"),
        "moved": Count("trial__tried", filter=Q(trial__tried__moved_at__isnull=False)),
        "stayed": Count("trial__tried", filter=Q(trial__tried__dropped_at__isnull=False)),
    }
    found = Regrade.objects.filter(cohort=leader.cohort).annotate(**counted, left=F("tried") - F("moved") - F("stayed"))
    return found.select_related("trial__edition", "trial__asked_by", "cohort").order_by("-pk")


def find_undecided(leader: Membership, slug: str) -> Regrade | None:
    """The regrade of this project that is neither applied to all nor dropped."""
    regrades = list_regrades(leader).filter(trial__edition__slug=slug)
    return regrades.filter(trial__in=Tried.objects.filter(moved_at=None, dropped_at=None).values("trial")).first()


def read_progress(regrade: Regrade) -> Progress:
    """How many of its runs are judged."""
    runs = Run.every.filter(trial=regrade.trial_id).exclude(outcome=DROPPED)
    return Progress(**runs.aggregate(asked=Count("pk"), judged=Count("pk", filter=Q(state=RunState.DONE))))


def read_prospect(leader: Membership, regrade: Regrade) -> Prospect:
    """What the regrade says of everybody who is not decided upon."""
    members = {member.user: member.is_test for member in list_everyone(leader)}
    theirs = set(enrolments_by_user(members, regrade.trial.edition.slug).values())
    found = Tried.objects.filter(trial=regrade.trial_id, moved_at=None, dropped_at=None)
    undecided = list(found.select_related("enrolment__user", "enrolment__project", "trial__edition").order_by("pk"))
    here = [one for one in undecided if one.enrolment_id in theirs and one.enrolment.project_id == one.before_id]
    people = list_people(one.enrolment for one in here)
    movers = _read_movers(regrade, {one.enrolment_id: one.enrolment for one in here}, people)
    parts = [
        Part(one, people[one.enrolment_id], movers[one.enrolment_id], all(map(members.get, people[one.enrolment_id])))
        for one in sorted(here, key=lambda one: one.enrolment.team or one.enrolment.user.username)
    ]
    strays = sorted(set(undecided) - set(here), key=lambda one: one.pk)
    return Prospect(regrade, read_progress(regrade), parts, strays)


def _read_movers(
    regrade: Regrade, enrolments: Mapping[int, Enrolment], people: Mapping[int, Sequence[User]]
) -> dict[int, list[Mover]]:
    """By enrolment, each milestone that was tried and is judged."""
    shadows = Run.every.filter(trial=regrade.trial_id, state=RunState.DONE).exclude(outcome=DROPPED)
    asked = shadows.values("submission")
    own = Run.objects.filter(submission__in=asked, outcome__in=(PASSED, *REFUSED)).exclude(trial=regrade.trial_id)
    before = {run.submission_id: run for run in own.select_related("edition").order_by("pk")}
    refusals = _read_refusals(shadows)
    pairs: dict[tuple[int, str], list[tuple[Run, Run]]] = defaultdict(list)
    for now in shadows.select_related("submission").order_by("submission__number"):
        if now.submission.enrolment_id in enrolments:
            pairs[now.submission.enrolment_id, now.submission.kind].append((before[now.submission_id], now))
    movers: dict[int, list[Mover]] = defaultdict(list)
    for (pk, kind), judged in pairs.items():
        learner = enrolments[pk].team or str(enrolments[pk].user)
        movers[pk].append(Mover(learner, people[pk], kind, *_weigh(judged, refusals)))
    return movers


def _read_refusals(shadows: QuerySet[Run]) -> dict[int, dict[tuple[str, str], tuple[str, str]]]:
    """By run of what was tried, the required checks that do not hold: question and sentence by milestone and name."""
    found = CheckAnswer.objects.filter(required=True, answer="failed")
    found = found.filter(judgement__run__submission__in=shadows.values("submission"))
    told: dict[int, dict[tuple[str, str], tuple[str, str]]] = defaultdict(dict)
    for run, kind, name, *words in found.order_by("judgement__position", "position").values_list(
        "judgement__run_id", "judgement__kind", "name", "question", "sentence"
    ):
        told[run][kind, name] = (retell(words[0]), retell(words[1]))
    return told


def _weigh(
    judged: Sequence[tuple[Run, Run]], refusals: Mapping[int, Mapping[tuple[str, str], tuple[str, str]]]
) -> tuple[str, Run, Run, tuple[Reason, ...]]:
    """A milestone's newest pass and newest refusal, as far as there are: one pass is enough, before and after."""
    passed = [pair for pair in judged if pair[0].outcome == PASSED]
    gained = [pair for pair in judged if pair[1].outcome == PASSED]
    before, now = (gained or passed or list(judged))[-1]
    if gained:
        way = SAME if passed else UP
    else:
        way = VOID if now.outcome == VOID else DOWN if passed else SAME
    then, asked = refusals.get(before.pk, {}), refusals.get(now.pk, {})
    reasons = [Reason(key[0], *asked[key], is_now=True) for key in asked if key not in then]
    reasons += [Reason(key[0], *then[key], is_now=False) for key in then if key not in asked]
    return way, before, now, tuple(reasons)
