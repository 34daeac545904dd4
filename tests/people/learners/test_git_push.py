"""Handing in by `git push`: real git, a live server, and a worker that is played while the push waits."""

import os
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.learners import following, git_api, intake, ledger, trials
from people.learners.facilities import store
from people.learners.models import Enrolment, Run, Submission
from people.learners.pushes import FLUSH, packet
from people.learners.repositories import open_repository, read_head
from tests.people.learners.conftest import Clone

GOLDEN = Path(__file__).parent / "golden"
CloneOf = Callable[..., Clone]
Worker = Callable[[Verdict], None]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """While a push waits, a worker takes the newest run, says what a real one says, and comes to this verdict."""

    def at_work(verdict: Verdict) -> None:
        def judge(seconds: float) -> None:
            claimed = ledger.claim(Run.objects.latest("pk").pk)
            if claimed is None:
                return
            for link in verdict.chain:
                ledger.note_event(claimed, link.kind, "running your code")
                ledger.note_event(claimed, link.kind, f"{link.outcome}: {link.sentence}")
            ledger.record(claimed, verdict)

        monkeypatch.setattr(git_api, "pause", judge)

    return at_work


def pinned(name: str, told: str) -> None:
    """The text that a learner reads is the one in golden/. REWRITE_GOLDEN=1 writes it anew."""
    told = "".join(line for line in told.splitlines(keepends=True) if not line.startswith(("To ", "   ")))
    for number, submission in enumerate(Submission.objects.order_by("pk"), start=1):
        told = told.replace(f"/submissions/{submission.pk}/", f"/submissions/{number}/")
    if os.environ.get("REWRITE_GOLDEN"):
        (GOLDEN / name).write_text(told)
    assert told == (GOLDEN / name).read_text()


def test_a_push_is_a_submission_and_ends_with_its_verdict(
    enrolled: Enrolment, alice: User, clone: CloneOf, worker: Worker, passed_ingest: Verdict
) -> None:
    worker(passed_ingest)
    mine = clone(alice)
    commit = mine.commit({"pipeline/ingest.py": "print(5)"})
    code, told = mine.push()
    pinned("push_passed.txt", told)
    assert code == 0
    handed_in = Submission.objects.get()
    assert (handed_in.commit, handed_in.kind, handed_in.via) == (commit, "ingest", "git")
    assert store().read(handed_in.tree, "pipeline/ingest.py") == b"print(5)"
    assert read_head(open_repository(enrolled)) == commit


def test_the_next_open_milestone_is_meant_and_a_fail_does_not_fail_the_push(
    enrolled: Enrolment,
    alice: User,
    clone: CloneOf,
    worker: Worker,
    passed_ingest: Verdict,
    failed_clean: Verdict,
) -> None:
    worker(passed_ingest)
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "print(5)"})
    mine.push()
    worker(failed_clean)
    mine.commit({"pipeline/clean.py": "print(5)"})
    code, told = mine.push()
    pinned("push_failed.txt", told)
    assert code == 0
    assert Submission.objects.latest("pk").kind == "clean"


def test_a_push_option_names_another_milestone_and_a_locked_one_is_refused_before_anything_is_kept(
    enrolled: Enrolment, alice: User, clone: CloneOf, worker: Worker, passed_ingest: Verdict
) -> None:
    worker(passed_ingest)
    mine = clone(alice)
    commit = mine.commit({"pipeline/ingest.py": "print(5)"})
    for option, says in (
        ("milestone=clean", "clean is locked: it opens when ingest has passed."),
        ("milestone=cleaning", "There is no milestone 'cleaning'; there are ingest, clean."),
        ("mile=clean", "There is no push option mile=clean"),
    ):
        code, told = mine.push("-o", option, "origin", "main")
        assert code == 1
        assert f"remote: {says}" in told
    assert Submission.objects.count() == 0
    assert read_head(open_repository(enrolled)) != commit
    mine.push()
    mine.commit({"pipeline/ingest.py": "print(6)"})
    code, told = mine.push("-o", "milestone=ingest", "origin", "main")
    assert code == 0
    assert "remote: Handed in for ingest as submission 2.\n" in told
    assert mine.push("-o", "milestone=ingest", "origin", "main") == (0, "Everything up-to-date\n")


def test_code_that_does_not_run_is_shown_without_what_a_terminal_would_obey(
    enrolled: Enrolment, alice: User, clone: CloneOf, worker: Worker, broken_ingest: Verdict
) -> None:
    worker(broken_ingest)
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "raise ValueError"})
    code, told = mine.push()
    assert "\x1b" in broken_ingest.own.output
    assert "\x1b" not in told
    pinned("push_broken.txt", told)
    assert code == 0


def test_a_push_without_a_change_is_no_new_submission(
    enrolled: Enrolment, alice: User, clone: CloneOf, worker: Worker, passed_ingest: Verdict
) -> None:
    worker(passed_ingest)
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "print(5)"})
    mine.push()
    again = mine.commit({"build/out.txt": "what runs leave behind is no part of it"})
    code, told = mine.push("-o", "milestone=ingest", "origin", "main")
    pinned("push_unchanged.txt", told)
    assert (code, Submission.objects.count()) == (0, 1)
    assert read_head(open_repository(enrolled)) == again, "the commit is kept all the same"


def test_a_push_says_when_it_was_superseded(
    enrolled: Enrolment, alice: User, clone: CloneOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "print(5)"})
    monkeypatch.setattr(
        git_api, "pause", lambda seconds: intake.submit(enrolled, "ingest", {"pipeline/a.py": b"6"}, "web")
    )
    code, told = mine.push()
    assert code == 0
    pinned("push_superseded.txt", told)


def test_a_push_stops_following_after_a_while_and_says_where_to_look(
    enrolled: Enrolment, alice: User, bob: User, clone: CloneOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.submit(intake.enrol(bob, enrolled.project), "ingest", {"main.py": b""}, "web")
    now = [0.0]
    monkeypatch.setattr(following, "clock", lambda: now[0])
    monkeypatch.setattr(git_api, "pause", lambda seconds: now.__setitem__(0, now[0] + 7))
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "print(5)"})
    code, told = mine.push()
    assert code == 0
    assert Run.objects.latest("pk").state == "queued", "it is judged whenever its turn comes"
    pinned("push_left_alone.txt", told)


def test_ctrl_c_stops_the_watching_and_nothing_else(
    enrolled: Enrolment, alice: User, clone: CloneOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = following.follow(intake.submit(enrolled, "ingest", {"main.py": b""}, "git"), "http://testserver/1")
    assert next(parts) == "waiting for a worker; you are next"
    parts.close()  # type: ignore[attr-defined]
    assert Run.objects.get().state == "queued"


def test_each_learner_has_a_repository_of_their_own(
    enrolled: Enrolment, alice: User, bob: User, clone: CloneOf, worker: Worker, passed_ingest: Verdict
) -> None:
    intake.enrol(bob, enrolled.project)
    worker(passed_ingest)
    hers, his = clone(alice), clone(bob)
    hers.commit({"pipeline/ingest.py": "print('hers')"})
    his.commit({"pipeline/ingest.py": "print('his')"})
    assert (hers.push()[0], his.push()[0]) == (0, 0)
    assert set(Submission.objects.values_list("enrolment__user__username", "number")) == {("alice", 1), ("bob", 1)}
    assert clone(alice, "again")("show", "main:pipeline/ingest.py") == "print('hers')"


def test_what_is_handed_in_elsewhere_can_be_pulled_and_must_be_before_a_push(
    enrolled: Enrolment, alice: User, clone: CloneOf, worker: Worker, passed_ingest: Verdict
) -> None:
    worker(passed_ingest)
    mine = clone(alice)
    intake.submit(enrolled, "ingest", {"pipeline/ingest.py": b"print(7)"}, "web", "From the train")
    mine.commit({"pipeline/extra.py": "print(8)"})
    code, told = mine.push()
    assert (code, Submission.objects.count()) == (1, 1)
    assert "fetch first" in told
    mine("pull", "--quiet", "--rebase", "origin", "main")
    assert mine("log", "-3", "--format=%an: %s").splitlines() == [
        "Alice: Work",
        "Alice: From the train",
        "Milepost: Begin Tiny from its starter",
    ]
    assert mine.push()[0] == 0


def test_a_shallow_clone_can_push(
    enrolled: Enrolment, alice: User, clone: CloneOf, worker: Worker, passed_ingest: Verdict
) -> None:
    worker(passed_ingest)
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "print(5)"})
    mine.push()
    mine("fetch", "--quiet", "--depth", "1", "origin", "main")
    mine("reset", "--quiet", "--hard", "origin/main")
    assert mine("rev-parse", "--is-shallow-repository") == "true"
    commit = mine.commit({"pipeline/ingest.py": "print(6)"})
    code, told = mine.push("-o", "milestone=ingest", "origin", "main")
    assert code == 0, told
    assert Submission.objects.latest("pk").commit == commit


def test_a_git_that_shows_no_words_is_answered_at_once(enrolled: Enrolment, alice: User, clone: CloneOf) -> None:
    mine = clone(alice)
    head = mine("rev-parse", "HEAD")
    commit = mine.commit({"pipeline/ingest.py": "print(5)"})
    pack = mine.ask("pack-objects", "--quiet", "--revs", "--stdout", stdin=f"{commit}\n^{head}\n".encode()).stdout
    body = packet(f"{head} {commit} refs/heads/main\0report-status".encode()) + FLUSH + pack
    shown = "Basic " + b64encode(f":{issue_token(alice, 'old')}".encode()).decode()
    answer = Client(headers={"Authorization": shown}).post(
        "/git/alice/tiny.git/git-receive-pack", body, content_type="application/x-git-receive-pack-request"
    )
    told = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    assert told == packet(b"unpack ok\n") + packet(b"ok refs/heads/main\n") + FLUSH
    assert Submission.objects.get().commit == commit


def test_a_new_starter_is_fetched_as_a_branch_conflicts_are_shown_and_what_is_mine_can_be_kept(
    enrolled: Enrolment,
    alice: User,
    clone: CloneOf,
    worker: Worker,
    passed_ingest: Verdict,
    publish_newer: Callable[[], Project],
) -> None:
    worker(passed_ingest)
    mine = clone(alice)
    mine.commit({"pipeline/ingest.py": "print(5)\n"})
    mine.push()
    publish_newer()
    trials.try_edition(enrolled)
    for shadow in Run.every.filter(shadow=True):
        ledger.record(ledger.claim(shadow.pk) or shadow, passed_ingest)
    trials.move_over(enrolled)
    mine("fetch", "--quiet")
    assert mine.ask("merge", "origin/edition-2").returncode == 1
    both = (mine.folder / "pipeline/ingest.py").read_text()
    assert "print(5)" in both
    assert "read numbers.txt" in both
    mine("merge", "--abort")
    mine("merge", "--quiet", "-X", "ours", "origin/edition-2")
    assert (mine.folder / "pipeline/ingest.py").read_text() == "print(5)\n"
    code, _ = mine.push()
    assert (code, Run.objects.latest("pk").edition.number) == (0, 2)
    assert "another" in mine.push("origin", "HEAD:edition-2")[1], "the branch is ours to offer, and stays as it is"
