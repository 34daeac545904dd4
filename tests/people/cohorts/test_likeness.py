"""Likeness at the door: what is compared and found, who may ask and look, what it says, and what it costs."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Project
from grading.verdict import MilestoneVerdict, Outcome, Verdict
from people.accounts.models import User
from people.cohorts import tasks
from people.cohorts.models import Cohort, Likeness, Membership, Role
from people.learners import intake, sharing
from people.learners.comparing import MOST_FILES
from people.learners.facilities import store
from people.learners.models import Run, Submission

LogIn = Callable[[User], Client]
HOME = "/cohorts/autumn/likeness/"
PROJECTS = Path(__file__).parents[3] / "projects"
ONE, OTHER = (
    (PROJECTS / "chargeback-watch" / "alternatives" / name / "pipeline" / "clean.py").read_text()
    for name in ("plain-python", "polars-and-bare-wsgi")
)
# Of nine that were written for other tasks, and long enough to tell, each is handed in by two.
TWICE = sorted((path.read_text() for path in PROJECTS.glob("*/alternatives/*/pipeline/[fms]*.py")), key=len)[-9:]


@pytest.fixture(autouse=True)
def asked(rings: list[object], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows for which a worker was called; none comes by itself."""
    heard: list[int] = []
    monkeypatch.setattr("people.cohorts.tasks.compare.delay", heard.append)
    return heard


@pytest.fixture
def hand_in(tiny: Project) -> Callable[..., Submission]:
    def send(user: User, text: str, kind: str = "ingest", **more: str) -> Submission:
        files = {"main.py": text.encode(), **{f"{name}.py": other.encode() for name, other in more.items()}}
        return intake.submit(intake.enrol(user, tiny), kind, files, "web").submission

    return send


@pytest.fixture
def compare(
    log_in: LogIn, dana: User, autumn: Cohort, asked: list[int], django_capture_on_commit_callbacks: Any
) -> Callable[[], str]:
    """Dana asks, the worker compares, and Dana is shown this."""

    def play() -> str:
        client = log_in(dana)
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(HOME, {"milestone": "tiny/ingest"}).status_code == 302
        tasks.compare(asked.pop())
        return str(client.get(HOME + "?milestone=tiny/ingest").content.decode())

    return play


def disguise(text: str) -> str:
    for word in ("row", "rows", "line", "value", "found"):
        text = text.replace(word, f"my_{word}")
    return "\n\n\n".join(reversed(text.split("\n\n\n"))).replace("\n    return", "\n    # here\n\n    return")


def test_a_copy_is_listed_and_shown_beside_its_twin(
    log_in: LogIn,
    alice: User,
    bob: User,
    dana: User,
    charlie: User,
    autumn: Cohort,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
) -> None:
    Membership.objects.create(cohort=autumn, user=charlie, role=Role.LEARNER)
    first, second = hand_in(alice, ONE), hand_in(bob, disguise(ONE))
    hand_in(charlie, OTHER)
    shown = compare()
    assert "3 submissions were compared" in shown
    assert "Alice and Bob" in shown
    assert "Charlie" not in shown
    assert "from 40 % of the smaller one" in shown
    row = Likeness.objects.get()
    (pair,) = row.report["pairs"]
    assert pair["share"] > 0.9
    page = log_in(dana).get(f"{HOME}{first.pk}/{second.pk}/").content.decode()
    assert "people who learn together write alike" in page
    assert page.count("<mark>") > 100
    assert "my_row" in page
    assert list(autumn.lines.values_list("verb", "place", "actor__username")) == [("compared", "tiny/ingest", "dana")]
    assert log_in(dana).get(f"{HOME}{second.pk}/{first.pk}/").status_code == 404


def test_what_everybody_was_given_counts_for_nobody(
    alice: User, bob: User, hand_in: Callable[..., Submission], compare: Callable[[], str], tiny: Project
) -> None:
    given = ONE.encode()
    Project.objects.filter(pk=tiny.pk).update(starter=store().put_files({"elsewhere.py": given}))
    hand_in(alice, ONE), hand_in(bob, ONE)
    shown = compare()
    assert "No two share so much" in shown
    assert "2 have too little code of their own" in shown


def test_the_reference_counts_for_nobody_either(
    alice: User, bob: User, hand_in: Callable[..., Submission], compare: Callable[[], str], tiny: Project
) -> None:
    held = {one.path: store().read(tiny.tree, one.path) for one in store().entries(tiny.tree)}
    tree = store().put_files({**held, "reference/more.py": ONE.encode()})
    Project.objects.filter(pk=tiny.pk).update(tree=tree)
    hand_in(alice, ONE), hand_in(bob, ONE)
    assert "No two share so much" in compare()


def test_what_more_than_a_third_has_is_common_but_not_in_a_small_cohort(
    make_user: Callable[[str], User],
    alice: User,
    bob: User,
    autumn: Cohort,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
) -> None:
    hand_in(alice, ONE), hand_in(bob, ONE)
    assert "Alice and Bob" in compare()
    for number in range(3):
        user = make_user(f"learner{number}")
        Membership.objects.create(cohort=autumn, user=user, role=Role.LEARNER)
        hand_in(user, ONE)
    assert "No two share so much" in compare()


def test_of_each_the_newest_pass_is_taken_and_a_team_is_one(
    alice: User,
    bob: User,
    charlie: User,
    autumn: Cohort,
    tiny: Project,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
    conclude: Callable[[Run, Verdict], None],
    passed_ingest: Verdict,
) -> None:
    Membership.objects.create(cohort=autumn, user=charlie, role=Role.LEARNER)
    sharing.form_team([alice, bob], tiny, "Blue")
    passed = hand_in(alice, ONE)
    conclude(passed.runs.get(), passed_ingest)
    hand_in(bob, OTHER)
    hand_in(charlie, OTHER)
    assert "Blue" not in compare(), "what passed is another text than Charlie's"
    hand_in(charlie, ONE)
    shown = compare()
    assert "Blue and Charlie" in shown
    assert "2 submissions were compared" in shown


def test_equal_artefacts_from_different_data_are_told(
    alice: User,
    bob: User,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
    conclude: Callable[[Run, Verdict], None],
) -> None:
    artefact, empty = store().put_files({"lines.txt": b"1\n"}), store().put_files({"lines.txt": b""})
    for user, text in ((alice, ONE), (bob, OTHER)):
        link = MilestoneVerdict("ingest", Outcome.FAILED, "No.", artefact=artefact)
        digests = {"world": user.username}
        conclude(hand_in(user, text).runs.get(), Verdict("ingest", Outcome.FAILED, "No.", (link,), digests=digests))
    shown = compare()
    assert "The same files from different data" in shown
    assert shown.index("Alice</a>, ") < shown.index("Bob</a>")
    Run.objects.update(digests={"world": "one"})
    assert "The same files" not in compare(), "they had the same data"
    for run, world in zip(Run.objects.all(), "ab", strict=True):
        Run.objects.filter(pk=run.pk).update(digests={"world": world})
        run.judgements.update(artefact=empty)
    assert "The same files" not in compare(), "nothing is always the same"


def test_what_is_not_read_is_named_and_hurts_nobody_else(
    alice: User, bob: User, hand_in: Callable[..., Submission], compare: Callable[[], str]
) -> None:
    hand_in(alice, ONE, torn="x = '''", **{f"a{number}": "x = 1" for number in range(MOST_FILES)})
    hand_in(bob, ONE, deep="(" * 900)
    shown = compare()
    assert "<code>torn.py</code>" in shown
    assert "<code>deep.py</code>" in shown
    assert "beyond what we read of one submission" in shown
    assert "No two share" in shown, "main.py of Alice comes after the files that were read"


def test_a_stranger_s_text_is_shown_as_text(
    log_in: LogIn, dana: User, alice: User, bob: User, hand_in: Callable[..., Submission], compare: Callable[[], str]
) -> None:
    text = "# <script>alert(1)</script>\x1b[31m\n" + ONE.replace("):\n", "):  # <b>\n")
    first, second = hand_in(alice, text), hand_in(bob, text)
    compare()
    page = log_in(dana).get(f"{HOME}{first.pk}/{second.pk}/").content.decode()
    assert "# &lt;b&gt;" in page
    assert "<b>" not in page
    assert "\x1b" not in page


def test_only_who_leads_learners_asks_and_looks(
    log_in: LogIn,
    alice: User,
    bob: User,
    charlie: User,
    erin: User,
    autumn: Cohort,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
    asked: list[int],
) -> None:
    first, second = hand_in(alice, ONE), hand_in(bob, ONE)
    compare()
    Membership.objects.create(cohort=autumn, user=erin, role=Role.ASSISTANT)
    for user, status in ((alice, 404), (charlie, 404), (erin, 403)):
        client = log_in(user)
        assert client.get(HOME).status_code == status
        assert client.post(HOME, {"milestone": "tiny/ingest"}).status_code == status
        assert client.get(f"{HOME}{first.pk}/{second.pk}/").status_code == status
    assert (asked, autumn.lines.count()) == ([], 1)
    assert "Likeness" not in log_in(erin).get("/cohorts/autumn/").content.decode()


def test_who_left_the_cohort_is_in_no_report_any_longer(
    log_in: LogIn,
    dana: User,
    alice: User,
    bob: User,
    autumn: Cohort,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
) -> None:
    first, second = hand_in(alice, ONE), hand_in(bob, ONE)
    assert "Alice and Bob" in compare()
    Membership.objects.filter(user=bob).delete()
    client = log_in(dana)
    assert "Bob" not in client.get(HOME).content.decode()
    assert client.get(f"{HOME}{first.pk}/{second.pk}/").status_code == 404


def test_a_milestone_that_is_none_of_theirs_is_refused(
    log_in: LogIn, dana: User, autumn: Cohort, asked: list[int]
) -> None:
    refused = log_in(dana).post(HOME, {"milestone": "tiny/none"})
    assert refused.status_code == 400
    assert "Choose one of this cohort" in refused.content.decode()
    assert (asked, Likeness.objects.count()) == ([], 0)


def test_what_is_being_compared_is_not_asked_for_twice_until_a_worker_has_died_over_it(
    log_in: LogIn, dana: User, autumn: Cohort, asked: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    client = log_in(dana)

    def ask() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            client.post(HOME, {"milestone": "tiny/ingest"})

    ask()
    ask()
    assert len(asked) == autumn.lines.count() == 1
    assert "hx-trigger" in client.get(HOME).content.decode()
    Likeness.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    assert "never came to an end" in client.get(HOME).content.decode()
    tasks.hand_on()
    assert asked[0] == asked.pop(), "a worker is called again, whoever looks"
    ask()
    assert len(asked) == autumn.lines.count() == 2


def test_a_task_that_runs_twice_reports_the_same_and_reads_nothing_again(
    alice: User,
    bob: User,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hand_in(alice, ONE), hand_in(bob, ONE)
    compare()
    before = Likeness.objects.get()
    monkeypatch.setattr("people.cohorts.comparing.report", lambda *_: pytest.fail("nothing has changed"))
    Likeness.objects.update(finished_at=None)
    tasks.compare(before.pk)
    after = Likeness.objects.get()
    assert (after.report, after.inputs) == (before.report, before.inputs)


def test_test_learners_are_not_compared(
    alice: User, bob: User, hand_in: Callable[..., Submission], compare: Callable[[], str]
) -> None:
    Membership.objects.filter(user=bob).update(is_test=True)
    hand_in(alice, ONE), hand_in(bob, ONE)
    assert "1 submission was compared" in compare()


def test_the_page_takes_as_many_queries_for_twenty_as_for_two(
    log_in: LogIn,
    make_user: Callable[[str], User],
    dana: User,
    alice: User,
    bob: User,
    autumn: Cohort,
    hand_in: Callable[..., Submission],
    compare: Callable[[], str],
) -> None:
    client = log_in(dana)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(HOME).status_code == 200
        return len(queries)

    hand_in(alice, ONE), hand_in(bob, ONE)
    compare()
    few = count()
    for number in range(18):
        user = make_user(f"learner{number}")
        Membership.objects.create(cohort=autumn, user=user, role=Role.LEARNER)
        hand_in(user, TWICE[number // 2])
    compare()
    assert len(Likeness.objects.get().report["pairs"]) >= 9
    assert count() == few
