"""Whatever is sent to the API, wherever and by whomever: no fault of ours, and no answer that is not described."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from curriculum.models import Project
from people.accounts.models import User
from people.accounts.tokens import issue_token
from people.cohorts.models import Cohort, Membership, Role
from people.employers.models import Disclosure
from people.learners.models import Share, Submission
from people.lti.models import Platform
from tests.config.fuzzing import BODIES, EVERY, Fuzz
from tests.config.test_matrix import PLATFORM, House, house

__all__ = ["house"]

# What no request gets through, and why not.
NEVER_DONE: Mapping[str, str] = {
    "POST /api/me/rationales": "Alice has shown no level 4 of a skill.",
    "DELETE /api/cohorts/{slug}/leaders/{username}": "Dana is the only owner, and one stays.",
    "DELETE /api/cohorts/{slug}/regrades/{project}": "No regrade was begun.",
}
ROLES = {"ines": Role.INSTRUCTOR, "asa": Role.ASSISTANT, "otto": Role.OBSERVER, "tess": Role.LEARNER}


@pytest.fixture
def crowd(house: House, make_user: Callable[[str], User], publish_newer: Callable[[], Project], settings: Any) -> House:
    """The house, and everybody else who may ask: each role of a cohort, a team mate, a reader who hires, staff."""
    settings.LTI_PRIVATE_HOSTS = ["learn.example.org"]
    publish_newer()
    Platform.objects.update(**PLATFORM)
    people = {name: make_user(name) for name in (*ROLES, "sam")}
    autumn = Cohort.objects.get(slug="autumn")
    for name, role in ROLES.items():
        Membership.objects.create(cohort=autumn, user=people[name], role=role)
    work = Submission.objects.get(pk=house.numbers["submission"])
    Share.objects.create(enrolment=work.enrolment, user=people["tess"], slug="tiny")
    User.objects.filter(pk=people["sam"].pk).update(is_staff=True)
    people["zoe"] = User.objects.get(username="zoe")
    tokens = {name: issue_token(user, "test") for name, user in people.items()}
    return House({**house.people, **people}, {**house.tokens, **tokens}, house.numbers)


@pytest.mark.slow
def test_nobody_finds_a_fault_or_an_answer_that_is_not_described(crowd: House) -> None:
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    later = timezone.now() + timedelta(days=1)
    sent = Disclosure.objects.create(user=crowd.people["alice"], skills=["clean"], expires_at=later)
    bodies = {
        **BODIES,
        "POST /api/employers/{slug}/candidates": {"link": sent.token},
        "POST /api/employers/{slug}/assessments/{id}/invites": {"candidate": "Kim", "expires_at": soon},
    }
    fuzz = Fuzz(crowd, bodies)
    fuzz.run()
    print(f"{sum(fuzz.roles.values())} requests, by {dict(fuzz.roles)}; got through: {fuzz.share_done()}")
    assert not fuzz.faults, "\n\n".join(f"{label}: {told}" for (label, _name), told in fuzz.faults.items())
    if EVERY > 1:
        return
    # Or it would have asked only at closed doors: of each operation something gets through, by each role something.
    assert fuzz.list_never_done() == NEVER_DONE.keys()
    assert min(fuzz.share_done().values()) > 0.1
    assert fuzz.roles.keys() == {*crowd.people, "nobody"}
    assert min(fuzz.roles.values()) > 50
