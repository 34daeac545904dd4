"""The browser editor at the door, without JavaScript and as its script asks: files, saves, conflicts, differences."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.learners import intake, saving
from people.learners.git import run_git
from people.learners.models import Enrolment, Run, Submission
from people.learners.refusals import Refusal
from people.learners.repositories import open_repository, read_head

LogIn = Callable[[User], Client]
INGEST = "pipeline/ingest.py"
EDIT = f"/projects/tiny/edit/{INGEST}"
PRIVATE = ("edit/", f"edit/{INGEST}", "changes/", "data/", "data/made/")
STEPS = ("files/create/", "files/move/", "files/remove/")


@pytest.fixture(autouse=True)
def _nobody_works(rings: list[object]) -> None:
    """No worker is rung for in these tests."""


@pytest.fixture
def enrolled(alice: User, tiny: Project) -> Enrolment:
    return intake.enrol(alice, tiny)


@pytest.fixture
def door(enrolled: Enrolment, alice: User, log_in: LogIn) -> Client:
    """Alice's browser."""
    return log_in(alice)


def base_of(enrolment: Enrolment, path: str = INGEST) -> str:
    return saving.list_files(open_repository(enrolment))[path].name


def kept(enrolment: Enrolment, path: str = INGEST) -> bytes:
    return run_git(open_repository(enrolment), "show", f"main:{path}")


def log_of(enrolment: Enrolment) -> list[str]:
    return run_git(open_repository(enrolment), "log", "--format=%an: %s", "main").decode().splitlines()


def shown(answer: object) -> str:
    assert isinstance(answer, HttpResponse)
    return answer.content.decode()


def test_the_editor_is_for_its_learner_only(
    enrolled: Enrolment, bob: User, charlie: User, log_in: LogIn, tiny: Project
) -> None:
    intake.enrol(bob, tiny)
    saving.save_file(enrolled, "mine.py", "", "alices = 1\n")
    for path in PRIVATE:
        asked = Client().get(f"/projects/tiny/{path}")
        assert (asked.status_code, asked["Location"]) == (302, f"/accounts/login/?next=/projects/tiny/{path}")
        assert log_in(charlie).get(f"/projects/tiny/{path}").status_code == 404
    for path in STEPS:
        assert log_in(charlie).post(f"/projects/tiny/{path}").status_code == 404
        assert log_in(bob).get(f"/projects/tiny/{path}").status_code == 405
    assert log_in(charlie).post(EDIT, {"text": "1"}).status_code == 404
    assert "mine.py" not in shown(log_in(bob).get(EDIT))
    assert log_in(bob).get("/projects/tiny/edit/mine.py").status_code == 404


def test_it_opens_where_the_next_milestone_begins(door: Client, enrolled: Enrolment) -> None:
    assert door.get("/projects/tiny/edit/")["Location"] == EDIT
    page = shown(door.get(EDIT))
    assert kept(enrolled).decode().split("\n")[0].replace('"', "&quot;") in page
    assert "Save and hand in ingest" in page
    assert "milepost check ingest" in page
    assert 'aria-current="page">ingest.py' in page


def test_a_save_is_a_commit_of_the_learners_own(door: Client, enrolled: Enrolment) -> None:
    sent = {"text": "print(5)\r\nprint(6)\r\n", "base": base_of(enrolled)}
    answer = door.post(EDIT, sent)
    assert (answer.status_code, answer["Location"]) == (302, EDIT)
    assert kept(enrolled) == b"print(5)\nprint(6)\n", "a form's line ends are not the file's"
    assert log_of(enrolled)[0] == "Alice: Save pipeline/ingest.py"
    assert "Saved." in shown(door.get(EDIT))
    assert Submission.objects.count() == 0
    again = {**sent, "base": base_of(enrolled)}
    assert door.post(EDIT, again).status_code == 302
    assert len(log_of(enrolled)) == 2, "what changes nothing is no commit"


def test_a_file_keeps_its_line_ends_and_that_it_may_be_run(door: Client, enrolled: Enrolment) -> None:
    repository = open_repository(enrolled)
    name = saving.keep_blob(repository, b"one\r\ntwo\r\n")
    entry = saving.Entry("100755", "blob", name, 10, "run.py")
    saving.advance(repository, saving.write_change(repository, {"run.py": entry}, ("A", "a@b"), "x"))
    door.post("/projects/tiny/edit/run.py", {"text": "one\r\nthree\r\n", "base": name})
    assert kept(enrolled, "run.py") == b"one\r\nthree\r\n"
    assert saving.list_files(repository)["run.py"].mode == "100755"


def test_the_script_is_answered_in_its_own_words(door: Client, enrolled: Enrolment) -> None:
    asked = {"headers": {"Accept": "application/json"}}
    base = base_of(enrolled)
    told = door.post(EDIT, {"text": "print(5)\n", "base": base}, **asked)
    assert (told.status_code, told.json()) == (200, {"base": base_of(enrolled)})
    late = door.post(EDIT, {"text": "print(6)\n", "base": base}, **asked)
    assert (late.status_code, late.json()["code"]) == (409, "changed-meanwhile")
    assert kept(enrolled) == b"print(5)\n"


def test_the_second_of_two_tabs_is_told_and_nothing_is_lost(door: Client, enrolled: Enrolment) -> None:
    base = base_of(enrolled)
    door.post(EDIT, {"text": "first = 1\nboth = 2\n", "base": base})
    objects = run_git(open_repository(enrolled), "count-objects")
    answer = door.post(EDIT, {"text": "second = 1\r\nboth = 2\r\n<b>", "base": base})
    page = shown(answer)
    assert answer.status_code == 409
    assert "Not saved: there are two versions now." in page
    assert '<tr class="removed"><td class="number">1</td><td class="number"></td>' in page
    assert '<span class="unseen">taken out</span></td><td class="text"><del>first = 1</del></td>' in page
    assert '<span class="unseen">added</span></td><td class="text"><ins>second = 1</ins></td>' in page
    assert '<td class="text">both = 2</td>' in page
    assert page.count('<tr class="removed">') == 1, "line ends are no difference"
    assert "second = 1\nboth = 2\n&lt;b&gt;</textarea>" in page.replace("\r\n", "\n")
    assert f'name="base" value="{base_of(enrolled)}"' in page, "looked at, it may be kept"
    assert run_git(open_repository(enrolled), "count-objects") == objects, "what was not saved is not kept here"
    assert kept(enrolled) == b"first = 1\nboth = 2\n"
    assert door.post(EDIT, {"text": "second = 1\n", "base": base_of(enrolled)}).status_code == 302
    assert kept(enrolled) == b"second = 1\n"
    assert "first = 1" in run_git(open_repository(enrolled), "show", "main~1:pipeline/ingest.py").decode()


def test_of_saves_at_the_same_moment_one_is_kept_and_the_others_are_told(enrolled: Enrolment) -> None:
    base = base_of(enrolled)

    def save(number: int) -> int:
        try:
            saving.save_file(enrolled, INGEST, base, f"number = {number}\n")
        except Refusal as refusal:
            return refusal.status
        return 200

    with ThreadPoolExecutor(4) as many:
        assert sorted(many.map(save, range(4))) == [200, 409, 409, 409]
    assert len(log_of(enrolled)) == 2


def test_a_push_or_an_upload_meanwhile_counts_as_another_version(door: Client, enrolled: Enrolment) -> None:
    base = base_of(enrolled)
    intake.submit(enrolled, "ingest", {"main.py": b"uploaded = 1\n"}, "web")
    answer = door.post(EDIT, {"text": "mine = 1\n", "base": base})
    assert answer.status_code == 409
    assert "no longer there" in shown(answer)
    assert "mine = 1\n</textarea>" in shown(answer)
    assert door.post(EDIT, {"text": "mine = 1\n", "base": ""}).status_code == 302
    assert (kept(enrolled), kept(enrolled, "main.py")) == (b"mine = 1\n", b"uploaded = 1\n")


def test_files_come_move_and_go(door: Client, enrolled: Enrolment) -> None:
    made = door.post("/projects/tiny/files/create/", {"path": " ./pipeline//new é.py "})
    assert made["Location"] == "/projects/tiny/edit/pipeline/new%20%C3%A9.py"
    path = "pipeline/new é.py"
    door.post(made["Location"], {"text": "\nprint(5)\n", "base": base_of(enrolled, path)})
    assert ">\n\nprint(5)\n</textarea>" in shown(door.get(made["Location"])), (
        "the first line end is the browser's to eat"
    )
    moved = {"path": path, "base": base_of(enrolled, path), "to": "new/place.py"}
    assert door.post("/projects/tiny/files/move/", moved)["Location"] == "/projects/tiny/edit/new/place.py"
    assert kept(enrolled, "new/place.py") == b"\nprint(5)\n"
    gone = {"path": "new/place.py", "base": base_of(enrolled, "new/place.py")}
    assert "is removed. Your earlier commits keep it." in shown(
        door.post("/projects/tiny/files/remove/", gone, follow=True)
    )
    assert log_of(enrolled)[:4] == [
        "Alice: Remove new/place.py",
        f"Alice: Rename {path} to new/place.py",
        f"Alice: Save {path}",
        f"Alice: Add {path}",
    ]
    assert door.get("/projects/tiny/edit/new/place.py").status_code == 404


@pytest.mark.parametrize("step", STEPS[1:])
def test_what_is_not_there_is_neither_moved_nor_removed(step: str, door: Client, enrolled: Enrolment) -> None:
    before = log_of(enrolled)
    answer = door.post(f"/projects/tiny/{step}", {"path": "no.py", "to": "other.py"})
    assert answer.status_code == 409
    assert "no.py is no longer there" in shown(answer)
    assert log_of(enrolled) == before


def test_who_has_no_attempt_left_is_told_when_the_next_one_comes(
    door: Client, enrolled: Enrolment, settings: object
) -> None:
    settings.MILEPOST_ATTEMPTS = 1  # type: ignore[attr-defined]
    intake.submit(enrolled, "ingest", {"main.py": b"1"}, "web")
    Run.objects.update(state="running", token=enrolled.key, lease_until=enrolled.started_at)
    body = {"text": "print(6)", "base": base_of(enrolled, "main.py"), "hand_in": "ingest"}
    answer = door.post("/projects/tiny/edit/main.py", body)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 20 * 60
    assert kept(enrolled, "main.py") == b"print(6)"


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("../out.py", 400, "points outside the folder"),
        ("a\x1b.py", 400, "holds characters that we do not take"),
        (".git/config", 400, "lies in a folder that git keeps for itself"),
        ("/".join("abcdefghijklmn") + ".py", 400, "is nested deeper than 12 folders"),
        ("data/raw.csv", 400, "would be left out when you hand in"),
        (INGEST, 409, "There is a file pipeline/ingest.py already."),
        ("pipeline/ingest.py/inner.py", 400, "lies below a file of the same name"),
    ],
)
def test_a_name_that_is_not_taken_is_told_why(
    path: str, status: int, sentence: str, door: Client, enrolled: Enrolment
) -> None:
    head = read_head(open_repository(enrolled))
    answer = door.post("/projects/tiny/files/create/", {"path": path, "from": INGEST})
    assert answer.status_code == status
    assert sentence in shown(answer)
    assert 'id="new-path"' in shown(answer)
    other = "pipeline/__init__.py"
    moved = {"path": other, "base": base_of(enrolled, other), "to": path}
    answer = door.post("/projects/tiny/files/move/", moved)
    assert (answer.status_code, sentence in shown(answer)) == (status, True)
    assert path.replace("\x1b", "&") in shown(answer).replace("\x1b", "&"), "what was typed is still there"
    assert read_head(open_repository(enrolled)) == head


def test_a_save_is_held_to_the_limits_of_every_tree(
    door: Client, enrolled: Enrolment, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MILEPOST_TREE_MB = 1  # type: ignore[attr-defined]
    head = read_head(open_repository(enrolled))
    answer = door.post(EDIT, {"text": "a" * (2**20 + 1), "base": base_of(enrolled)})
    assert (answer.status_code, "is larger than 1 MB" in shown(answer)) == (413, True)
    answer = door.post("/projects/tiny/edit/other.py", {"text": "a" * 2**20, "base": ""})
    assert (answer.status_code, "together would be larger than 1 MB" in shown(answer)) == (413, True)
    monkeypatch.setattr(saving, "MAX_FILES", 2)
    answer = door.post("/projects/tiny/files/create/", {"path": "third.py"})
    assert (answer.status_code, "3 files or more" in shown(answer)) == (413, True)
    saving.remove_file(enrolled, "pipeline/__init__.py", base_of(enrolled, "pipeline/__init__.py"))
    answer = door.post("/projects/tiny/files/remove/", {"path": INGEST, "base": base_of(enrolled)})
    assert (answer.status_code, "No Python file would be left" in shown(answer)) == (400, True)
    assert run_git(open_repository(enrolled), "rev-parse", "main~1").decode().strip() == head


def test_what_is_no_text_is_said_so_and_can_still_be_moved(door: Client, enrolled: Enrolment) -> None:
    for number, content in enumerate((b"\xff\xfe", b"a\0b", b"a\rb\n", b"a" * (saving.MOST_TEXT_BYTES + 1))):
        files = {"main.py": b"1", "odd.bin": content}
        intake.submit(enrolled, "ingest", files, "web")
        page = shown(door.get("/projects/tiny/edit/odd.bin"))
        assert "is not text that can be changed in a page" in page
        assert "<textarea" not in page
        moved = {"path": "odd.bin", "base": base_of(enrolled, "odd.bin"), "to": f"odd-{number}.bin"}
        assert door.post("/projects/tiny/files/move/", moved).status_code == 302
        assert kept(enrolled, f"odd-{number}.bin") == content


def test_hand_in_saves_first_and_leads_to_the_live_page(door: Client, enrolled: Enrolment) -> None:
    sent = {"text": "print(7)\n", "base": base_of(enrolled), "hand_in": "ingest"}
    landed = door.post(EDIT, sent, follow=True)
    [submission] = Submission.objects.all()
    assert landed.redirect_chain[-1][0] == f"/submissions/{submission.pk}/"
    assert (submission.via, submission.commit) == ("editor", read_head(open_repository(enrolled)))
    assert "browser editor" in shown(landed)
    again = door.post(EDIT, {**sent, "base": base_of(enrolled)})
    assert again["Location"] == f"/submissions/{submission.pk}/", "the same files are judged once"
    assert "You have handed in these very files before" in shown(door.get(again["Location"]))
    assert Run.objects.count() == 1


def test_a_locked_milestone_is_refused_after_the_save(door: Client, enrolled: Enrolment) -> None:
    answer = door.post(EDIT, {"text": "print(7)\n", "base": base_of(enrolled), "hand_in": "clean"})
    assert answer.status_code == 409
    assert "clean is locked: it opens when ingest has passed." in shown(answer)
    assert kept(enrolled) == b"print(7)\n"
    assert Submission.objects.count() == 0


def test_what_changed_is_shown_line_by_line_and_escaped(
    door: Client, enrolled: Enrolment, conclude: Callable[[Run, Verdict], None], passed_ingest: Verdict
) -> None:
    assert "Nothing: every file is the same." in shown(door.get("/projects/tiny/changes/"))
    saving.save_file(enrolled, 'a b/q"é.py', "", "x = '<script>'\n")
    conclude(intake.submit_saved(enrolled, "ingest"), passed_ingest)
    saving.save_file(enrolled, "later.py", "", "later = 1\n")
    starter = shown(door.get("/projects/tiny/changes/"))
    assert "x = &#x27;&lt;script&gt;&#x27;" in starter
    assert "a b/q&quot;é.py" in starter
    assert "later = 1" in starter
    since = shown(door.get("/projects/tiny/changes/?since=submission"))
    assert "Between submission 1 (ingest) and what you saved last." in since
    assert ("later = 1" in since, "script&gt;" in since) == (True, False)
    saving.move_file(enrolled, "later.py", base_of(enrolled, "later.py"), "moved.py")
    assert "was later.py" not in shown(door.get("/projects/tiny/changes/")), "new since the starter"
    intake.submit_saved(enrolled, "clean")
    saving.move_file(enrolled, "moved.py", base_of(enrolled, "moved.py"), "later.py")
    assert "was moved.py" in shown(door.get("/projects/tiny/changes/?since=submission"))
    intake.submit(enrolled, "clean", {"main.py": b"1", "blob.bin": b"\0\1"}, "web")
    page = shown(door.get("/projects/tiny/changes/"))
    assert "Not text, so there are no lines to show." in page
    assert "removed" in page


def test_more_than_a_page_can_show_is_cut_and_said(door: Client, enrolled: Enrolment) -> None:
    for name, text in (("rows.py", "x = 1\n" * 12_000), ("bytes.py", "x" * 500_000)):
        saved = saving.save_file(enrolled, name, "", text)
        page = shown(door.get("/projects/tiny/changes/"))
        assert "more was changed than a page can show" in page
        assert page.count("+") < 12_000
        saving.remove_file(enrolled, name, saved.name)


def test_only_the_editors_page_may_style_what_its_library_draws(door: Client) -> None:
    policy = door.get(EDIT)["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonce = policy.partition("style-src 'self' 'nonce-")[2].partition("'")[0]
    assert f'nonce="{nonce}"' in shown(door.get(EDIT)) or len(nonce) > 20
    assert "nonce" not in door.get("/projects/tiny/changes/")["Content-Security-Policy"]
    assert "editor.js" not in shown(door.get("/projects/tiny/"))


@pytest.mark.parametrize("path", [EDIT, "/projects/tiny/changes/", "/projects/tiny/data/", "/projects/tiny/data/made/"])
def test_pages_ask_the_database_as_often_for_many_as_for_few(path: str, door: Client, enrolled: Enrolment) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert door.get(path).status_code == 200
        return len(asked)

    intake.submit_saved(enrolled, "ingest")
    few = count()
    for number in range(5):
        saving.save_file(enrolled, f"file_{number}.py", "", "1\n")
        intake.submit_saved(enrolled, "ingest")
    assert count() == few <= 16
