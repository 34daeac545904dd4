"""Evidence is read with what had helped before the work was handed in, and the pass with least help stands."""

from collections.abc import Callable

import pytest

from curriculum.models import Milestone, Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.employers.queries import read_evidence
from people.learners import helping, intake
from people.learners.aid import Aid
from people.learners.models import Enrolment, Run

HINTS = "## every_line_is_there\n\n1. Count.\n2. Count the lines.\n"


@pytest.fixture
def enrolled(alice: User, tiny: Project, rings: list[object]) -> Enrolment:
    Milestone.objects.filter(kind="ingest").update(hints=HINTS)
    return intake.enrol(alice, tiny)


@pytest.fixture
def hand_in(
    enrolled: Enrolment, conclude: Callable[[Run, Verdict], None], passed_ingest: Verdict
) -> Callable[[str], None]:
    return lambda text: conclude(intake.submit(enrolled, "ingest", {"main.py": text.encode()}, "test"), passed_ingest)


def open_hints(enrolment: Enrolment, most: int) -> None:
    for tier in range(1, most + 1):
        helping.open_hint(enrolment, Milestone.objects.get(kind="ingest"), "every_line_is_there", tier)


def test_hints_opened_before_the_pass_are_in_its_evidence(
    alice: User, bob: User, enrolled: Enrolment, hand_in: Callable[[str], None]
) -> None:
    open_hints(enrolled, 2)
    hand_in("one")
    [proof] = read_evidence(alice)
    assert (proof.aid, proof.shows) == (Aid(hints=2, of=2), 1)
    assert read_evidence(bob) == []


def test_another_edition_with_more_hints_takes_nothing_back_of_what_was_read(
    alice: User,
    enrolled: Enrolment,
    hand_in: Callable[[str], None],
    publish_newer: Callable[[], Project],
) -> None:
    open_hints(enrolled, 2)
    hand_in("one")
    before = read_evidence(alice)
    newer = publish_newer()
    Milestone.objects.filter(project=newer, kind="ingest").update(hints=f"{HINTS}3. Count them twice.\n")
    Enrolment.objects.filter(pk=enrolled.pk).update(project=newer)
    assert read_evidence(alice) == before


def test_help_after_a_pass_takes_nothing_from_it(
    alice: User, enrolled: Enrolment, hand_in: Callable[[str], None]
) -> None:
    hand_in("one")
    open_hints(enrolled, 2)
    hand_in("two")
    [proof] = read_evidence(alice)
    assert proof.aid.hints == 0


def test_the_reference_read_early_counts_for_every_check(
    alice: User, dana: User, enrolled: Enrolment, hand_in: Callable[[str], None]
) -> None:
    helping.permit(dana, [alice], "tiny", "ingest", "reference")
    helping.open_reference(enrolled, "ingest")
    hand_in("one")
    [proof] = read_evidence(alice)
    assert proof.aid.reference
