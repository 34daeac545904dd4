"""Dana has another edition judge what her cohort handed in, sees who moves by which check, and then moves or drops."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from curriculum.models import Project
from grading.pipeline import Job, void
from grading.verdict import Answer, CheckResult, Outcome, Verdict
from grading.world import Draw
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts import regrading
from people.cohorts.models import Cohort, CohortLine, Membership, Regrade, Role
from people.cohorts.movers import find_undecided, read_prospect
from people.cohorts.teams import form_team
from people.employers.queries import read_evidence
from people.learners import intake, ledger, queries, trials
from people.learners.models import Enrolment, Run, Submission, Tried
from people.learners.refusals import Refusal
from people.learners.standing import Standing, read_standings

Conclude = Callable[[Run, Verdict], None]
PAGE = "/cohorts/autumn/regrade/tiny/"
API = "/api/cohorts/autumn/regrades/tiny"
SENTENCE = "They are out of order, so Tom loses his place."
ORDER = "They are in order, from small to large."
ONCE = "Each number is there once."


@pytest.fixture
def passed_clean(passed_ingest: Verdict, failed_clean: Verdict) -> Verdict:
    held = tuple(replace(result, answer=Answer.HELD, sentence="") for result in failed_clean.own.results)
    own = replace(failed_clean.own, outcome=Outcome.PASSED, sentence="All 2 checks of clean hold.", results=held)
    return Verdict("clean", Outcome.PASSED, own.sentence, (*passed_ingest.chain, own))


@pytest.fixture
def stricter_clean(passed_clean: Verdict) -> Verdict:
    """Edition 2 says that something is out of order."""
    refused = CheckResult("they_are_in_order", ORDER, Answer.FAILED, SENTENCE, skills=("clean",), level=2)
    own = replace(passed_clean.own, outcome=Outcome.FAILED, sentence=SENTENCE, results=(refused,))
    return Verdict("clean", Outcome.FAILED, SENTENCE, (*passed_clean.chain[:1], own))


@pytest.fixture
def leader(dana: User, alice: User, bob: User) -> Membership:
    """Dana, who leads Alice and Bob in autumn."""
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for learner in (alice, bob):
        Membership.objects.create(cohort=cohort, user=learner, role=Role.LEARNER)
    return Membership.objects.create(cohort=cohort, user=dana, role=Role.INSTRUCTOR)


@pytest.fixture
def worked(
    leader: Membership,
    tiny: Project,
    alice: User,
    bob: User,
    rings: list[object],
    conclude: Conclude,
    passed_ingest: Verdict,
    passed_clean: Verdict,
    failed_clean: Verdict,
) -> None:
    """Alice has passed both milestones, and then handed in something worse; Bob's clean was refused."""
    hers, his = intake.enrol(alice, tiny), intake.enrol(bob, tiny)
    conclude(intake.submit(hers, "ingest", {"main.py": b"5"}, "web"), passed_ingest)
    conclude(intake.submit(hers, "clean", {"main.py": b"5"}, "web"), passed_clean)
    conclude(intake.submit(hers, "clean", {"main.py": b"worse"}, "web"), failed_clean)
    conclude(intake.submit(his, "ingest", {"main.py": b"6"}, "web"), passed_ingest)
    conclude(intake.submit(his, "clean", {"main.py": b"6"}, "web"), failed_clean)


@pytest.fixture
def newer(worked: None, publish_newer: Callable[[], Project]) -> Project:
    return publish_newer()


@pytest.fixture
def client(log_in: Callable[[User], Client], dana: User) -> Client:
    return log_in(dana)


@pytest.fixture
def begun(newer: Project, client: Client) -> list[Run]:
    assert client.post(PAGE, {"begin": "1"}).status_code == 302
    return shadows()


@pytest.fixture
def judge(
    conclude: Conclude, passed_ingest: Verdict, passed_clean: Verdict, stricter_clean: Verdict
) -> Callable[..., None]:
    """Edition 2 refuses what Alice handed in for clean, and passes what Bob did."""

    def play(runs: list[Run]) -> None:
        for run in runs:
            strict = stricter_clean if run.submission.enrolment.user.username == "alice" else passed_clean
            conclude(run, passed_ingest if run.submission.kind == "ingest" else strict)

    return play


@pytest.fixture
def judged(begun: list[Run], judge: Callable[..., None]) -> list[Run]:
    judge(begun)
    return begun


def shadows() -> list[Run]:
    return list(Run.every.exclude(trial=None).order_by("pk"))


def shown(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def stand(user: User) -> dict[str, Standing]:
    enrolment = Enrolment.objects.get(user=user)
    kinds = queries.milestone_kinds(enrolment.project_id)
    return {standing.kind: standing for standing in read_standings({enrolment.pk: kinds})[enrolment.pk]}


def record(user: User) -> list[Any]:
    """All that a learner is known by, which no regrade may touch."""
    return [
        read_evidence(user),
        stand(user),
        list(Submission.objects.filter(enrolment__user=user).values_list("pk", "number")),
        list(Run.objects.filter(submission__enrolment__user=user).order_by("pk").values()),
        list(Enrolment.objects.filter(user=user).values()),
    ]


def number_of(user: User) -> int:
    return Enrolment.objects.get(user=user).project.number


def apply(client: Client, policy: str) -> str:
    answer = client.post(PAGE, {"apply": "1", "policy": policy, "sure": "1"}, follow=True)
    return " ".join(answer.content.decode().split())


def test_it_judges_the_newest_pass_and_refusal_of_each_learner_and_touches_no_record(
    newer: Project, client: Client, alice: User, bob: User, judge: Callable[..., None], rings: list[Any]
) -> None:
    assert "2 learners are in edition 1 (version 1.0)." in shown(client)
    before = [record(alice), record(bob)]
    client.post(PAGE, {"begin": "1"})
    tried = {(run.submission.enrolment.user.username, run.submission.kind, run.submission.number) for run in shadows()}
    assert tried == {
        ("alice", "ingest", 1),
        ("alice", "clean", 2),
        ("alice", "clean", 3),
        ("bob", "ingest", 1),
        ("bob", "clean", 2),
    }
    assert "0 of 5 judged" in shown(client)
    judge(shadows())
    assert [record(alice), record(bob)] == before
    line = CohortLine.objects.get()
    assert (line.verb, line.place, line.text) == ("began a regrade", "tiny", "edition 2, 2 learners, 5 runs")


def test_the_page_follows_the_judging(begun: list[Run], client: Client, judge: Callable[..., None]) -> None:
    progress = PAGE + "progress/"
    assert 'hx-trigger="every 3s"' in shown(client)
    assert client.get(progress + "?seen=0.5").status_code == 204, "no news"
    judge(begun[:2])
    assert "2 of 5 judged" in shown(client, progress + "?seen=0.5")
    judge(begun[2:])
    text = shown(client, progress + "?seen=2.5")
    assert "Who moves, and by what" in text
    assert "hx-trigger" not in text


def test_who_moves_is_shown_with_the_checks_by_their_words(
    judged: list[Run], client: Client, leader: Membership
) -> None:
    regrade = find_undecided(leader, "tiny")
    assert regrade
    prospect = read_prospect(leader, regrade)
    assert [(m.learner, m.kind, m.way, m.now.submission.number) for m in prospect.movers] == [
        ("Alice", "clean", "down", 2),
        ("Bob", "clean", "up", 2),
    ]
    assert prospect.totals == {"up": 1, "down": 1, "same": 2, "void": 0}
    assert [(tally.question, tally.down, tally.up) for tally in prospect.tallies] == [(ORDER, 1, 0), (ONCE, 0, 1)]
    assert [(choice.policy, choice.learners) for choice in prospect.choices] == [
        ("never-lower", 1),
        ("only-higher", 1),
        ("everybody", 2),
    ]
    text = shown(client)
    assert f"Does not hold there:</strong> <span>{ORDER}" in text
    assert f"Does not stop it any more:</strong> <span>{ONCE}" in text
    assert f"New check</dt><dd>{ORDER}" in text, "what changed stands below"


def test_never_lower_moves_only_who_loses_nothing_and_the_rest_can_be_decided_later(
    judged: list[Run], client: Client, alice: User, bob: User
) -> None:
    before = record(alice)
    assert "1 learner moved over." in apply(client, "never-lower")
    assert (number_of(alice), number_of(bob)) == (1, 2)
    assert record(alice) == before
    assert stand(bob)["clean"].state == "passed"
    assert stand(bob)["clean"].passed_in is None
    assert {proof.edition for proof in read_evidence(bob)} == {2}
    text = shown(client)
    assert "1 moved, 0 stayed, 1 undecided." in text
    assert "1 learner moved over." in apply(client, "everybody")
    assert "1 learner moved over." not in shown(client)
    kept = stand(alice)["clean"]
    assert (number_of(alice), kept.passed_at is not None, kept.passed_in, kept.asks_more) == (2, True, 1, SENTENCE)
    moved = CohortLine.objects.filter(verb="moved to another edition").order_by("pk")
    assert [(str(line.learner), line.text) for line in moved] == [
        ("Bob", "edition 2, never-lower"),
        ("Alice", "edition 2, everybody"),
    ]
    assert "There is nobody to regrade" in shown(client)


def test_only_higher_leaves_who_gains_nothing(
    newer: Project,
    leader: Membership,
    alice: User,
    bob: User,
    conclude: Conclude,
    passed_ingest: Verdict,
    passed_clean: Verdict,
    failed_clean: Verdict,
) -> None:
    regrading.begin(leader, "tiny")
    for run in shadows():
        her_pass = run.submission.number == 2 and run.submission.enrolment.user == alice
        verdict = passed_clean if her_pass else failed_clean
        conclude(run, passed_ingest if run.submission.kind == "ingest" else verdict)
    assert regrading.apply(leader, "tiny", "only-higher").moved == 0
    assert regrading.apply(leader, "tiny", "never-lower").moved == 2
    assert stand(alice)["clean"].passed_in is None


def test_what_we_could_not_judge_is_not_taken_for_a_pass(
    begun: list[Run], judge: Callable[..., None], leader: Membership, alice: User, settings: Any
) -> None:
    settings.VOID_RETRIES = 0
    [hers] = [run for run in begun if run.submission.kind == "clean" and run.submission.number == 2][:1]
    judge([run for run in begun if run.pk != hers.pk])
    claimed = ledger.claim(hers.pk)
    assert claimed
    ledger.record(claimed, void(Job("", "clean", "", Draw(1, 1, "")), "the disk was full"))
    regrade = find_undecided(leader, "tiny")
    assert regrade
    assert read_prospect(leader, regrade).totals["void"] == 1
    assert regrading.apply(leader, "tiny", "never-lower").left == 1
    assert number_of(alice) == 1
    regrading.apply(leader, "tiny", "everybody")
    kept = stand(alice)["clean"]
    assert (kept.passed_in, kept.asks_more) == (1, "")


def test_dropping_ends_it_and_it_can_be_begun_again(
    begun: list[Run], client: Client, judge: Callable[..., None], alice: User
) -> None:
    before = record(alice)
    judge(begun[:1])
    assert client.post(PAGE, {"drop": "1"}).status_code == 400, "not without a word that it is meant"
    told = client.post(PAGE, {"drop": "1", "sure": "1"}, follow=True).content.decode()
    assert "2 learners stay where they are." in told
    assert [run.outcome for run in shadows()] == ["passed", *["dropped"] * 4]
    assert record(alice) == before
    assert CohortLine.objects.filter(verb="dropped a regrade", text="edition 2, 2 learners stay").exists()
    client.post(PAGE, {"begin": "1"})
    assert len(shadows()) == 10
    assert "0 moved, 2 stayed, 0 undecided." in shown(client)


def test_what_cannot_be_done_is_said_in_a_sentence_and_changes_nothing(
    worked: None, client: Client, publish_newer: Callable[[], Project], leader: Membership
) -> None:
    assert "There is nobody to regrade" in shown(client)
    with pytest.raises(Refusal, match="No learner of this cohort could move to edition 1"):
        regrading.begin(leader, "tiny")
    publish_newer()
    with pytest.raises(Refusal, match="No other edition of this project is being tried"):
        regrading.drop(leader, "tiny")
    client.post(PAGE, {"begin": "1"})
    answers = [
        client.post(PAGE, {"begin": "1"}),
        client.post(PAGE, {"apply": "1", "policy": "everybody", "sure": "1"}),
        client.post(PAGE, {"apply": "1", "policy": "whoever", "sure": "1"}),
        client.post(PAGE, {"apply": "1", "policy": "everybody"}),
    ]
    assert [answer.status_code for answer in answers] == [409, 409, 400, 400]
    for answer, sentence in zip(
        answers,
        (
            "Edition 2 is being tried on this cohort already. Apply it or drop it first.",
            "Edition 2 is still judging this cohort&#x27;s work.",
            "Say who moves by one of: never-lower, only-higher, everybody.",
            "Tick that you have read what will happen",
        ),
        strict=True,
    ):
        assert sentence in answer.content.decode()
    assert Regrade.objects.count() == 1
    assert client.get("/cohorts/autumn/regrade/nothing/").status_code == 404
    assert client.post("/cohorts/autumn/regrade/nothing/", {"begin": "1"}).status_code == 404


def test_a_learners_own_trial_goes_on_beside_it_and_ends_when_they_are_moved(
    newer: Project, client: Client, leader: Membership, alice: User, bob: User, judge: Callable[..., None]
) -> None:
    hers, his = Enrolment.objects.get(user=alice), Enrolment.objects.get(user=bob)
    trials.try_edition(hers)
    trials.try_edition(his)
    client.post(PAGE, {"begin": "1"})
    assert len(queries.own_trials([hers, his])) == 2, "theirs go on"
    trial = Regrade.objects.get().trial
    judge(list(Run.every.filter(trial=trial)))
    assert regrading.apply(leader, "tiny", "never-lower").moved == 1
    assert [own.enrolment.user for own in queries.own_trials([hers, his])] == [alice]
    assert set(Run.every.filter(submission__enrolment=his, shadow=True).values_list("outcome", flat=True)) == {
        "dropped"
    }


def test_who_moved_by_themselves_or_left_the_cohort_is_let_go(
    newer: Project, client: Client, leader: Membership, alice: User, bob: User, judge: Callable[..., None]
) -> None:
    hers = Enrolment.objects.get(user=alice)
    trials.try_edition(hers)
    client.post(PAGE, {"begin": "1"})
    judge(shadows())
    trials.move_over(Enrolment.objects.get(pk=hers.pk))
    Membership.objects.filter(user=bob).delete()
    assert "2 learners have left the cohort or changed their edition since" in shown(client)
    assert regrading.apply(leader, "tiny", "everybody").moved == 0
    assert number_of(bob) == 1
    assert Regrade.objects.get().trial.tried.filter(dropped_at=None).count() == 0
    adopted = Run.objects.filter(submission__enrolment=hers, edition=newer)
    assert {run.trial_id for run in adopted} == {Tried.objects.get(enrolment=hers, moved_at__isnull=False).trial_id}


def test_whoever_has_no_data_there_or_is_there_already_is_left_out(
    newer: Project, client: Client, leader: Membership, alice: User, bob: User, charlie: User
) -> None:
    Enrolment.objects.filter(user=alice).update(domain="pears")
    Membership.objects.create(cohort=leader.cohort, user=charlie, role=Role.LEARNER)
    intake.enrol(charlie, newer)
    client.post(PAGE, {"begin": "1"})
    assert [tried.enrolment.user for tried in Tried.objects.all()] == [bob]
    text = shown(client)
    assert "Alice (pears)" in text
    assert "1 is in edition 2 (version 1.1)." in text


def test_learners_are_told_who_moved_them_until_they_take_note(
    judged: list[Run], client: Client, alice: User, log_in: Callable[[User], Client]
) -> None:
    hers = log_in(alice)
    words = "Dana, who leads your cohort, moved you to edition 2 (version 1.1) of this project."
    assert words not in shown(hers, "/projects/tiny/")
    apply(client, "everybody")
    for address in ("/projects/tiny/", "/projects/tiny/edition/"):
        assert words in shown(hers, address)
        assert "keeps its pass of edition 1" in shown(hers, address)
    for _ in range(2):
        assert hers.post("/projects/tiny/edition/noted/")["Location"] == "/projects/tiny/"
    assert words not in shown(hers, "/projects/tiny/")
    assert "you came from edition 1" in shown(hers, "/projects/tiny/edition/")


def test_whoever_moves_themselves_is_told_nothing_new(
    newer: Project, alice: User, log_in: Callable[[User], Client], judge: Callable[..., None]
) -> None:
    hers = Enrolment.objects.get(user=alice)
    trials.try_edition(hers)
    judge(shadows())
    trials.move_over(Enrolment.objects.get(pk=hers.pk))
    assert "moved you to edition" not in shown(log_in(alice), "/projects/tiny/")


def test_test_learners_move_too_and_are_not_counted(judged: list[Run], leader: Membership, alice: User) -> None:
    Membership.objects.filter(user=alice).update(is_test=True)
    regrade = find_undecided(leader, "tiny")
    assert regrade
    prospect = read_prospect(leader, regrade)
    assert prospect.totals == {"up": 1, "down": 0, "same": 1, "void": 0}
    assert [tally.question for tally in prospect.tallies] == [ONCE]
    assert len(prospect.movers) == 2


@pytest.mark.parametrize(
    ("role", "status"), [(None, 404), (Role.LEARNER, 404), (Role.OBSERVER, 403), (Role.ASSISTANT, 403)]
)
def test_only_who_leads_may(
    judged: list[Run],
    charlie: User,
    leader: Membership,
    role: Role | None,
    status: int,
    log_in: Callable[[User], Client],
) -> None:
    if role:
        Membership.objects.create(cohort=leader.cohort, user=charlie, role=role)
    browser, program = log_in(charlie), APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(charlie, 'test')}")
    pages = ("/cohorts/autumn/regrade/", PAGE, PAGE + "progress/")
    answers = [browser.get(address) for address in pages]
    answers += [
        browser.post(PAGE, {word: "1", "sure": "1", "policy": "everybody"}) for word in ("begin", "apply", "drop")
    ]
    answers += [
        program.get(API),
        program.post(API),
        program.delete(API),
        program.post(API + "/apply", {"policy": "everybody"}),
    ]
    assert {answer.status_code for answer in answers} == {status}
    assert not Tried.objects.exclude(moved_at=None, dropped_at=None).exists()


def test_the_api_begins_tells_applies_and_drops(
    newer: Project, dana: User, judge: Callable[..., None], bob: User
) -> None:
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(dana, 'test')}")
    assert (program.get(API).status_code, program.get(API).json()["code"]) == (409, "no-regrade")
    begun = program.post(API)
    assert begun.status_code == 202
    assert {name: begun.json()[name] for name in ("asked", "judged", "is_judged", "begun_by", "movers")} == {
        "asked": 5,
        "judged": 0,
        "is_judged": False,
        "begun_by": "Dana",
        "movers": [],
    }
    assert program.post(API).json()["code"] == "undecided"
    assert program.post(API + "/apply", {"policy": "everybody"}).json()["code"] == "still-judged"
    judge(shadows())
    told = program.get(API).json()
    assert told["edition"]["number"] == 2
    assert [(*m["people"], m["way"], m["before"], m["now"]) for m in told["movers"]] == [
        ("alice", "down", "passed", "failed"),
        ("bob", "up", "failed", "passed"),
    ]
    assert told["movers"][0]["reasons"] == [
        {"kind": "clean", "question": ORDER, "sentence": SENTENCE, "is_now": True},
    ]
    assert told["choices"][0] == {"policy": "never-lower", "learners": 1}
    wrong = program.post(API + "/apply", {"policy": "lower"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "policy")
    assert program.post(API + "/apply", {"policy": "never-lower"}).json() == {"moved": 1, "left": 1}
    assert number_of(bob) == 2
    assert program.delete(API).status_code == 204
    assert program.delete(API).json()["code"] == "no-regrade"
    assert program.get("/api/cohorts/autumn/regrades/nothing").status_code == 404


def test_the_pages_cost_the_same_for_two_learners_as_for_twenty(
    newer: Project,
    leader: Membership,
    client: Client,
    make_user: Callable[[str], User],
    conclude: Conclude,
    judge: Callable[..., None],
    passed_ingest: Verdict,
    failed_clean: Verdict,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    regrading.begin(leader, "tiny")
    judge(shadows())
    for address, count in ((PAGE, 18), ("/cohorts/autumn/regrade/", 9)):
        with django_assert_num_queries(count):
            client.get(address)
    regrading.drop(leader, "tiny")
    for number in range(18):
        user = make_user(f"learner{number}")
        Membership.objects.create(cohort=leader.cohort, user=user, role=Role.LEARNER)
        enrolment = intake.enrol(user, Project.objects.get(slug="tiny", number=1))
        conclude(intake.submit(enrolment, "ingest", {"main.py": b"5"}, "web"), passed_ingest)
        conclude(intake.submit(enrolment, "clean", {"main.py": b"5"}, "web"), failed_clean)
    regrade = regrading.begin(leader, "tiny")
    judge(list(Run.every.filter(trial=regrade.trial)))
    for address, count in ((PAGE, 18), ("/cohorts/autumn/regrade/", 9)):
        with django_assert_num_queries(count):
            client.get(address)


def test_a_team_moves_as_one_and_each_of_them_is_told(
    newer: Project,
    leader: Membership,
    client: Client,
    alice: User,
    bob: User,
    conclude: Conclude,
    passed_ingest: Verdict,
    judge: Callable[..., None],
    log_in: Callable[[User], Client],
) -> None:
    Project.objects.filter(pk=newer.pk).update(is_current=False)
    Project.objects.filter(number=1).update(is_current=True)
    team = form_team(leader, "tiny", "Blue", ["alice", "bob"])
    conclude(intake.submit(team, "ingest", {"main.py": b"8"}, "web"), passed_ingest)
    Project.objects.filter(number=1).update(is_current=False)
    Project.objects.filter(pk=newer.pk).update(is_current=True)
    assert "2 learners are in edition 1 (version 1.0)." in shown(client)
    regrading.begin(leader, "tiny")
    assert [run.submission.enrolment for run in shadows()] == [team], "what they did alone rests"
    judge(shadows())
    assert "1 moved" not in shown(client)
    assert regrading.apply(leader, "tiny", "never-lower").moved == 2
    for user in (alice, bob):
        assert "moved you to edition 2" in shown(log_in(user), "/projects/tiny/")
    told = CohortLine.objects.filter(verb="moved to another edition").values_list("learner__username", flat=True)
    assert sorted(told) == ["alice", "bob"]
