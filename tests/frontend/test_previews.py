"""The pages on practice data and what code makes of them: a worker looks, and nothing that grades is shown."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.translation import override

from curriculum.models import Project
from frontend.templatetags.milepost import glimpsed
from frontend.words import GLIMPSES
from grading.facilities import open_package
from grading.kit.opening import _MAGIC as MAGIC
from grading.kit.opening import describe_bytes
from grading.world import find_world
from people.accounts.models import User
from people.learners import intake, saving, tasks
from people.learners.draws import PRACTICE, draw_for
from people.learners.facilities import store
from people.learners.models import Enrolment
from people.learners.repositories import open_repository

DATA, MADE = "/projects/tiny/data/", "/projects/tiny/data/made/"
WRITES_A_TABLE = """
import argparse, json, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--raw"), parser.add_argument("--out")
asked = parser.parse_args()
numbers = pathlib.Path(asked.raw, "numbers.txt").read_text().split()
rows = [{"number": number, "says": "<script>alert(1)</script>"} for number in numbers]
pathlib.Path(asked.out, "numbers.json").write_text(json.dumps(rows))
"""


@pytest.fixture
def enrolled(alice: User, tiny: Project, rings: list[object]) -> Enrolment:
    cache.clear()
    enrolment = intake.enrol(alice, tiny)
    rings.clear()
    return enrolment


@pytest.fixture
def door(enrolled: Enrolment, alice: User) -> Client:
    """Alice's browser."""
    client = Client()
    client.force_login(alice)
    return client


def save(enrolment: Enrolment, text: str) -> None:
    path = "pipeline/ingest.py"
    saving.save_file(enrolment, path, saving.list_files(open_repository(enrolment))[path].name, text)


def test_the_practice_data_are_looked_at_once_and_then_shown(
    door: Client, enrolled: Enrolment, rings: list[object]
) -> None:
    for _ in range(3):
        page = door.get(DATA).content.decode()
        assert "Your data are being looked at" in page
        assert 'hx-trigger="every 2s"' in page
    assert rings == [("look_at_world", (enrolled.pk,))]
    tasks.look_at_world(enrolled.pk)
    page = door.get(DATA).content.decode()
    assert "numbers.txt" in page
    assert "api/extra.json" in page
    assert "hx-trigger" not in page
    assert "truth" not in page
    assert '<span class="small soft">Text ·' in door.get(DATA, headers={"Accept-Language": "de"}).content.decode()
    assert len(rings) == 1


def test_what_code_makes_is_made_of_the_practice_world_and_of_no_other(
    door: Client, enrolled: Enrolment, rings: list[object]
) -> None:
    assert "Once you have handed in" in door.get(MADE).content.decode()
    assert rings == []
    save(enrolled, WRITES_A_TABLE)
    run = intake.submit_saved(enrolled, "ingest")
    assert "Your code is being run on your practice world" in door.get(MADE).content.decode()
    assert rings[-1] == ("look_at_work", (run.submission_id,))
    tasks.look_at_work(run.submission_id)
    page = door.get(MADE).content.decode()
    assert "numbers.json" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    package = open_package(store(), enrolled.project.tree)
    assert find_world(package, draw_for(enrolled, PRACTICE), store())
    assert find_world(package, draw_for(enrolled, run.draw), store()) is None, "no world that grades was touched"


def test_code_that_stops_is_told_where(door: Client, enrolled: Enrolment) -> None:
    save(enrolled, "1 / 0\n")
    tasks.look_at_work(intake.submit_saved(enrolled, "ingest").submission_id)
    page = door.get(MADE).content.decode()
    assert "Your ingest stopped with an error: ZeroDivisionError: division by zero" in page
    assert "numbers.json" not in page
    german = door.get(MADE, headers={"Accept-Language": "de"}).content.decode()
    assert "Dein ingest brach mit einem Fehler ab: ZeroDivisionError" in german


@pytest.mark.parametrize(
    ("noted", "told"),
    [
        ("whole number", "ganze Zahl"),
        ("int64", "int64"),
        ("CSV, parted by ;", "CSV, getrennt durch ;"),
        ("not readable as csv: text", "als csv nicht lesbar: text"),
    ],
)
def test_what_a_preview_notes_is_told_in_german_and_names_stay(noted: str, told: str) -> None:
    assert glimpsed(noted) == noted
    with override("de"):
        assert glimpsed(noted) == told


def test_whatever_bytes_can_be_called_has_a_word_in_the_catalogue() -> None:
    named = {describe_bytes(start) for start, _ in MAGIC}
    named |= {describe_bytes(start) for start in (b"\x80\x04", b"\xff\xfe", b"<html", b"{", b"a,b", b"a")}
    assert len(named) == len(MAGIC) + 6
    assert named <= set(GLIMPSES)
