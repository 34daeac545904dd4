"""Takes work in: enrols learners and makes submissions. Says no in sentences; knows not how work is judged.

Whatever way work comes in, it is a commit in the enrolment's repository and a tree in the store before it is judged.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum import gate
from curriculum.models import Project
from people.accounts.models import User
from people.accounts.trail import name_account
from people.learners import ledger, pushes, queries, repositories, sharing, tasks
from people.learners.draws import next_draw
from people.learners.facilities import store
from people.learners.models import Contribution, Enrolment, Run, Submission
from people.learners.pushes import Push
from people.learners.refusals import Refusal
from people.learners.saving import author_of
from people.learners.standing import QUEUED, read_standing
from people.rates import take_turn
from people.ringing import call_after_commit


@dataclass(frozen=True, slots=True)
class Work:
    """What was handed in: the digest of the tree, the commit that it is the tree of, where that is, and how it came."""

    tree: str
    commit: str
    repository: Path
    via: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A push that was taken in: git's own answer to it, and the run that judges its files, new or not.

    Where no attempt is left, or it is not the time, the commit is kept and nothing judges it: `why_not` says why.
    """

    answer: bytes
    run: Run | None
    is_new: bool = False
    why_not: Refusal | None = None


def enrol(user: User, project: Project, domain: str = "") -> Enrolment:
    """The user's enrolment in this project, made if need be; their worlds are made ahead in the background.

    domain: which business the data are of; the project's first unless given. Raises Refusal on one it does not have.
    """
    if domain and domain not in project.domains:
        sentence = _("{project} has no domain {domain}; it has {known}.")
        told = {"project": project.title, "domain": repr(domain), "known": ", ".join(project.domains)}
        raise Refusal("unknown-domain", "domain", sentence.format_map(told), 400)
    with transaction.atomic():
        enrolment, is_new = sharing.begin(user, project, domain or project.domains[0])
        if is_new:
            call_after_commit(tasks.make_worlds, enrolment.pk, 1)
    return enrolment


def submit(
    enrolment: Enrolment,
    kind: str,
    files: dict[str, bytes],
    via: str,
    message: str = "",
    note: Callable[[Run], None] = lambda _run: None,
) -> Run:
    """Keep the files as a commit on top of what was handed in before, and have them judged for a milestone.

    note: told of the run in the transaction that makes it: what it writes stands if and only if the run does.

    Raises Refusal on a locked milestone, out of its time, and while no attempt is left.
    """
    _refuse_haste(enrolment)
    refuse_closed(enrolment, kind)
    repository = repositories.open_repository(enrolment)
    tree = store().put_files(files)
    with repositories.hold(repository):
        if why_not := _find_obstacle(enrolment, kind, tree):
            raise why_not
        commit = repositories.write_commit(repository, files, author_of(enrolment.actor), message or f"Hand in {kind}")
        work = Work(tree, commit, repository, via)
        run = _enter(enrolment, kind, work, partial(repositories.advance, repository, commit), note)
        repositories.tidy(repository)
    return run


def submit_saved(enrolment: Enrolment, kind: str) -> Run:
    """Have what was saved last judged for a milestone; the same files are judged once. Raises Refusal."""
    _refuse_haste(enrolment)
    refuse_closed(enrolment, kind)
    repository = repositories.open_repository(enrolment)
    with repositories.hold(repository):
        commit = repositories.read_head(repository)
        work = Work(store().put_files(pushes.read_tree(repository, commit)), commit, repository, "editor")
        if known := queries.find_equal_run(enrolment, kind, work.tree):
            return known
        if why_not := _find_obstacle(enrolment, kind, work.tree):
            raise why_not
        return _enter(enrolment, kind, work, lambda: None)


def take_push(enrolment: Enrolment, push: Push, receive: Callable[[Path], bytes]) -> Taken:
    """Have git receive a push in quarantine, look at what came, and take it over; judge it if it is anything new.

    receive: hands the push to git in this repository, and says what git answers. Raises Refusal, and then nothing of
    the push is left.
    """
    _refuse_haste(enrolment)
    pushes.check_push(push)
    kind = choose_kind(enrolment, push.milestone)
    repository = repositories.open_repository(enrolment)
    with repositories.hold(repository), repositories.quarantine(repository) as scratch:
        answer = receive(scratch)
        if not pushes.has_moved(repository, scratch):
            raise pushes.refuse_for_git(answer)
        commit = repositories.read_head(scratch)
        pushes.check_arrivals(repository, scratch, commit)
        work = Work(store().put_files(pushes.read_tree(scratch, commit)), commit, scratch, "git")
        run = queries.find_equal_run(enrolment, kind, work.tree)
        why_not = None if run else _find_obstacle(enrolment, kind, work.tree)
        is_new = not (run or why_not)
        if is_new:
            run = _enter(enrolment, kind, work, partial(_move, repository, scratch, commit))
        else:
            _move(repository, scratch, commit)
        repositories.tidy(repository)
    return Taken(answer, run, is_new, why_not)


def choose_kind(enrolment: Enrolment, named: str = "") -> str:
    """The milestone that work is for: the one named, or else the next open one; the last when all have passed."""
    if named:
        refuse_closed(enrolment, named)
        return named
    kinds = queries.milestone_kinds(enrolment.project_id)
    return gate.next_open(kinds, queries.passed_kinds(enrolment), queries.lent_kinds(enrolment)) or kinds[-1]


def refuse_closed(enrolment: Enrolment, kind: str) -> None:
    """Say no to a milestone that is not there, or not open."""
    kinds = queries.milestone_kinds(enrolment.project_id)
    if kind not in kinds:
        sentence = _("There is no milestone {kind}; there are {known}.").format(kind=repr(kind), known=", ".join(kinds))
        raise Refusal("unknown-milestone", "milestone", sentence, 404)
    passed, lent = queries.passed_kinds(enrolment), queries.lent_kinds(enrolment)
    if opener := gate.opener(kinds, passed, kind, lent):
        before = kinds[kinds.index(kind) - 1]
        sentence = _("{kind} is locked: it opens when {before} has passed.").format(kind=kind, before=before)
        remedy = _("The milestone to hand in now is {opener}.").format(opener=opener)
        raise Refusal("locked", "milestone", sentence, 409, remedy)


def _refuse_haste(enrolment: Enrolment) -> None:
    """Say no to whoever hands in faster than a person does; whether attempts are left is another question."""
    if seconds := take_turn("submit", str(enrolment.actor.pk)):
        told = _("You handed in more often than {most} times in a minute.")
        wait = _("Try again in {seconds} seconds.").format(seconds=seconds)
        most = settings.MILEPOST_SUBMITS_PER_MINUTE
        raise Refusal("throttled", "", told.format(most=most), 429, wait, seconds)


def _find_obstacle(enrolment: Enrolment, kind: str, tree: str) -> Refusal | None:
    """Why this tree is not judged now, if it is not: by a rule of a room above this one, or for want of an attempt."""
    rules: list[Callable[[Enrolment, str], Refusal | None]] = [import_string(name) for name in settings.INTAKE_RULES]
    refused = (rule(enrolment, kind) for rule in rules)
    return next(filter(None, refused), None) or _find_no_attempt(enrolment, kind, tree)


def _find_no_attempt(enrolment: Enrolment, kind: str, tree: str) -> Refusal | None:
    """Why this tree cannot be judged now, if it cannot. Whoever calls this holds the repository: nobody is before them.

    The same files once more cost nothing, and neither does what takes the place of a run that still waits.
    """
    standing = read_standing(enrolment, queries.milestone_kinds(enrolment.project_id), kind)
    attempts = standing.attempts
    if attempts is None or attempts.left or standing.state == QUEUED or attempts.next_at is None:
        return None
    if queries.find_equal_run(enrolment, kind, tree):
        return None
    seconds = max(1, ceil((attempts.next_at - timezone.now()).total_seconds()))
    minutes = ceil(seconds / 60)
    wait = ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    told = _("No attempt at {kind} is left. The next one comes in {wait}.").format(kind=kind, wait=wait)
    remedy = _("`milepost check` judges on your own machine meanwhile, free and as often as you like.")
    return Refusal("no-attempt-left", "milestone", told, 429, remedy, retry_after=seconds)


def _enter(
    enrolment: Enrolment,
    kind: str,
    work: Work,
    move: Callable[[], None],
    note: Callable[[Run], None] = lambda _run: None,
) -> Run:
    """The submission and its run; the repository moves with them, or none of it happens."""
    with transaction.atomic():
        submission = _number_submission(enrolment, kind, work)
        draw = next_draw(len(queries.passed_kinds(enrolment)))
        run = ledger.enqueue(submission, draw, actor=name_account(enrolment.actor))
        call_after_commit(tasks.grade_run, run.pk)
        note(run)
        move()
    return run


def _move(repository: Path, scratch: Path, commit: str) -> None:
    repositories.adopt(repository, scratch)
    repositories.advance(repository, commit)


def _number_submission(enrolment: Enrolment, kind: str, work: Work) -> Submission:
    # The enrolment's row is locked so that two uploads at once get two numbers, and neither an edition that was left.
    locked = Enrolment.objects.select_for_update(of=("self",)).select_related("project", "user").get(pk=enrolment.pk)
    last = Submission.objects.filter(enrolment=locked).order_by("number").last()
    submission = Submission.objects.create(
        enrolment=locked,
        number=last.number + 1 if last else 1,
        kind=kind,
        tree=work.tree,
        commit=work.commit,
        via=work.via,
        by=enrolment.actor,
    )
    if locked.team:
        _count_commits(submission, enrolment.actor, work, last.commit if last else "")
    return submission


def _count_commits(submission: Submission, by: User, work: Work, before: str) -> None:
    """Write down whose the commits are that came since; those of an unknown address are of whoever handed them in."""
    known = {author_of(user)[1]: user for user in queries.list_people([submission.enrolment])[submission.enrolment_id]}
    counted: Counter[User] = Counter()
    for address, commits in repositories.count_authors(work.repository, before, work.commit).items():
        counted[known.get(address, by)] += commits
    Contribution.objects.bulk_create(
        Contribution(submission=submission, user=user, commits=commits) for user, commits in counted.items()
    )
