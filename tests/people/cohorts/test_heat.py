"""Who is shown and in which order, and which check stops most: questions of plain rows."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from curriculum.models import Milestone, Project
from people.cohorts.heat import Heat, HeatRow, Person, Stop, Wish, choose_rows, parse_wish
from people.cohorts.stoppers import Refused, rank_stoppers
from people.learners.crowds import State
from people.learners.refusals import Refusal

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KINDS = ("ingest", "clean")
TWICE = Stop("clean", "twice", "Each is there once.", "Two are there twice.")
LOST = Stop("ingest", "lost", "No row is lost.", "One is lost.")


def row(
    number: int, name: str, states: str, refusals: int = 0, stops: Sequence[Stop] = (), section: str = ""
) -> HeatRow:
    """`states`: of ingest and clean; whoever has passed one did so in run 1."""
    person = Person(number, name.lower(), name, section, NOON - timedelta(days=30))
    told = [
        State(kind, state, number, 1 if stops else None, refusals, 1 if state in ("passed", "regressed") else None)
        for kind, state in zip(KINDS, states.split(), strict=False)
    ]
    stopped = {stop.kind: [one for one in stops if one.kind == stop.kind] for stop in stops}
    return HeatRow(person, number if told else None, told, NOON - timedelta(days=number) if told else None, stopped)


ROWS = [
    row(1, "Alice", "passed failed", 4, [TWICE], "Berlin"),
    row(2, "Bob", "failed locked", 2, [LOST]),
    row(3, "charlie", "passed open", section="Berlin"),
    row(4, "Dora", "passed passed"),
    row(5, "Emil", ""),
    row(6, "Frida", "regressed failed", 3, [LOST]),
]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), "Alice Frida Bob Emil charlie Dora"),
        (Wish(sort="name"), "Alice Bob charlie Dora Emil Frida"),
        (Wish(sort="passed"), "Bob Emil Frida Alice charlie Dora"),
        (Wish(sort="quiet"), "Emil Frida Dora charlie Bob Alice"),
        (Wish(section="Berlin"), "Alice charlie"),
        (Wish(state="stuck"), "Alice Frida Bob"),
        (Wish(kind="clean"), "Alice Frida"),
        (Wish(state="passed", kind="ingest"), "Alice charlie Dora"),
        (Wish(state="unenrolled"), "Emil"),
        (Wish(check="ingest/lost"), "Frida Bob"),
        (Wish(check="ingest/lost", state="regressed"), "Frida"),
        (Wish(state="queued"), ""),
    ],
)
def test_who_is_chosen_and_in_which_order(wish: Wish, expected: str) -> None:
    assert " ".join(one.person.name for one in choose_rows(ROWS, wish)) == expected


@pytest.mark.parametrize("name", ["section", "state", "kind", "sort"])
def test_a_word_that_is_unknown_here_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_wish({name: "nonsense"}, ["Berlin"], KINDS)
    assert refused.value.field == name


def test_a_wish_is_what_was_asked_for() -> None:
    asked = {"section": "Berlin", "state": "", "sort": "name", "check": "clean/twice", "page": "3"}
    assert parse_wish(asked, ["Berlin"], KINDS) == Wish(section="Berlin", check="clean/twice", sort="name")


def make_heat() -> Heat:
    milestones = [
        Milestone(kind="ingest", questions=[{"name": "lost", "question": "No row is lost."}]),
        Milestone(kind="clean", questions=[{"name": "twice", "question": "Each is there once."}]),
    ]
    return Heat(Project(slug="tiny"), milestones, ROWS)


def test_the_check_that_stops_most_now_comes_first() -> None:
    refused = [
        Refused(1, "clean", "twice", 4),
        Refused(1, "ingest", "lost", 2),
        Refused(2, "ingest", "lost", 2),
        Refused(3, "ingest", "lost", 4),
        Refused(4, "clean", "order", 1),
        Refused(4, "gone", "old", 1),
        Refused(6, "ingest", "lost", 0),
    ]
    first, second, third = rank_stoppers(make_heat(), refused)
    assert (first.name, first.question, first.stopped, first.ever) == ("ingest/lost", "No row is lost.", 2, 4)
    # Alice, Charlie and Frida have passed ingest: after 2, 4 and no refusals of their own.
    assert (first.past, first.tries, first.share) == (3, 3, 67)
    assert (second.name, second.stopped, second.past, second.tries, second.share) == ("clean/twice", 1, 0, None, 100)
    assert (third.name, third.question, third.stopped, third.ever, third.tries) == ("clean/order", "", 0, 1, 2)


def test_nobody_stopped_is_an_empty_list() -> None:
    heat = Heat(Project(slug="tiny"), [], [row(4, "Dora", "passed passed")])
    assert rank_stoppers(heat, []) == []
