"""What the pages of a review show, as plain values: a submission beside another tree, and what was said about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.urls import reverse

from curriculum.lines import Line
from frontend.diffs import Diff, FileDiff, compare_commits, compare_files, show_around
from people.cohorts.comments import list_threads
from people.cohorts.models import Comment, Membership
from people.learners import queries
from people.learners.facilities import store
from people.learners.models import CheckAnswer, Override, Run, RunState, Submission
from people.learners.overriding import find_judged
from people.learners.references import read_pair
from people.learners.repositories import find_first, find_repository
from people.learners.words import list_overrides

STARTER, LAST, REFERENCE = "starter", "last", "reference"
Place = tuple[str, int | None]
NOWHERE: Place = ("", None)


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line as every difference shows it, with what was said about it, and where to say something."""

    kind: str
    text: str
    before: int | None
    after: int | None
    url: str = ""
    threads: Sequence[Comment] = ()
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A few lines of a file round one that something was said about."""

    path: str
    line: int
    lines: Sequence[SaidLine]


@dataclass(frozen=True, slots=True)
class ReviewedFile:
    """What became of one file; `elsewhere` was said about lines that this comparison does not show."""

    diff: FileDiff
    lines: Sequence[SaidLine]
    elsewhere: Sequence[Excerpt]


@dataclass(frozen=True, slots=True)
class Answered:
    """A check as the machine answered it, and a leader's word on it, if there is one."""

    answer: CheckAnswer
    word: Override | None


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`last` is what its learner had handed in before; `path` and `line` are where somebody wants to comment."""

    submission: Submission
    run: Run
    against: str
    last: Submission | None
    files: Sequence[ReviewedFile]
    elsewhere: Sequence[Excerpt]
    only_own: Sequence[str] = ()
    cut: bool = False
    word: Override | None = None
    undone: Sequence[Override] = ()
    answers: Sequence[Answered] = ()
    path: str = ""
    line: int | None = None

    @property
    def shows_chosen(self) -> bool:
        """Whether the line that somebody wants to comment on is among those of the comparison."""
        return any(line.is_chosen for file in self.files for line in file.lines)

    @property
    def may_be_overridden(self) -> bool:
        return self.run.state == RunState.DONE and self.run.outcome != "superseded"


@dataclass(frozen=True, slots=True)
class _Compared:
    diff: Diff
    only_own: Sequence[str] = field(default_factory=tuple)


def build_review(leader: Membership, submission: Submission, against: str, chosen: Place = NOWHERE) -> ReviewPage:
    """A submission beside the starter, what was handed in before it, or the reference; the starter if in doubt."""
    run = queries.latest_run(submission)
    last = queries.find_submission_before(submission)
    against = against if against == REFERENCE or (against == LAST and last) else STARTER
    compared = _compare(submission, against, last)
    threads = list(list_threads(submission))
    address = reverse("frontend:review", args=[leader.cohort.slug, submission.pk])
    files = [_show_file(file, threads, f"{address}?against={against}", chosen) for file in compared.diff.files]
    shown = {file.diff.path for file in files}
    overrides = list(list_overrides(submission))
    words = {said.check_name: said for said in overrides if said.undone_at is None}
    judged = find_judged(run)
    return ReviewPage(
        submission=submission,
        run=run,
        against=against,
        last=last,
        files=files,
        elsewhere=_excerpts(submission, [thread for thread in threads if thread.path not in shown]),
        only_own=compared.only_own,
        cut=compared.diff.cut,
        word=words.get(""),
        undone=[said for said in overrides if said.undone_at],
        answers=[Answered(one, words.get(one.name)) for one in judged.answers.all()] if judged else [],
        path=chosen[0],
        line=chosen[1],
    )


def build_threads(submission: Submission) -> list[Excerpt]:
    """What was said about a submission, each beside its line."""
    return _excerpts(submission, list_threads(submission))


def _compare(submission: Submission, against: str, last: Submission | None) -> _Compared:
    if against == REFERENCE:
        return _compare_with_reference(submission)
    repository = find_repository(submission.enrolment)
    before = last.commit if against == LAST and last else ""
    if repository is None or not submission.commit or (against == LAST and not before):
        return _Compared(Diff([]))
    return _Compared(compare_commits(repository, before or find_first(repository), submission.commit))


def _compare_with_reference(submission: Submission) -> _Compared:
    """The learner's side is the new one here too: what is said is said about their lines."""
    pair = read_pair(submission.enrolment, submission.kind, submission)
    files = [compare_files(path, content, pair.own.get(path, b"")) for path, content in pair.reference.items()]
    return _Compared(Diff([file for file in files if not file.is_same]), pair.only_own)


def _show_file(file: FileDiff, threads: Sequence[Comment], address: str, chosen: Place) -> ReviewedFile:
    about = [thread for thread in threads if thread.path == file.path]
    lines = [_show_line(line, file.path, about, address, chosen) for line in file.lines]
    told = {thread.pk for line in lines for thread in line.threads}
    missed = [thread for thread in about if thread.pk not in told]
    return ReviewedFile(replace(file), lines, _excerpts(missed[0].submission, missed) if missed else [])


def _show_line(line: Line, path: str, threads: Iterable[Comment], address: str, chosen: Place) -> SaidLine:
    if line.after is None:
        return SaidLine(line.kind, line.text, line.before, None)
    return SaidLine(
        kind=line.kind,
        text=line.text,
        before=line.before,
        after=line.after,
        url=f"{address}&{urlencode({'path': path, 'line': line.after})}#chosen",
        threads=[thread for thread in threads if thread.line == line.after],
        is_chosen=(path, line.after) == chosen,
    )


def _excerpts(submission: Submission, threads: Iterable[Comment]) -> list[Excerpt]:
    by_place: dict[tuple[str, int], list[Comment]] = {}
    for thread in threads:
        by_place.setdefault((thread.path, thread.line), []).append(thread)
    contents = {path: store().read(submission.tree, path) for path, _line in by_place}
    return [Excerpt(path, line, _show_excerpt(contents, path, line, said)) for (path, line), said in by_place.items()]


def _show_excerpt(contents: Mapping[str, bytes], path: str, at: int, said: Sequence[Comment]) -> list[SaidLine]:
    lines = show_around(contents[path], at)
    return [
        SaidLine(line.kind, line.text, None, line.after, threads=said if line.after == at else ()) for line in lines
    ]
