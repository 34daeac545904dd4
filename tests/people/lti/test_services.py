"""What goes to and fro: scores once, the roster page by page, links that are accepted; and our keys."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from curriculum.models import Project
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, CohortLine, Membership, Role, Timing
from people.learners import intake
from people.learners.models import Enrolment, Run
from people.lti import keys, outgoing, roster, tasks
from people.lti.models import Identity, Placement, Platform, Score, SigningKey, SyncLine
from people.lti.worth import read_worths
from people.outgoing import NotAllowed
from tests.people.lti import platform as double
from tests.people.lti.conftest import Course, describe

LogIn = Callable[[User], Client]
Conclude = Callable[[Run, Verdict], None]


@pytest.fixture
def learner(course: Course) -> User:
    """Alice Example, who has come in and has nothing handed in."""
    return course.come_in()


def hand_in(user: User, project: Project, text: str = "5") -> Run:
    return intake.submit(intake.enrol(user, project), "ingest", {"main.py": text.encode()}, "web")


def make_due() -> None:
    Score.objects.update(next_at=timezone.now())


def test_a_pass_is_told_once_however_often_the_task_runs(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict
) -> None:
    assert tasks.pass_back() == 0, "nothing is handed in"
    conclude(hand_in(learner, tiny), passed_ingest)
    assert [tasks.pass_back(), tasks.pass_back(), tasks.pass_back()] == [1, 0, 0]
    told = course.lms.scores
    assert len(told) == 1
    assert {name: told[0][name] for name in told[0] if name != "timestamp"} == {
        "userId": "person-1",
        "scoreGiven": 100.0,
        "scoreMaximum": 100.0,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
    }
    assert "/Columns/7/scores?type_id=1" in course.lms.asked
    line = SyncLine.objects.filter(what="score").get()
    assert (line.outcome, line.text, line.place) == ("done", "100.00 of 100, Completed, FullyGraded.", "tiny/ingest")


def test_how_far_somebody_is_is_told_as_it_changes_and_a_pass_stays(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict, broken_ingest: Verdict
) -> None:
    first = hand_in(learner, tiny, "1")
    tasks.pass_back()
    conclude(first, broken_ingest)
    tasks.pass_back()
    conclude(hand_in(learner, tiny, "2"), passed_ingest)
    tasks.pass_back()
    conclude(hand_in(learner, tiny, "3"), broken_ingest)
    tasks.pass_back()
    told = [(one["activityProgress"], one["gradingProgress"], one.get("scoreGiven")) for one in course.lms.scores]
    assert told == [
        ("Submitted", "Pending", None),
        ("InProgress", "FullyGraded", 0.0),
        ("Completed", "FullyGraded", 100.0),
    ]
    stamps = [one["timestamp"] for one in course.lms.scores]
    assert stamps == sorted(set(stamps)), "each is newer than the one before"


def test_a_late_pass_is_told_as_the_gradebook_has_it_rounded(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict, autumn: Cohort
) -> None:
    Cohort.objects.filter(pk=autumn.pk).update(late_percent=33)
    timing = Timing.objects.create(
        cohort=autumn, slug="tiny", kind="ingest", due_at=timezone.now() - timedelta(hours=1)
    )
    conclude(hand_in(learner, tiny), passed_ingest)
    tasks.pass_back()
    Timing.objects.filter(pk=timing.pk).update(due_at=timezone.now() + timedelta(hours=1))
    tasks.pass_back()
    told = [(one["activityProgress"], one["scoreGiven"]) for one in course.lms.scores]
    assert told == [("Completed", 67.0), ("Completed", 100.0)], "and again when the date moves"


def test_a_fault_of_the_platform_is_tried_again_later_and_then_succeeds(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict
) -> None:
    conclude(hand_in(learner, tiny), passed_ingest)
    course.lms.answers = [500, 429]
    assert [tasks.pass_back(), tasks.pass_back()] == [0, 0], "not before its time"
    score = Score.objects.get()
    assert timedelta(seconds=50) < score.next_at - timezone.now() < timedelta(seconds=61)
    make_due()
    tasks.pass_back()
    assert Score.objects.get().next_at - timezone.now() > timedelta(minutes=3), "it waits longer each time"
    make_due()
    assert tasks.pass_back() == 1
    assert [one["scoreGiven"] for one in course.lms.scores] == [100.0]
    told = list(SyncLine.objects.filter(what="score").order_by("pk").values_list("outcome", flat=True))
    assert told == ["later", "later", "done"]


def test_what_is_vain_is_given_up_and_sent_again_when_a_leader_says_so(
    course: Course,
    learner: User,
    tiny: Project,
    conclude: Conclude,
    passed_ingest: Verdict,
    dana: User,
    log_in: LogIn,
) -> None:
    conclude(hand_in(learner, tiny), passed_ingest)
    course.lms.answers = [404]
    tasks.pass_back()
    make_due()
    assert tasks.pass_back() == 0
    leader = log_in(dana)
    assert "The platform answered 404." in leader.get("/cohorts/autumn/lms/").content.decode()
    leader.post(f"/cohorts/autumn/lms/{course.registration.pk}/", {"again": "1"})
    assert tasks.pass_back() == 1
    assert len(course.lms.scores) == 1
    assert CohortLine.objects.filter(actor=dana, verb="sent again").exists()


def test_it_ends_after_eight_tries(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict
) -> None:
    conclude(hand_in(learner, tiny), passed_ingest)
    course.lms.answers = [503] * 20
    for _ in range(10):
        tasks.pass_back()
        make_due()
    assert len(course.lms.answers) == 12
    assert SyncLine.objects.filter(what="score", outcome="given-up").count() == 1


def test_two_senders_of_one_score_send_it_once(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict, monkeypatch: Any
) -> None:
    conclude(hand_in(learner, tiny), passed_ingest)
    put = tasks.scores._put

    def put_while_another_sends(*given: Any) -> None:
        monkeypatch.setattr(tasks.scores, "_put", put)
        assert tasks.pass_back() == 0
        put(*given)

    monkeypatch.setattr(tasks.scores, "_put", put_while_another_sends)
    assert tasks.pass_back() == 1
    assert len(course.lms.scores) == 1


def test_what_changes_while_it_is_sent_is_sent_after(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict, monkeypatch: Any
) -> None:
    run = hand_in(learner, tiny)
    put = tasks.scores._put

    def put_while_it_passes(*given: Any) -> None:
        monkeypatch.setattr(tasks.scores, "_put", put)
        conclude(run, passed_ingest)
        tasks.scores.gather(Platform.objects.get())
        put(*given)

    monkeypatch.setattr(tasks.scores, "_put", put_while_it_passes)
    tasks.pass_back()
    assert tasks.pass_back() == 1
    assert [one["activityProgress"] for one in course.lms.scores] == ["Submitted", "Completed"]


def test_scores_cost_as_many_queries_for_twenty_as_for_two(
    course: Course, tiny: Project, make_user: Callable[[str], User], django_assert_num_queries: Any, autumn: Cohort
) -> None:
    platform = Platform.objects.select_related("cohort").get()
    Placement.objects.create(
        platform=platform, link="1", slug="tiny", kind="ingest", column_url=f"{course.lms.address}/c"
    )

    def come(count: int) -> None:
        for number in range(count):
            user = make_user(f"p{User.objects.count()}-{number}")
            Membership.objects.create(cohort=autumn, user=user, role=Role.LEARNER)
            Identity.objects.create(platform=platform, sub=user.username, user=user)
            hand_in(user, tiny)

    come(2)
    with django_assert_num_queries(22):
        assert len(read_worths(platform)) == 2
    come(18)
    with django_assert_num_queries(22):
        assert len(read_worths(platform)) == 20


def test_whoever_has_left_the_cohort_is_scored_no_more(
    course: Course, learner: User, tiny: Project, conclude: Conclude, passed_ingest: Verdict
) -> None:
    conclude(hand_in(learner, tiny), passed_ingest)
    Membership.objects.filter(user=learner).delete()
    assert tasks.pass_back() == 0
    assert Enrolment.objects.exists()


def test_we_go_only_where_the_platform_was_registered(course: Course, learner: User, settings: Any) -> None:
    session = outgoing.Outgoing(course.registration)
    with pytest.raises(NotAllowed):
        session.get("https://example.org/")
    course.lms.move_on_to = "http://127.0.0.1:1/secret"
    with pytest.raises(NotAllowed):
        session.post(f"{course.lms.address}/token")
    settings.LTI_PRIVATE_HOSTS = []
    with pytest.raises(NotAllowed):
        outgoing.Outgoing(course.registration).get(f"{course.lms.address}/jwks")


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8/",
        "https://10.0.0.7/",
        "https://[::1]/",
        "https://169.254.169.254/",
        "file:///etc",
        "https://u@8.8.8.8/",
    ],
)
def test_no_platform_is_in_our_own_network_or_speaks_in_the_open(url: str) -> None:
    assert not outgoing.is_allowed(url)
    assert outgoing.is_allowed("https://8.8.8.8/")


def test_a_column_elsewhere_is_not_believed(course: Course) -> None:
    endpoint = {"scope": double.SCOPES, "lineitem": "https://elsewhere.example/7"}
    course.come_in(**{"https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": endpoint})
    assert Placement.objects.get().column_url == ""


def member(sub: str, role: str = double.LEARNER, **more: Any) -> dict[str, Any]:
    return {"user_id": sub, "name": f"Person {sub}", "roles": [role], "status": "Active", **more}


def fetch(course: Course) -> None:
    roster.want_roster(Platform.objects.all())
    tasks.fetch_roster(course.registration.pk)


def test_the_roster_is_read_to_its_last_page_and_makes_nobody_a_member(
    course: Course, learner: User, dana: User, log_in: LogIn
) -> None:
    course.lms.members = [member("person-1"), member("a"), member("b"), member("t", double.INSTRUCTOR)]
    course.lms.members += [member("gone", status="Inactive"), member("x" * 300), member("a\0b")]
    fetch(course)
    assert "/Roster?Page=BTwo" in course.lms.asked, "with its capitals"
    assert set(Identity.objects.values_list("sub", flat=True)) == {"person-1", "a", "b"}
    assert Membership.objects.filter(role=Role.LEARNER).count() == 1
    page = log_in(dana).get("/cohorts/autumn/lms/").content.decode()
    assert "1 person has come, 2 are expected" in page
    assert "Person b" in page
    course.lms.members = [member("a")]
    fetch(course)
    assert set(Identity.objects.exclude(left_at=None).values_list("sub", flat=True)) == {"person-1", "b"}
    assert SyncLine.objects.filter(what="roster")[0].text == "1 learners, 0 of them new; 2 not there any more."


def test_a_roster_that_cannot_be_had_is_said_in_the_log(course: Course) -> None:
    fetch(course)
    Platform.objects.update(memberships_url=f"{course.lms.address}/nowhere")
    fetch(course)
    told = [line.text for line in SyncLine.objects.filter(what="roster")]
    assert told == [
        "The platform answered 404.",
        "The platform has not said where its roster is. Open a link in it once.",
    ]


def test_a_roster_is_asked_for_though_the_broker_was_away_or_its_worker_died(
    course: Course, dana: User, log_in: LogIn, monkeypatch: Any
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.fetch_roster, "delay", refuse)
    client, pk = log_in(dana), course.registration.pk
    page = client.post(f"/cohorts/autumn/lms/{pk}/", {"roster": ""}, follow=True)
    assert "The roster is being asked for." in page.content.decode()
    assert client.post(f"/api/cohorts/autumn/platforms/{pk}/roster").status_code == 202
    asked: list[int] = []
    monkeypatch.setattr(tasks.fetch_roster, "delay", asked.append)
    tasks.pass_back()
    assert asked == [], "somebody may be at it"
    for hours, found in ((25, []), (1, [pk])):
        Platform.objects.update(roster_asked_at=timezone.now() - timedelta(hours=hours))
        tasks.pass_back()
        assert asked == found, "but not of what workers may die of, for ever"
    tasks.fetch_roster(pk)
    tasks.fetch_roster(pk)
    tasks.pass_back()
    assert (SyncLine.objects.filter(what="roster").count(), asked) == (1, [pk])


def ask_for_links(course: Course, **changed: Any) -> Any:
    settings = {
        "deep_link_return_url": f"{course.lms.address}/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "data": "kept",
        **changed.pop("settings", {}),
    }
    claims = {"https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": settings}
    told = {"roles": [double.INSTRUCTOR], "message_type": "LtiDeepLinkingRequest", "resource_link": None}
    return course.launch(**{**told, **claims, **changed})


def test_an_instructor_links_to_a_milestone_and_the_platform_accepts_our_answer(course: Course) -> None:
    answer = ask_for_links(course)
    assert f"form-action {course.lms.address}" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert f'action="{course.lms.address}/return"' in page
    signed = {one.milestone.kind: one.signed for one in answer.context["answers"]}
    assert set(signed) == {"ingest", "clean"}
    assert signed["clean"] in page
    told = course.lms.check(signed["clean"], course.lms.issuer)
    assert told["iss"] == double.CLIENT
    assert told[double.CLAIM + "deployment_id"] == double.DEPLOYMENT
    assert told["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == "kept"
    item = told["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"][0]
    assert item["custom"] == {"milestone": "tiny/clean"}
    assert item["url"] == f"http://testserver{course.address}/launch/"
    assert item["lineItem"]["scoreMaximum"] == 100
    landed = course.launch(custom=item["custom"])
    assert landed.context["launch"].placement.kind == "clean"


def test_only_an_instructor_links_and_the_answer_goes_to_the_platform_only(course: Course) -> None:
    assert ask_for_links(course, roles=[double.LEARNER]).status_code == 403
    answer = ask_for_links(course, settings={"deep_link_return_url": "https://elsewhere.example/"})
    assert (answer.status_code, b"JWT" in answer.content) == (400, False)


def test_keys_change_in_time_and_are_published_before_and_after_they_sign(db: None) -> None:
    start = timezone.now()
    first, _ = keys.choose_key(start)
    day = timedelta(days=1)
    keys.rotate(start + 89 * day)
    assert SigningKey.objects.count() == 1
    keys.rotate(start + 91 * day)
    second = SigningKey.objects.last()
    assert [one["kid"] for one in keys.list_published()] == [first.kid, second.kid]
    assert keys.choose_key(start + 91 * day)[0] == first, "platforms do not know the next one yet"
    assert keys.choose_key(start + 92 * day)[0] == second
    keys.rotate(start + 95 * day)
    assert SigningKey.objects.count() == 2, "what the old one has signed may still be looked at"
    keys.rotate(start + 100 * day)
    assert list(SigningKey.objects.all()) == [second]


def test_a_private_key_is_nowhere_to_be_read(db: None, client: Client, settings: Any) -> None:
    key, private = keys.choose_key()
    assert private.startswith("-----BEGIN PRIVATE KEY-----")
    assert "ENCRYPTED" in key.sealed
    published = client.get("/lti/keys.json").json()["keys"]
    assert set(published[0]) == {"kty", "n", "e", "kid", "alg", "use"}
    settings.SECRET_KEY = "another"
    again, _ = keys.choose_key()
    assert again != key, "what cannot be opened any more is replaced"


def test_all_keys_can_be_replaced_at_once(db: None, capsys: Any) -> None:
    before, _ = keys.choose_key()
    call_command("replace_lti_keys")
    assert before.kid not in capsys.readouterr().out
    assert [one["kid"] for one in keys.list_published()] == [keys.choose_key()[0].kid] != [before.kid]


def test_once_a_day_all_is_tended(course: Course, monkeypatch: Any) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks.fetch_roster, "delay", asked.append)
    course.launch()
    course.registration.launches.update(begun_at=timezone.now() - timedelta(days=2))
    tasks.tend()
    assert asked == [course.registration.pk]
    assert not course.registration.launches.exists()


WRONG = {
    "jwks_url": "http://example.org/keys",
    "token_url": "https://10.0.0.1/token",
    "issuer": "",
    "client_id": "x" * 300,
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_registration_is_refused_beside_its_field(
    lms: double.Platform, autumn: Cohort, dana: User, log_in: LogIn, field: str
) -> None:
    answer = log_in(dana).post("/cohorts/autumn/lms/", {**describe(lms), field: WRONG[field]})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not Platform.objects.exists()


def test_owners_connect_and_end_it_and_instructors_see_it(
    course: Course, autumn: Cohort, dana: User, bob: User, alice: User, log_in: LogIn
) -> None:
    Membership.objects.create(cohort=autumn, user=bob, role=Role.INSTRUCTOR)
    Membership.objects.create(cohort=autumn, user=alice, role=Role.ASSISTANT)
    page = f"/cohorts/autumn/lms/{course.registration.pk}/"
    assert log_in(alice).get("/cohorts/autumn/lms/").status_code == 403
    assert course.address in log_in(bob).get("/cohorts/autumn/lms/").content.decode()
    assert log_in(bob).post("/cohorts/autumn/lms/", describe(course.lms)).status_code == 403
    assert log_in(bob).post(page, {"withdraw": "1"}).status_code == 403
    assert log_in(dana).post(page, {"withdraw": "1"}).status_code == 302
    assert Platform.objects.get().withdrawn_at
    assert list(CohortLine.objects.filter(actor=dana).values_list("verb", flat=True)) == ["disconnected", "connected"]


def test_the_addresses_that_are_shown_beforehand_are_those_of_the_next_platform(
    lms: double.Platform, autumn: Cohort, dana: User, log_in: LogIn
) -> None:
    shown = dict(log_in(dana).get("/cohorts/autumn/lms/").context["next"])
    log_in(dana).post("/cohorts/autumn/lms/", describe(lms))
    assert f"http://testserver/lti/{Platform.objects.get().key}/login/" in shown.values()


def test_the_log_is_paged_and_costs_the_same_for_many_lines(
    course: Course, dana: User, log_in: LogIn, django_assert_max_num_queries: Any
) -> None:
    leader = log_in(dana)
    person = Identity.objects.create(platform=course.registration, sub="1", name="Person")
    SyncLine.objects.bulk_create(
        SyncLine(platform=course.registration, what="score", outcome="done", text=f"line {number}", identity=person)
        for number in range(60)
    )
    with django_assert_max_num_queries(20):
        page = leader.get("/cohorts/autumn/lms/").content.decode()
    assert "line 59" in page
    assert "line 9<" not in page
    assert "line 9<" in leader.get("/cohorts/autumn/lms/?page=2").content.decode()
