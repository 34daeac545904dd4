"""Reads learners' work. `access_*` functions fetch and authorise at once: no other way leads to a private row."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, F, Max, Prefetch, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.models import Milestone, Project
from people.accounts.models import User
from people.learners.models import (
    SUPERSEDED,
    CheckAnswer,
    Enrolment,
    Help,
    Judgement,
    Loan,
    Permit,
    Rehearsal,
    Run,
    RunEvent,
    RunState,
    Share,
    Submission,
    Trial,
    Tried,
)
from people.learners.own import own_shares
from people.learners.refusals import Refusal
from people.learners.words import list_words

HELD, PASSED, VOID, LENT = "held", "passed", "void", "lent"
REFUSED = ("failed", "broken")


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    """The enrolments that are this user's now, by themselves or with a team.

    Where they are being assessed in a project, that goes before their own, unless somebody else looks at their pages.
    """
    own = own_shares().filter(user=user)
    if user.is_looked_at:
        return Enrolment.objects.filter(pk__in=own.values("enrolment"))
    assessed = Share.objects.filter(user=user, left_at=None, until__gt=timezone.now())
    now = Q(pk__in=assessed.values("enrolment")) | Q(
        pk__in=own.exclude(slug__in=assessed.values("slug")).values("enrolment")
    )
    return Enrolment.objects.filter(now)


def find_enrolment(user: User, slug: str) -> Enrolment | None:
    """The user's enrolment in whatever edition of this project; they are the one who acts in it."""
    found = enrolments_of(user).select_related("project", "user").filter(project__slug=slug).first()
    if found:
        found.actor = user
    return found


def list_people(enrolments: Iterable[Enrolment]) -> dict[int, list[User]]:
    """Whose these enrolments are now, in the order in which they joined, by the enrolments' ids."""
    people: dict[int, list[User]] = defaultdict(list)
    shares = Share.objects.filter(enrolment__in=list(enrolments), left_at=None).select_related("user")
    for share in shares.order_by("pk"):
        people[share.enrolment_id].append(share.user)
    return people


def find_team(user: User, slug: str) -> Enrolment | None:
    """The user's enrolment in this project, if a team shares it."""
    return enrolments_of(user).filter(project__slug=slug).exclude(team="").first()


def count_commits(enrolment: Enrolment, kind: str) -> list[tuple[User, int]]:
    """Of a team: how many commits of each person were handed in for this milestone, the most first."""
    handed_in = Submission.objects.filter(enrolment=enrolment, kind=kind)
    authors = User.objects.filter(contributions__submission__in=handed_in)
    counted = authors.annotate(handed_in=Sum("contributions__commits")).order_by("-handed_in", "username")
    return [(user, user.handed_in) for user in counted]


def shared_submissions(user: User) -> QuerySet[Submission]:
    """All that this user or their team handed in."""
    return Submission.objects.filter(_shared(user)).distinct()


def _shared(user: User) -> Q:
    """Submissions of enrolments that are this user's, or were when it was handed in."""
    before_leaving = Q(enrolment__shares__left_at__gte=F("created_at"))
    return Q(enrolment__shares__user=user) & (Q(enrolment__shares__left_at=None) | before_leaving)


def access_enrolment(user: User, slug: str) -> Enrolment:
    """The user's own enrolment. Raises Refusal when they are not enrolled."""
    enrolment = find_enrolment(user, slug)
    if enrolment is None:
        sentence = _("You are not enrolled in {project}; enrol on its page first.").format(project=repr(slug))
        raise Refusal("not-enrolled", "project", sentence, 404)
    return enrolment


def next_seat(slug: str) -> int:
    """The number of the next learner in any edition of this project. Two at once may share one; it is no key."""
    last = Enrolment.objects.filter(project__slug=slug).aggregate(last=Max("seat"))["last"]
    return 0 if last is None else last + 1


def list_enrolments(user: User) -> QuerySet[Enrolment]:
    """The user's enrolments, newest first, each with its project and that project's milestones."""
    found = enrolments_of(user).select_related("project").prefetch_related("project__milestones")
    return found.order_by("-pk")


def access_submission(user: User, pk: int) -> Submission:
    """A submission of this user's own or of their team, with what judging it needs. No other exists for them."""
    found = (
        Submission.objects.select_related("enrolment__project", "enrolment__user").filter(_shared(user), pk=pk).first()
    )
    if found is None:
        raise Refusal("not-found", "submission", _("There is no such submission of yours."), 404)
    return found


def find_submission_before(submission: Submission) -> Submission | None:
    """What its learner had handed in last before this, for whatever milestone."""
    found = Submission.objects.filter(enrolment=submission.enrolment_id, number__lt=submission.number)
    return found.order_by("-number").first()


def milestone_kinds(project_id: int) -> list[str]:
    """The project's milestones, in order."""
    return list(Milestone.objects.filter(project_id=project_id).order_by("position").values_list("kind", flat=True))


def passed_kinds(enrolment: Enrolment) -> set[str]:
    """The milestones that have passed: by the machine, or by a leader's word."""
    return {kind for kind, (_by_word, passed) in _last_words(enrolment).items() if passed}


def _last_words(enrolment: Enrolment) -> dict[str, tuple[bool, bool]]:
    """Of each milestone the last that was said for or against it: whether by a leader, and whether it has passed.

    A pass by the machine speaks for its own submission and those before it, and so does a leader's word; of the same
    submission a word against it counts more than a pass, and a pass more than a word for it.
    """
    place = ("submission__number", "submission__kind")
    passes = Run.objects.filter(submission__enrolment=enrolment, outcome=PASSED).values_list(*place)
    words = list_words([enrolment.pk]).values_list(*place, "outcome")
    told = [(number, 1, kind) for number, kind in passes]
    told += [(number, 0 if outcome == PASSED else 2, kind) for number, kind, outcome in words]
    return {kind: (rank != 1, rank != 2) for _number, rank, kind in sorted(told)}


def list_loans(enrolment: Enrolment) -> list[Loan]:
    """The milestones that the reference does for this enrolment, since they have not passed by themselves."""
    own = [kind for kind, told in _last_words(enrolment).items() if told == (False, True)]
    return list(Loan.objects.filter(enrolment=enrolment, returned_at=None).exclude(kind__in=own).order_by("pk"))


def lent_kinds(enrolment: Enrolment) -> set[str]:
    return {loan.kind for loan in list_loans(enrolment)}


def lent_before(enrolment: Enrolment, kind: str) -> list[str]:
    """The milestones before this one that are lent, in order."""
    kinds, lent = milestone_kinds(enrolment.project_id), lent_kinds(enrolment)
    return [earlier for earlier in kinds[: kinds.index(kind)] if earlier in lent] if kind in kinds else []


def find_rehearsal(enrolment: Enrolment) -> Rehearsal | None:
    """What this enrolment asked to have checked last, and the answer."""
    found = Rehearsal.objects.filter(enrolment=enrolment)
    return found.select_related("enrolment__project", "enrolment__user", "edition").first()


def find_loan(enrolment: Enrolment, kind: str) -> Loan | None:
    """The loan of this milestone that is in force, or would be if it had not passed."""
    return Loan.objects.filter(enrolment=enrolment, kind=kind, returned_at=None).select_related("enrolment").first()


def judged_on_loan(loan: Loan) -> str | None:
    """A later milestone that is being judged at this moment: by now on what was lent."""
    kinds = milestone_kinds(loan.enrolment.project_id)
    later = kinds[kinds.index(loan.kind) + 1 :]
    runs = Run.objects.filter(submission__enrolment=loan.enrolment_id, submission__kind__in=later)
    return runs.filter(state=RunState.RUNNING).values_list("submission__kind", flat=True).first()


def passed_on_loan(loan: Loan) -> str | None:
    """A later milestone that has passed on what was lent, if any has."""
    built = Judgement.objects.filter(run__submission__enrolment=loan.enrolment_id, kind=loan.kind, outcome=LENT)
    runs = Run.objects.filter(outcome=PASSED, judgements__in=built).order_by("pk")
    return runs.values_list("submission__kind", flat=True).first()


def access_milestone(user: User, slug: str, kind: str) -> tuple[Enrolment, Milestone]:
    """The user's own enrolment, and one of its milestones."""
    enrolment = access_enrolment(user, slug)
    milestone = Milestone.objects.filter(project=enrolment.project_id, kind=kind).first()
    if milestone is None:
        known = ", ".join(milestone_kinds(enrolment.project_id))
        told = _("There is no milestone {kind}; there are {known}.").format(kind=repr(kind), known=known)
        raise Refusal("not-found", "milestone", told, 404)
    return enrolment, milestone


def opened_hints(enrolment: Enrolment, kind: str) -> dict[str, int]:
    """How many hints of each check are open; they are opened in their order."""
    rows = Help.objects.filter(enrolment=enrolment, kind=kind, what=Help.What.HINT).order_by("tier")
    return dict(rows.values_list("check_name", "tier"))


def has_read_reference(enrolment: Enrolment, kind: str) -> bool:
    return Help.objects.filter(enrolment=enrolment, kind=kind, what=Help.What.REFERENCE).exists()


def list_help(user: User) -> QuerySet[Help]:
    """All the help that this user and their teams took, oldest first."""
    return Help.objects.filter(enrolment__in=Share.objects.filter(user=user).values("enrolment")).order_by("pk")


def permits_of(enrolment: Enrolment, kind: str) -> set[str]:
    """What an instructor lets this learner, or anybody of the team, do before its time; nothing in an assessment."""
    if enrolment.occasion:
        return set()
    slug = Project.objects.filter(pk=enrolment.project_id).values("slug")
    people = Share.objects.filter(enrolment=enrolment, left_at=None).values("user")
    found = Permit.objects.filter(user__in=people, slug__in=slug, kind=kind)
    return set(found.values_list("what", flat=True))


def newest_pass(enrolment: Enrolment, kind: str) -> Submission | None:
    """What was handed in last for this milestone and passed in the enrolment's edition, which may ask more."""
    passes = Run.objects.filter(outcome=PASSED, edition=enrolment.project_id)
    found = Submission.objects.filter(enrolment=enrolment, kind=kind, runs__in=passes)
    return found.order_by("-number").first()


def access_reference(user: User, slug: str, kind: str) -> tuple[Enrolment, Milestone, Submission | None]:
    """The milestone whose reference this user may read, and their own pass of it.

    Without one, only where an instructor allows it and they have taken it, which their evidence then says.
    """
    enrolment, milestone = access_milestone(user, slug, kind)
    passed = newest_pass(enrolment, kind)
    if passed is None and not (
        Permit.What.REFERENCE in permits_of(enrolment, kind) and has_read_reference(enrolment, kind)
    ):
        told = _("The reference of {kind} can be read once your own {kind} has passed.").format(kind=kind)
        raise Refusal("locked", "reference", told, 403, _("An instructor may allow it sooner."))
    return enrolment, milestone, passed


def latest_run(submission: Submission) -> Run:
    """The run that speaks for this submission: its newest, with all that it concluded."""
    return (
        submission.runs.prefetch_related(
            Prefetch("judgements", Judgement.objects.prefetch_related("answers")), "events"
        )
        .select_related("edition")
        .order_by("-pk")[:1]
        .get()
    )


def newest_run(submission: Submission | int) -> Run:
    """The run that speaks for this submission, without what it concluded."""
    return Run.objects.filter(submission=submission).order_by("-pk")[:1].get()


def find_equal_run(enrolment: Enrolment, kind: str, tree: str) -> Run | None:
    """The newest run in which the enrolment's edition has judged, or will judge, the same files for this milestone."""
    runs = Run.objects.filter(submission__enrolment=enrolment, submission__kind=kind, submission__tree=tree)
    runs = runs.filter(edition=enrolment.project_id)
    runs = runs.select_related("submission__enrolment").exclude(outcome__in=(VOID, SUPERSEDED))
    return runs.order_by("-pk").first()


def access_repository(user: User, owner: str, slug: str) -> Enrolment:
    """The enrolment whose repository this is. Anybody else's does not exist for them."""
    enrolment = find_enrolment(user, slug) if user.username == owner else None
    if enrolment is None:
        raise Refusal("not-found", "repository", _("There is no such repository of yours."), 404)
    return enrolment


def judgement_before(run: Run, submission: Submission, kind: str) -> Judgement | None:
    """How this milestone was judged the last time before this submission, with every answer. Void judges nothing."""
    found = Judgement.objects.filter(run__submission__enrolment=submission.enrolment_id, kind=kind, run__lt=run)
    found = found.filter(run__shadow=False).exclude(outcome__in=(VOID, LENT)).exclude(run__submission=submission)
    return found.select_related("run__submission").prefetch_related("answers").order_by("-run_id").first()


def read_unmet(judgements: Iterable[int]) -> dict[int, Judgement]:
    """These judgements, by id; of their answers only those of required checks that did not hold."""
    unmet = CheckAnswer.objects.filter(required=True).exclude(answer=HELD)
    unmet = unmet.only("judgement_id", "name", "question", "answer", "sentence")
    found = Judgement.objects.filter(pk__in=list(judgements)).only("kind", "sentence")
    return {row.pk: row for row in found.prefetch_related(Prefetch("answers", unmet))}


def mark_runs(user: User) -> str:
    """Changes whenever a run of this user comes, begins or ends; one query, cheap to ask for every few seconds."""
    counted = Run.objects.filter(submission__enrolment__in=enrolments_of(user)).aggregate(
        newest=Max("pk"),
        **{state: Count("pk", filter=Q(state=state)) for state in RunState.values},
    )
    return ".".join(str(count or 0) for count in counted.values())


def list_submissions(enrolment: Enrolment, kind: str | None = None) -> QuerySet[Submission]:
    """The enrolment's submissions, newest first, each with its runs."""
    found = Submission.objects.filter(enrolment=enrolment).prefetch_related(
        Prefetch("runs", Run.objects.select_related("edition").order_by("-pk"))
    )
    return found.filter(kind=kind) if kind else found


def list_reports(enrolment: Enrolment) -> QuerySet[Submission]:
    """All that was handed in, oldest first, each with its runs and all that they concluded."""
    runs = Run.objects.select_related("edition").order_by("-pk").prefetch_related("judgements__answers")
    found = Submission.objects.filter(enrolment=enrolment).select_related("enrolment__project")
    return found.prefetch_related(Prefetch("runs", runs), "overrides__by", "overrides__undone_by").order_by("number")


def own_submissions(user: User, slug: str = "") -> QuerySet[Submission]:
    """All that this user or their team handed in, or only in this project, newest first, each with its runs."""
    found = shared_submissions(user).select_related("enrolment__project")
    found = found.prefetch_related(Prefetch("runs", Run.objects.select_related("edition").order_by("-pk"))).order_by(
        "-pk"
    )
    return found.filter(enrolment__project__slug=slug) if slug else found


def read_events(submission: Submission, after: int) -> QuerySet[RunEvent]:
    """What the submission's runs reported after this event, oldest first. The verdict is the run's own to say."""
    found = RunEvent.objects.filter(run__submission=submission, run__shadow=False, pk__gt=after)
    found = found.exclude(kind=RunEvent.VERDICT)
    return found.order_by("pk")


def newest_event_id() -> int:
    return RunEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0


def events_after(after: int) -> QuerySet[RunEvent]:
    """What was reported after this event, each with its run's submission; oldest first."""
    found = RunEvent.objects.filter(pk__gt=after, run__shadow=False).select_related("run").order_by("pk")
    return found.only("at", "milestone", "kind", "text", "run__submission")


def access_edition(user: User, slug: str) -> Project:
    """The edition of the project that this user is enrolled in, or else the current one."""
    enrolment = find_enrolment(user, slug)
    editions = Project.objects.filter(slug=slug).prefetch_related("milestones")
    found = editions.filter(pk=enrolment.project_id) if enrolment else editions.filter(is_current=True)
    project = found.first()
    if project is None:
        sentence = _("There is no project {project}.").format(project=repr(slug))
        raise Refusal("not-found", "project", sentence, 404, _("GET /api/projects lists them."))
    return project


def current_projects(slugs: Iterable[str] | None = None) -> QuerySet[Project]:
    """The current edition of each project, or of these."""
    found = Project.objects.filter(is_current=True).prefetch_related("milestones").order_by("title")
    return found if slugs is None else found.filter(slug__in=list(slugs))


def current_editions(slugs: Iterable[str]) -> QuerySet[Project]:
    """The current editions of these projects, by themselves."""
    return Project.objects.filter(slug__in=list(slugs), is_current=True)


def find_other_edition(enrolment: Enrolment) -> Project | None:
    """The current edition of the enrolment's project, when the enrolment is in another and may leave that."""
    if enrolment.occasion:
        return None
    current = current_projects([enrolment.project.slug])
    return current.exclude(pk=enrolment.project_id).first()


def own_trials(enrolments: Iterable[Enrolment]) -> QuerySet[Tried]:
    """The trials that these learners themselves began, neither moved over nor dropped."""
    found = Tried.objects.filter(enrolment__in=list(enrolments), moved_at=None, dropped_at=None)
    found = found.filter(trial__asked_by=F("enrolment__user"))
    return found.select_related("trial__edition", "before", "enrolment__user").order_by("pk")


def find_tried(enrolment: Enrolment, edition: Project) -> Tried | None:
    """The learner's own trial of this edition."""
    return own_trials([enrolment]).filter(trial__edition=edition).last()


def find_last_move(enrolment: Enrolment) -> Tried | None:
    """The trial by which the enrolment came to the edition that it is in."""
    found = Tried.objects.filter(enrolment=enrolment, trial__edition=enrolment.project_id, moved_at__isnull=False)
    return found.select_related("trial__edition", "before").order_by("-moved_at").first()


def unread_moves(enrolment: Enrolment) -> QuerySet[Tried]:
    """The moves of this enrolment by somebody else that its learner has not taken note of, newest first."""
    found = Tried.objects.filter(enrolment=enrolment, moved_at__isnull=False, noted_at=None)
    found = found.exclude(trial__asked_by=F("enrolment__user"))
    return found.select_related("trial__edition", "trial__asked_by", "before").order_by("-moved_at")


def runs_to_try(enrolments: Iterable[Enrolment], policy: str) -> list[Run]:
    """Of each enrolment and milestone the newest pass, and by the policy JUDGED the newest refusal as well."""
    ended = [(PASSED,), REFUSED] if policy == Trial.Policy.JUDGED else [(PASSED,)]
    return [run for outcomes in ended for run in _newest_runs(list(enrolments), outcomes)]


def list_shadows(tried: Tried) -> QuerySet[Run]:
    """The trial's runs for this enrolment, taken over or not, each with its submission, judgements and answers."""
    found = Run.every.filter(trial=tried.trial_id, submission__enrolment=tried.enrolment_id)
    return found.select_related("submission").prefetch_related("judgements__answers").order_by("pk")


def unjudged_trials(tried: Iterable[Tried]) -> set[int]:
    """Of these the trials that still have a run to judge."""
    runs = Run.every.filter(trial__in=[one.trial_id for one in tried], shadow=True).exclude(state=RunState.DONE)
    return set(runs.values_list("trial_id", flat=True))


def next_shadow(trial_id: int) -> int | None:
    """The run of this trial to judge next: one that waits, or whose worker is dead."""
    shadows = Run.every.filter(trial=trial_id, shadow=True)
    waiting = Q(state=RunState.QUEUED) | Q(state=RunState.RUNNING, lease_until__lt=timezone.now())
    return shadows.filter(waiting).order_by("pk").values_list("pk", flat=True).first()


def find_waiting() -> int | None:
    """The oldest of learners' own runs that wait."""
    return Run.objects.filter(state=RunState.QUEUED).order_by("pk").values_list("pk", flat=True).first()


def is_anybody_waiting() -> bool:
    """Whether a learner's own run waits: then no shadow is begun."""
    return Run.objects.filter(state=RunState.QUEUED).exists()


def _newest_runs(enrolments: list[Enrolment], outcomes: tuple[str, ...]) -> list[Run]:
    runs = Run.objects.filter(submission__enrolment__in=enrolments, outcome__in=outcomes)
    runs = runs.select_related("submission", "edition").order_by("submission__number", "pk")
    return list({(run.submission.enrolment_id, run.submission.kind): run for run in runs}.values())
