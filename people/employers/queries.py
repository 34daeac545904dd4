"""Reads the evidence that a learner's passed runs hold, what helped them, and the levels that follow from it."""

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from curriculum.hints import read_hints
from curriculum.models import Milestone
from curriculum.skills import read_skills
from people.accounts.models import User
from people.employers.levels import Evidence, Part, SkillLevel, Source, derive_levels
from people.employers.models import Countersign, Rationale
from people.learners.aid import Aid
from people.learners.models import CheckAnswer, Contribution, Enrolment, Help, Override, Run, Share, Submission
from people.learners.queries import list_help
from people.learners.standing import REGRESSED, read_standings
from people.learners.words import list_overrides_of

HELD, PASSED = "held", "passed"
Place = tuple[int, str]


class _Records:
    """What is known of a user's milestones beside the answers: which regressed, what hints there are, which were read.

    A place is an enrolment's id and a milestone's kind. What hints there are hangs on the edition that judged.
    """

    def __init__(self, user: User) -> None:
        enrolments = Enrolment.objects.filter(pk__in=ever_of(user)).prefetch_related("project__milestones")
        self.regressed = find_regressed(enrolments)
        judged = Milestone.objects.filter(project__runs__submission__enrolment__in=ever_of(user)).distinct()
        self.hints: Mapping[Place, dict[str, list[str]]] = {
            (one.project_id, one.kind): read_hints(one.hints) for one in judged
        }
        self.help = list(list_help(user))
        teams = [enrolment.pk for enrolment in enrolments if enrolment.team]
        counted = Contribution.objects.filter(submission__enrolment__in=teams).select_related("submission")
        self.user, self.contributions = user, list(counted) if teams else []
        overrides = list(list_overrides_of(user))
        self.checks = {(one.submission_id, one.check_name): one for one in overrides if one.check_name}
        self.verdicts = [one for one in overrides if not one.check_name]
        handed_in = Submission.objects.filter(enrolment__in=ever_of(user)).order_by("number")
        self.trees = list(handed_in.values_list("enrolment_id", "kind", "number", "tree"))

    def find_word(self, row: CheckAnswer) -> Override | None:
        """What a leader said instead of the machine: of the check, or of the verdict. Where they agree, nothing."""
        work = row.judgement.run.submission
        said = self.checks.get((work.pk, row.name)) or next((one for one in self.verdicts if reaches(one, work)), None)
        if said is None or said.outcome == (row.answer if said.check_name else row.judgement.run.outcome):
            return None
        return said

    def find_aid(self, run: Run, check: str) -> Aid:
        """What had helped with this check before its work was handed in."""
        work = run.submission
        place = (work.enrolment_id, work.kind)
        taken = [one for one in self.help if (one.enrolment_id, one.kind) == place and one.at < work.created_at]
        return Aid(
            hints=sum(one.what == Help.What.HINT and one.check_name == check for one in taken),
            of=len(self.hints[run.edition_id, work.kind].get(check, [])),
            reference=any(one.what == Help.What.REFERENCE for one in taken),
        )

    def find_part(self, run: Run) -> Part | None:
        """What this user did of a team's work at a milestone, up to this run."""
        work = run.submission
        if not work.enrolment.team:
            return None
        commits: Counter[int] = Counter()
        for one in self.contributions:
            told = one.submission
            if (told.enrolment_id, told.kind) == (work.enrolment_id, work.kind) and told.number <= work.number:
                commits[one.user_id] += one.commits
        return Part(commits[self.user.pk], commits.total(), len(commits))

    def find_source(self, run: Run) -> Source:
        """What the run hangs on; of its tries, those of other files count, as far as its own."""
        work = run.submission
        place = (work.enrolment_id, work.kind)
        trees = {tree for pk, kind, number, tree in self.trees if (pk, kind) == place and number <= work.number}
        return Source(run.pk, work.commit, run.draw, len(trees), tuple(sorted(run.digests.items())))


def ever_of(user: User) -> QuerySet[Share, int]:
    """The enrolments that are this user's, or were."""
    return Share.objects.filter(user=user).values_list("enrolment_id", flat=True)


def find_regressed(enrolments: Iterable[Enrolment]) -> set[Place]:
    """The milestones that had passed and regressed; the enrolments come with their projects' milestones."""
    standings = read_standings({e.pk: [one.kind for one in e.project.milestones.all()] for e in enrolments})
    return {(pk, s.kind) for pk, stands in standings.items() for s in stands if s.state == REGRESSED}


def is_work_of(user: User, work: str) -> Q:
    """What they handed in, and what their team handed in with commits of theirs among those for the milestone.

    `work` leads from what is filtered to its submission.
    """
    theirs = Contribution.objects.filter(
        user=user,
        commits__gt=0,
        submission__enrolment=OuterRef(f"{work}__enrolment"),
        submission__kind=OuterRef(f"{work}__kind"),
        submission__number__lte=OuterRef(f"{work}__number"),
    )
    return Q(**{f"{work}__by": user}) | Q(Exists(theirs))


def reaches(word: Override, work: Submission) -> bool:
    """Whether a word on a verdict speaks of this work: its own, and if it refuses, what passed before it."""
    said_of = word.submission
    is_earlier = work.number < said_of.number and word.outcome == Override.Outcome.FAILED
    return said_of == work or (is_earlier and (said_of.enrolment_id, said_of.kind) == (work.enrolment_id, work.kind))


def read_evidence(user: User, within: Enrolment | None = None) -> list[Evidence]:
    """Every check that held in the passed run of its own milestone, newest run last; a constant number of queries.

    What passed or held by a leader's word is among them, and says so. within: of this enrolment alone.
    """
    records = _Records(user)
    passed = Q(judgement__outcome=PASSED, judgement__run__outcome=PASSED)
    let_pass = [one.submission_id for one in records.verdicts if one.outcome == PASSED]
    rows = (
        CheckAnswer.objects.filter(passed | Q(judgement__run__submission__in=let_pass))
        .filter(judgement__run__shadow=False, judgement__run__submission__enrolment__in=ever_of(user))
        .filter(is_work_of(user, "judgement__run__submission"))
        .filter(*([Q(judgement__run__submission__enrolment=within)] if within else []))
        .select_related("judgement__run__submission__enrolment__project", "judgement__run__edition")
        .order_by("judgement__run_id", "position")
    )
    # What was shown twice is evidence once: the newest run of a milestone stands for it, of those with least help.
    best: dict[tuple[str, str, tuple[str, str], str], Evidence] = {}
    for item in (item for row in rows for item in _evidence_of(row, records)):
        key = (item.skill, item.check, item.business, item.milestone)
        if key not in best or item.weight <= best[key].weight:
            best[key] = item
    return list(best.values())


def _evidence_of(row: CheckAnswer, records: _Records) -> list[Evidence]:
    run = row.judgement.run
    submission = run.submission
    said = records.find_word(row)
    held = row.answer == HELD or (said is not None and said.outcome == HELD)
    if not held or submission.kind != row.judgement.kind or run.finished_at is None:
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
            regressed=(submission.enrolment_id, submission.kind) in records.regressed,
            edition=run.edition.number,
            aid=records.find_aid(run, row.name),
            lent=tuple(run.digests.get("lent", "").split()),
            part=records.find_part(run),
            word=said.outcome if said else "",
            by=str(said.by or "") if said else "",
            slug=submission.enrolment.project.slug,
            domain=submission.enrolment.domain,
            source=records.find_source(run),
            question=row.question,
            measured=row.measured,
            mark=row.mark,
        )
        for skill in row.skills
    ]


def find_countersigned(user: User) -> set[str]:
    """The skills whose rationale somebody has countersigned, and neither took it back."""
    standing = Countersign.objects.filter(undone_at=None, outcome=Countersign.Outcome.COUNTERSIGNED)
    found = Rationale.objects.filter(user=user, withdrawn_at=None, words__in=standing)
    return set(found.values_list("skill", flat=True))


def read_skill_levels(user: User) -> list[SkillLevel]:
    """The level of every skill of the framework, from all that this user has shown."""
    return derive_levels(read_skills(), read_evidence(user), find_countersigned(user))
