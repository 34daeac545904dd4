"""Whether there is another edition for an enrolment, and what it says of what has passed: derived, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from curriculum.models import Project
from people.learners import queries
from people.learners.models import Enrolment, Run, RunState, Tried
from people.learners.retelling import retell
from people.learners.standing import PASSED

NEW, JUDGING, JUDGED = "new", "judging", "judged"


@dataclass(frozen=True, slots=True)
class Offer:
    """Another edition is the current one. `state` says how far the learner's own trial of it is."""

    edition: Project
    own: Project
    state: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """One milestone that has passed: the run that passed it, and the trial's run of it, if it was tried."""

    run: Run
    shadow: Run | None
    is_asked: bool

    @property
    def kind(self) -> str:
        return self.run.submission.kind

    @property
    def state(self) -> str:
        """What the other edition says: a verdict, queued, running, untried, or gone where it asks for no such thing."""
        if self.shadow is None:
            return "untried" if self.is_asked else "gone"
        return self.shadow.outcome or self.shadow.state

    @property
    def is_kept(self) -> bool:
        """Whether, after moving, the old pass is all that there is."""
        return self.state != PASSED

    @property
    def sentence(self) -> str:
        """What the trial's run concluded, in the reader's language."""
        return retell(self.shadow.sentence) if self.shadow else ""

    @property
    def unmet(self) -> list[str]:
        """The questions of the required checks that do not hold in it."""
        chain = list(self.shadow.judgements.all()) if self.shadow else []
        answers = chain[-1].answers.all() if chain else []
        return [retell(answer.question) for answer in answers if answer.required and answer.answer == "failed"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What moving over would come to."""

    edition: Project
    tried: Tried | None
    prospects: list[Prospect]

    @property
    def is_tried(self) -> bool:
        return self.tried is not None

    @property
    def is_judged(self) -> bool:
        """Whether all that was tried is judged, so that the learner may decide."""
        runs = [prospect.shadow for prospect in self.prospects if prospect.shadow]
        return self.tried is not None and all(run.state == RunState.DONE for run in runs)

    @property
    def mark(self) -> str:
        """Changes whenever there is something new to show."""
        return ".".join(prospect.state for prospect in self.prospects)

    @property
    def kept(self) -> list[Prospect]:
        return [prospect for prospect in self.prospects if prospect.is_kept]

    @property
    def untried(self) -> list[Prospect]:
        """What has passed since the trial began, or what we could not judge."""
        return [prospect for prospect in self.prospects if prospect.state in ("untried", "void")]


def read_offers(enrolments: Sequence[Enrolment]) -> dict[int, Offer]:
    """For each enrolment that is not in its project's current edition, that edition; in one query, or in three."""
    current = {project.slug: project for project in queries.current_editions({e.project.slug for e in enrolments})}
    behind = {e: current[e.project.slug] for e in enrolments if current.get(e.project.slug, e.project) != e.project}
    if not behind:
        return {}
    tried = {one.enrolment_id: one for one in queries.own_trials(behind)}
    unjudged = queries.unjudged_trials(tried.values())
    return {
        e.pk: Offer(edition, e.project, _state(tried.get(e.pk), edition, unjudged)) for e, edition in behind.items()
    }


def read_outlook(enrolment: Enrolment, edition: Project) -> Outlook:
    """What this edition says of all that has passed, as far as the learner's own trial knows."""
    tried = queries.find_tried(enrolment, edition)
    shadows = {run.submission_id: run for run in queries.list_shadows(tried)} if tried else {}
    kinds = [milestone.kind for milestone in edition.milestones.all()]
    passes = queries.runs_to_try([enrolment], "passed")
    order = {kind: place for place, kind in enumerate(kinds)}
    passes.sort(key=lambda run: order.get(run.submission.kind, len(order)))
    return Outlook(
        edition, tried, [Prospect(r, shadows.get(r.submission_id), r.submission.kind in kinds) for r in passes]
    )


def _state(tried: Tried | None, edition: Project, unjudged: set[int]) -> str:
    if tried is None or tried.trial.edition_id != edition.pk:
        return NEW
    return JUDGING if tried.trial_id in unjudged else JUDGED
