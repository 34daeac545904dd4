"""What the heat map of a cohort shows, as plain values: who stands where, what stops them, who may need somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from curriculum.models import Milestone, Project
from frontend.drawings import ANSWER_SHAPES, UNENROLLED, Drawing, Key, draw, list_answer_keys, list_keys
from frontend.words import MILESTONE_STATES
from people.cohorts.checked import Checked, CheckedRow
from people.cohorts.heat import (
    DID_NOT_RUN,
    SORTS,
    STATES,
    STUCK,
    Heat,
    HeatRow,
    Person,
    Stop,
    Wish,
    choose_rows,
    count_stopped,
)
from people.cohorts.models import Cohort
from people.cohorts.signals import Thresholds
from people.cohorts.stoppers import Stopper
from people.learners.crowds import State
from people.learners.retelling import Retold, retell
from people.learners.standing import Word

# A table reads better than a drawing up to here, and no page of a table is longer.
SMALL: Final = 60
DRAWN: Final = 1000
FOREMOST: Final = 5
FOREMOST_AT_RISK: Final = 3
SORT_WORDS: Final = {
    "stuck": _("Stuck longest first"),
    "name": _("Name"),
    "passed": _("Fewest passed first"),
    "quiet": _("Quiet longest first"),
}


SIGNAL_WORDS: Final = {
    "idle_days": _("Days without handing in"),
    "failed_in_a_row": _("Times in a row that the same check did not hold"),
    "due_days": _("Days before a due date with the milestone open"),
}


@dataclass(frozen=True, slots=True)
class ShownStop:
    """What stops a learner: the milestone, the question, and why."""

    kind: str
    title: str
    sentence: str
    is_check: bool


@dataclass(frozen=True, slots=True)
class ShownCell:
    kind: str
    state: str
    url: str
    stops: Sequence[ShownStop] = ()
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One learner; no cells while they are not enrolled."""

    username: str
    name: str
    section: str
    url: str
    passed: int
    last_at: datetime | None
    cells: Sequence[ShownCell]


@dataclass(frozen=True, slots=True)
class ShownStopper:
    """A check, how many it stops, and the per cent of those whom the foremost one stops."""

    kind: str
    title: str
    stopped: int
    ever: int
    past: int
    tries: float | None
    share: int
    width: int
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    word: str | Promise
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class HeatPart:
    """One project: a table, and above it a drawing where a table would be too long to see at once."""

    slug: str
    title: str
    milestones: Sequence[tuple[str, str, str]]
    table: "Page[HeatRow]"
    rows: Sequence[ShownRow]
    keys: Sequence[Key]
    drawing: Drawing | None
    stoppers: Sequence[ShownStopper]
    query: str
    shown: int
    all: int
    told: Mapping[str, Any] | None


def build_part(cohort: Cohort, heat: Heat, wish: Wish, page: str, asked: Mapping[str, str]) -> HeatPart:
    chosen = choose_rows(heat.rows, wish)
    table = Paginator(chosen, SMALL).get_page(page)
    columns = len(heat.milestones)
    states = [[state.state for state in row.states] or ["unenrolled"] * columns for row in chosen]
    people = [(row.person.username, row.person.name) for row in chosen]
    first = (table.number - 1) * SMALL // DRAWN * DRAWN
    drawing = (
        draw(people[first : first + DRAWN], states[first : first + DRAWN], columns) if len(chosen) > SMALL else None
    )
    keys = list_keys(states)
    return HeatPart(
        slug=heat.project.slug,
        title=heat.project.title,
        milestones=[(one.kind, one.title, link_checks(cohort, heat.project, one)) for one in heat.milestones],
        table=table,
        rows=[show_row(cohort, heat.project, row) for row in table.object_list],
        keys=keys,
        drawing=drawing,
        stoppers=foremost_stoppers(cohort, heat),
        query=urlencode(
            {**{name: value for name, value in asked.items() if name != "page"}, "project": heat.project.slug}
        ),
        shown=len(chosen),
        all=len(heat.rows),
        told=tell(cohort, heat.project, drawing, heat.kinds, keys) if drawing else None,
    )


def show_row(cohort: Cohort, project: Project, row: HeatRow) -> ShownRow:
    return ShownRow(
        username=row.person.username,
        name=row.person.name,
        section=row.person.section,
        url=link_learner(cohort, project, row.person.username),
        passed=row.passed,
        last_at=row.last_at,
        cells=[_show_cell(cohort, state, row.stops.get(state.kind, ())) for state in row.states],
    )


def _show_cell(cohort: Cohort, state: State, stops: Sequence[Stop]) -> ShownCell:
    url = link_submission(cohort, state.submission_id)
    return ShownCell(state.kind, state.state, url, [_show_stop(stop) for stop in stops], state.word)


def _show_stop(stop: Stop) -> ShownStop:
    title = _say_stop(stop.check, stop.question)
    return ShownStop(stop.kind, title, retell(stop.sentence), stop.check != DID_NOT_RUN)


def _say_stop(check: str, question: str) -> str:
    if check == DID_NOT_RUN:
        return Retold(MILESTONE_STATES["broken"].word)
    return question or check.replace("_", " ").capitalize()


def foremost_stoppers(cohort: Cohort, heat: Heat) -> list[ShownStopper]:
    """What stops most now, as far as that can be told from the rows alone."""
    counted = count_stopped(heat.rows)
    foremost = sorted(counted, key=lambda key: (-counted[key], key))[:FOREMOST]
    questions = {
        (stop.kind, stop.check): stop.question for row in heat.rows for stops in row.stops.values() for stop in stops
    }
    found = [Stopper(*key, questions[key], counted[key], 0, 0, None, 0) for key in foremost]
    return show_stoppers(cohort, heat.project, found)


def show_stoppers(cohort: Cohort, project: Project, stoppers: Sequence[Stopper]) -> list[ShownStopper]:
    most = max((one.stopped for one in stoppers), default=0) or 1
    return [
        ShownStopper(
            kind=one.kind,
            title=_say_stop(one.check, one.question),
            stopped=one.stopped,
            ever=one.ever,
            past=one.past,
            tries=one.tries,
            share=one.share,
            width=round(100 * one.stopped / most),
            url=link_overview(cohort, project=project.slug, check=one.name),
        )
        for one in stoppers
    ]


def list_choices(wish: Wish, sections: Sequence[str], kinds: Sequence[str]) -> dict[str, list[Choice]]:
    """What the filters offer; what is chosen is marked."""
    words: dict[str, str | Promise] = {STUCK: _("Stuck"), "unenrolled": UNENROLLED.word}
    words |= {state: mark.word for state, mark in MILESTONE_STATES.items() if state in STATES}
    return {
        "section": [Choice(one, one, one == wish.section) for one in sections],
        "state": [Choice(state, words[state], state == wish.state) for state in STATES],
        "kind": [Choice(kind, kind, kind == wish.kind) for kind in kinds],
        "sort": [Choice(sort, SORT_WORDS[sort], sort == wish.sort) for sort in SORTS],
    }


@dataclass(frozen=True, slots=True)
class ShownChecked:
    """One learner: for each check the answer, and the state that it is drawn as."""

    name: str
    section: str
    url: str
    answers: Sequence[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class CheckedPart:
    checks: Sequence[tuple[str, str]]
    table: "Page[CheckedRow]"
    rows: Sequence[ShownChecked]
    keys: Sequence[Key]
    drawing: Drawing | None
    told: Mapping[str, Any] | None


def build_checked(cohort: Cohort, project: Project, checked: Checked, page: str) -> CheckedPart:
    """Those with most checks that do not hold first."""
    ranked = sorted(checked.rows, key=lambda row: (-row.answers.count("failed"), row.person.name.casefold()))
    table = Paginator(ranked, SMALL).get_page(page)
    first = (table.number - 1) * SMALL // DRAWN * DRAWN
    drawn = ranked[first : first + DRAWN]
    keys = list_answer_keys([row.answers for row in ranked])
    states = [[ANSWER_SHAPES[answer][0] for answer in row.answers] for row in drawn]
    people = [(row.person.username, row.person.name) for row in drawn]
    drawing = draw(people, states, len(checked.checks)) if len(ranked) > SMALL else None
    questions = [question for _, question in checked.checks]
    return CheckedPart(
        checks=checked.checks,
        table=table,
        rows=[_show_checked(cohort, project, row) for row in table.object_list],
        keys=keys,
        drawing=drawing,
        told=tell(cohort, project, drawing, questions, keys) if drawing else None,
    )


def _show_checked(cohort: Cohort, project: Project, row: CheckedRow) -> ShownChecked:
    url = link_submission(cohort, row.submission_id) or link_learner(cohort, project, row.person.username)
    answers = [(ANSWER_SHAPES[answer][0], ANSWER_SHAPES[answer][1].word) for answer in row.answers]
    return ShownChecked(row.person.name, row.person.section, url, answers)


def tell(
    cohort: Cohort, project: Project, drawing: Drawing, columns: Sequence[str], keys: Sequence[Key]
) -> dict[str, object]:
    """What the script needs to say what lies under the pointer, and to fetch what is behind it."""
    return {
        "rows": drawing.rows,
        "columns": columns,
        "states": {key.shape.letter: str(key.word) for key in keys},
        "url": link_learner(cohort, project, "@"),
    }


def show_learner(cohort: Cohort, project: Project, person: Person, row: HeatRow) -> dict[str, Any]:
    titles = {milestone.kind: milestone.title for milestone in project.milestones.all()}
    return {"person": asdict(person), "row": show_row(cohort, project, row), "project": project, "titles": titles}


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number that a signal rings from, or nothing where it is off."""

    name: str
    word: str | Promise
    value: str


def show_thresholds(thresholds: Thresholds, asked: Mapping[str, Any] | None) -> dict[str, object]:
    """What is set; or, after it was refused, what was asked for."""
    known = asked if asked is not None else asdict(thresholds)
    values = {name: "" if known.get(name) is None else str(known[name]) for name in SIGNAL_WORDS}
    return {
        "numbers": [NumberLine(name, word, values[name]) for name, word in SIGNAL_WORDS.items()],
        "attempts_used": bool(known.get("attempts_used")),
    }


def link_overview(cohort: Cohort, **asked: str) -> str:
    return f"{reverse('frontend:cohort', args=[cohort.slug])}?{urlencode(asked)}"


def link_learner(cohort: Cohort, project: Project, username: str) -> str:
    asked = urlencode({"project": project.slug})
    return f"{reverse('frontend:cohort_learner', args=[cohort.slug, username])}?{asked}"


def link_checks(cohort: Cohort, project: Project, milestone: Milestone) -> str:
    return reverse("frontend:cohort_checks", args=[cohort.slug, project.slug, milestone.kind])


def link_submission(cohort: Cohort, submission_id: int | None) -> str:
    return reverse("frontend:member_submission", args=[cohort.slug, submission_id]) if submission_id else ""
