"""Level 5 takes a person: a learner writes, somebody who leads them countersigns by name, and either takes it back."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.employers.countersigning import ask, countersign
from people.employers.models import Countersign, Rationale
from people.employers.queries import read_skill_levels
from people.learners.refusals import Refusal

LogIn = Callable[[User], Client]
SKILL = "acquire-data"
TEXT = "I kept every line, and said of each where it came from. <script>alert(1)</script> " * 4
REASON = "It says what was left out, and why."
WRITE = f"/me/skills/{SKILL}/rationale/"
DESK = "/cohorts/autumn/rationales/"


def level_of(user: User) -> int:
    [level] = [one.level for one in read_skill_levels(user) if one.skill == SKILL]
    return level


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_dana_countersigns_and_undoes_it_and_level_5_comes_and_goes(
    second_business: User, dana: User, autumn: Cohort, log_in: LogIn
) -> None:
    alice = second_business
    assert level_of(alice) == 4
    assert log_in(alice).post(WRITE, {"text": TEXT}).status_code == 302
    [asked] = Rationale.objects.all()
    client, page = log_in(dana), f"{DESK}{asked.pk}/"
    assert f'href="{page}"' in read(client, DESK)
    shown = read(client, page)
    assert "I kept every line" in shown
    assert "alert(1)" not in shown
    assert "Step 4" in shown
    short = client.post(page, {"act": "countersign", "reason": "Fine."})
    assert (short.status_code, "these are 5" in short.content.decode()) == (400, True)
    assert level_of(alice) == 4
    assert client.post(page, {"act": "countersign", "reason": REASON}).status_code == 302
    assert level_of(alice) == 5
    assert "Level 5 of 5" in read(log_in(alice), "/me/skills/")
    assert "by Dana" in read(log_in(alice), WRITE)
    assert client.post(page, {"act": "send_back", "reason": REASON}).status_code == 409
    client.post(page, {"act": "undo"})
    assert level_of(alice) == 4
    word = Countersign.objects.get()
    assert (word.by, word.undone_by, word.undone_at is None) == (dana, dana, False)
    assert "Undone by Dana" in read(log_in(alice), WRITE)


def test_what_is_sent_back_is_asked_again_and_the_old_text_stays_in_the_record(
    second_business: User, dana: User, autumn: Cohort, log_in: LogIn
) -> None:
    alice = second_business
    first = ask(alice, SKILL, TEXT)
    log_in(dana).post(f"{DESK}{first.pk}/", {"act": "send_back", "reason": "Say what it cost you."})
    assert "Say what it cost you." in read(log_in(alice), WRITE)
    second = ask(alice, SKILL, TEXT)
    assert log_in(dana).get(f"{DESK}{first.pk}/").status_code == 404
    countersign(dana, second, REASON)
    with pytest.raises(Refusal, match="countersigned already"):
        ask(alice, SKILL, TEXT)
    assert level_of(alice) == 5
    assert log_in(alice).post(f"/me/rationales/{second.pk}/withdraw/").status_code == 302
    assert (level_of(alice), Rationale.objects.count()) == (4, 2)
    with pytest.raises(Refusal, match="withdrawn"):
        countersign(dana, second, REASON)


def test_nobody_countersigns_their_own_nor_anybody_whom_they_do_not_teach(
    second_business: User,
    bob: User,
    charlie: User,
    dana: User,
    autumn: Cohort,
    log_in: LogIn,
    api: Callable[[User], APIClient],
) -> None:
    alice = second_business
    asked = ask(alice, SKILL, TEXT)
    Membership.objects.create(cohort=autumn, user=charlie, role=Role.ASSISTANT)
    spring = Cohort.objects.create(slug="spring", title="Spring", project_slugs=["tiny"])
    Membership.objects.create(cohort=spring, user=alice, role=Role.OWNER)
    answer = {"outcome": "countersigned", "reason": REASON}
    for user in (alice, bob, charlie):
        assert api(user).post(f"/api/rationales/{asked.pk}/answer", answer).status_code == 404
        assert api(user).get("/api/rationales").json()["count"] == 0
        assert log_in(user).get(f"{DESK}{asked.pk}/").status_code in (403, 404)
        assert log_in(user).post(f"/me/rationales/{asked.pk}/withdraw/").status_code == (302 if user == alice else 404)
        Rationale.objects.update(withdrawn_at=None)
    assert level_of(alice) == 4
    assert api(dana).post(f"/api/rationales/{asked.pk}/answer", answer).status_code == 201
    assert level_of(alice) == 5


@pytest.mark.parametrize(
    ("skill", "text", "field", "says"),
    [
        (SKILL, "Short.", "text", "from 200 to 8000"),
        (SKILL, "x" * 8001, "text", "from 200 to 8000"),
        ("clean", TEXT, "skill", "today it is 0"),
        ("flying", TEXT, "skill", "no skill"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_field(
    skill: str, text: str, field: str, says: str, shown: User
) -> None:
    with pytest.raises(Refusal, match=says) as refused:
        ask(shown, skill, text)
    assert refused.value.field == field


def test_a_refused_text_is_kept_on_the_page(shown: User, log_in: LogIn) -> None:
    answer = log_in(shown).post(WRITE, {"text": "Too short, but mine."})
    assert answer.status_code == 400
    assert "Too short, but mine." in answer.content.decode()
    assert log_in(shown).get("/me/skills/flying/rationale/").status_code == 404


def test_by_the_api_it_is_asked_answered_undone_and_withdrawn(
    second_business: User, dana: User, autumn: Cohort, api: Callable[[User], APIClient]
) -> None:
    alice, leader = api(second_business), api(dana)
    made = alice.post("/api/me/rationales", {"skill": SKILL, "text": TEXT}, format="json").json()
    [waiting] = leader.get("/api/rationales").json()["results"]
    assert (waiting["id"], waiting["learner"], waiting["words"]) == (made["id"], "alice", [])
    answered = leader.post(f"/api/rationales/{made['id']}/answer", {"outcome": "returned", "reason": REASON})
    assert answered.json()["words"][0]["outcome"] == "returned"
    assert leader.delete(f"/api/rationales/{made['id']}/answer").status_code == 204
    leader.post(f"/api/rationales/{made['id']}/answer", {"outcome": "countersigned", "reason": REASON})
    levels = {one["skill"]: one for one in alice.get("/api/me/skills").json()}
    assert (levels[SKILL]["level"], levels[SKILL]["lacks"]) == (5, [])
    assert levels[SKILL]["alignments"][0]["framework"] == "ESCO"
    assert alice.delete(f"/api/me/rationales/{made['id']}").status_code == 204
    assert len(alice.get("/api/me/rationales").json()["results"][0]["words"]) == 2
    assert level_of(second_business) == 4


def test_the_desk_costs_the_same_however_many_ask(
    second_business: User, bob: User, dana: User, autumn: Cohort, log_in: LogIn,
    django_assert_num_queries: Callable[[int], object],
) -> None:  # fmt: skip
    client = log_in(dana)
    for asker in (second_business, bob):
        Rationale.objects.create(user=asker, skill=SKILL, text=TEXT)
        with django_assert_num_queries(7):  # type: ignore[attr-defined]
            client.get(DESK)
