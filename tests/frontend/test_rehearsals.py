"""Checking in the browser editor, at the door: what is saved meets the practice world, and nothing comes of it."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curriculum.models import Project
from grading.facilities import open_package
from grading.pipeline import Job, void
from grading.world import Draw, find_world
from people.accounts.models import User
from people.learners import helping, intake, queries, rehearsals, saving, tasks
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import AuditLine, Enrolment, Rehearsal, Run, RunEvent, Submission
from people.learners.repositories import open_repository
from people.learners.standing import read_standings

pytestmark = pytest.mark.django_db(transaction=True)

INGEST, CLEAN = "pipeline/ingest.py", "pipeline/clean.py"
EDIT, CHECK, LIVE = f"/projects/tiny/edit/{INGEST}", "/projects/tiny/check/", "/projects/tiny/check/live/"
REFERENCE = Path(__file__).resolve().parents[1] / "fixtures/packages/tiny/reference"
RIGHT = (REFERENCE / INGEST).read_text()
Rings = list[tuple[str, tuple[object, ...]]]


@pytest.fixture
def enrolled(alice: User, tiny: Project, rings: Rings) -> Enrolment:
    enrolment = intake.enrol(alice, tiny)
    rings.clear()
    return enrolment


@pytest.fixture
def door(enrolled: Enrolment, alice: User, log_in: Callable[[User], Client]) -> Client:
    """Alice's browser."""
    return log_in(alice)


def base_of(enrolment: Enrolment, path: str = INGEST) -> str:
    return saving.list_files(open_repository(enrolment))[path].name


def press(door: Client, enrolment: Enrolment, text: str, kind: str = "ingest", **headers: str) -> HttpResponse:
    """Press “Save and check” with this text in ingest."""
    told = {"text": text, "base": base_of(enrolment), "check": kind}
    return door.post(EDIT, told, headers=headers)  # type: ignore[return-value]


def shown(door: Client, address: str = CHECK, **headers: str) -> str:
    return " ".join(door.get(address, headers=headers).content.decode().split())


def test_what_is_saved_is_judged_on_the_practice_world_and_nothing_comes_of_it(
    door: Client, enrolled: Enrolment, rings: Rings
) -> None:
    before = read_standings({enrolled.pk: ["ingest", "clean"]})
    assert "You have had nothing checked here yet." in shown(door)
    answer = press(door, enrolled, RIGHT)
    assert (answer.status_code, answer["Location"]) == (302, f"{CHECK}?file=pipeline/ingest.py")
    rehearsal = Rehearsal.objects.get()
    assert rings == [("rehearse", (rehearsal.pk,))]
    page = shown(door, answer["Location"])
    assert "It waits for a worker." in page
    assert 'hx-trigger="every 2s"' in page
    tasks.rehearse(rehearsal.pk)
    page = shown(door, answer["Location"])
    assert "Holds on your practice world" in page
    assert "Grading uses other draws of the same data, which nobody has seen." in page
    assert "Back to pipeline/ingest.py" in page
    assert "hx-trigger" not in page
    package = open_package(store(), enrolled.project.tree)
    world = find_world(package, draw_for(enrolled, PRACTICE), store())
    assert world
    assert world.digest in page
    assert find_world(package, draw_for(enrolled, 1), store()) is None, "no world that grades was touched"
    for model in (Submission, Run.every.model, RunEvent, AuditLine):
        assert not model.objects.exists()
    assert read_standings({enrolled.pk: ["ingest", "clean"]}) == before
    assert queries.passed_kinds(enrolled) == set()
    assert len(rings) == 1


def test_what_fails_is_told_as_a_submission_tells_it(door: Client, enrolled: Enrolment) -> None:
    short = RIGHT.replace(".splitlines()]", ".splitlines()[1:]]")
    press(door, enrolled, short)
    tasks.rehearse(Rehearsal.objects.get().pk)
    page = shown(door)
    assert "Does not hold on your practice world" in page
    assert "4 numbers came of 5 lines." in page
    assert '<details class="fold" open id="check-every_line_is_there">' in page
    assert "<code>truth/defects.parquet</code> lists every trouble in it" in page
    assert "milepost check ingest" in page
    beside = shown(door, EDIT)
    assert "All answers about your ingest" in beside
    assert "4 numbers came of 5 lines." in beside
    assert "4 numbers came of 5 lines." in shown(door, LIVE)
    press(door, enrolled, "def read():\n    return 1 / 0\n\n\nread()\n")
    assert "hx-get" in shown(door, LIVE)
    tasks.rehearse(Rehearsal.objects.get().pk)
    page = shown(door)
    assert "Your ingest stopped with an error: ZeroDivisionError: division by zero (pipeline/ingest.py, line 2)" in page
    assert "The way there, in your own files" in page
    german = shown(door, CHECK, **{"Accept-Language": "de"})
    assert "Dein ingest brach mit einem Fehler ab: ZeroDivisionError" in german


def test_the_same_files_are_checked_once_and_others_anew(door: Client, enrolled: Enrolment, rings: Rings) -> None:
    for _ in range(3):
        press(door, enrolled, RIGHT)
    pk = Rehearsal.objects.get().pk
    assert rings == [("rehearse", (pk,))], "asked three times while it waits: one job"
    tasks.rehearse(pk)
    press(door, enrolled, RIGHT)
    assert "Holds on your practice world" in shown(door)
    assert len(rings) == 1
    saving.save_file(enrolled, INGEST, base_of(enrolled), RIGHT + "# more\n")
    assert "these answers are about what was saved then" in shown(door)
    door.post(CHECK, {"kind": "ingest"})
    assert "It waits for a worker." in shown(door)
    assert len(rings) == 2
    assert Rehearsal.objects.count() == 1


def test_another_is_not_begun_while_one_is_judged_and_the_text_is_saved_all_the_same(
    door: Client, enrolled: Enrolment, rings: Rings
) -> None:
    press(door, enrolled, RIGHT)
    claimed = rehearsals.claim(Rehearsal.objects.get().pk)
    assert claimed
    rehearsals.note_step(claimed, "ingest", "asking the checks")
    page = shown(door)
    assert "ingest: asking the checks" in page
    [again] = re.findall(r'hx-get="([^"]+)"', page)
    assert door.get(unescape(again)).status_code == 204, "nothing new is nothing to draw"
    rehearsals.note_step(claimed, "ingest", "running your code")
    assert "ingest: running your code" in shown(door, unescape(again))
    answer = press(door, enrolled, "print(2)\n")
    assert answer.status_code == 409
    assert "is being checked at this moment" in answer.content.decode()
    assert (
        saving.read_content(open_repository(enrolled), saving.list_files(open_repository(enrolled))[INGEST]).text
        == "print(2)\n"
    )
    told = press(door, enrolled, "print(3)\n", accept="application/json")
    assert (told.status_code, told.json()["code"]) == (409, "being-checked")  # type: ignore[attr-defined]
    assert told.json()["base"] == base_of(enrolled)  # type: ignore[attr-defined]
    assert "is being checked at this moment" in door.post(CHECK, {"kind": "ingest"}, follow=True).content.decode()
    assert Rehearsal.objects.get().tree == claimed.tree
    assert len(rings) == 1


def test_what_holds_is_handed_in_from_there(door: Client, enrolled: Enrolment) -> None:
    press(door, enrolled, RIGHT)
    assert 'name="hand_in"' not in shown(door)
    tasks.rehearse(Rehearsal.objects.get().pk)
    assert 'name="hand_in" value="ingest"' in shown(door)
    answer = door.post(CHECK, {"hand_in": "ingest"})
    submission = Submission.objects.get()
    assert answer["Location"] == f"/submissions/{submission.pk}/"
    assert (submission.tree, submission.via) == (Rehearsal.objects.get().tree, "editor")
    assert submission.runs.get().draw == 1, "a pass on the practice world is none"
    assert door.post(CHECK, {"hand_in": "clean", "file": INGEST}).status_code == 409


def test_what_is_locked_unknown_or_not_saved_is_not_checked(door: Client, enrolled: Enrolment, rings: Rings) -> None:
    locked = press(door, enrolled, RIGHT, "clean")
    assert locked.status_code == 409
    assert "clean is locked: it opens when ingest has passed." in locked.content.decode()
    for kind, told in (("nonsense", "There is no milestone"), ("", "There is no milestone"), ("clean", "is locked")):
        assert told in door.post(CHECK, {"kind": kind}, follow=True).content.decode()
    stale = door.post(EDIT, {"text": "print(9)\n", "base": "0" * 40, "check": "ingest"})
    assert stale.status_code == 409
    assert not Rehearsal.objects.exists()
    assert not rings


def test_earlier_milestones_are_judged_as_the_line_does_and_what_is_lent_is_respected(
    door: Client, enrolled: Enrolment, alice: User, dana: User
) -> None:
    helping.permit(dana, [alice], "tiny", "ingest", "loan")
    loan = helping.lend(enrolled, "ingest")
    saving.save_file(enrolled, CLEAN, "", (REFERENCE / CLEAN).read_text())
    door.post(CHECK, {"kind": "clean"})
    tasks.rehearse(Rehearsal.objects.get().pk)
    page = shown(door)
    assert "Holds on your practice world" in page
    assert "Not judged: the reference stands in for it." in page
    helping.take_back(enrolled, loan.kind)
    assert "these answers are about what was saved then" in shown(door), "what was lent is not any more"


def test_a_regression_is_named(
    door: Client, enrolled: Enrolment, conclude: Callable[..., None], passed_ingest: object
) -> None:
    saving.save_file(enrolled, INGEST, base_of(enrolled), RIGHT)
    conclude(intake.submit_saved(enrolled, "ingest"), passed_ingest)
    press(door, enrolled, "1 / 0\n", "clean")
    tasks.rehearse(Rehearsal.objects.get().pk)
    page = shown(door)
    assert "Your ingest, which clean builds on, does not hold on this world" in page
    assert "Mend ingest</a>, then check <strong>clean</strong> again." in page


def test_our_fault_is_said_as_ours_and_can_be_asked_again(door: Client, enrolled: Enrolment, rings: Rings) -> None:
    press(door, enrolled, RIGHT)
    pk = Rehearsal.objects.get().pk
    fault = void(Job("p" * 64, "ingest", "t" * 64, Draw(1, 1, "plain")), "a secret path")
    for again in (True, True, False):
        claimed = rehearsals.claim(pk)
        assert claimed
        assert rehearsals.record(claimed, fault) is again
    page = shown(door)
    assert "Not checked: our fault" in page
    assert "Something went wrong on our side." in page
    assert "a secret path" not in page
    door.post(CHECK, {"kind": "ingest"})
    assert len(rings) == 2
    tasks.rehearse(pk)
    assert "Holds on your practice world" in shown(door)


def test_nobody_elses_check_is_shown(
    door: Client, enrolled: Enrolment, bob: User, charlie: User, tiny: Project, log_in: Callable[[User], Client]
) -> None:
    press(door, enrolled, "1 / 0\n")
    tasks.rehearse(Rehearsal.objects.get().pk)
    intake.enrol(bob, tiny)
    assert "You have had nothing checked here yet." in shown(log_in(bob))
    assert "ZeroDivisionError" not in shown(log_in(bob), LIVE)
    for address in (CHECK, LIVE):
        assert log_in(charlie).get(address).status_code == 404


def test_the_pages_cost_the_same_queries_however_much_was_handed_in(door: Client, enrolled: Enrolment) -> None:
    press(door, enrolled, RIGHT)

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            shown(door, address)
        return len(asked)

    assert count(LIVE) <= 4, "asked for every other second"
    tasks.rehearse(Rehearsal.objects.get().pk)
    addresses = (CHECK, LIVE, EDIT)
    before = [count(address) for address in addresses]
    for number in range(4):
        intake.submit(enrolled, "ingest", {"main.py": str(number).encode()}, "web")
    assert [count(address) for address in addresses] == before
