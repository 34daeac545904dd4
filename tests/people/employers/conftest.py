"""Alice has shown level 4 of a skill, or two levels to claim; Dana leads her; Erin recruits for Northwind."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.cache import cache

from curriculum.models import Project
from curriculum.publish import publish
from grading.verdict import Answer, CheckResult, MilestoneVerdict, Outcome, Usage, Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.employers.disclosing import disclose
from people.employers.models import Credential, Disclosure, Employer, Post
from people.employers.models import Role as PostRole
from people.learners import intake
from people.learners.models import Enrolment, Run, Submission
from tests.conftest import keep_tiny
from tests.people.learners.conftest import api, enrolled

__all__ = ["api", "enrolled"]


@pytest.fixture
def autumn(alice: User, bob: User, dana: User, tiny: Project) -> Cohort:
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=["tiny"])
    for user, role in ((alice, Role.LEARNER), (bob, Role.LEARNER), (dana, Role.OWNER)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    return cohort


@pytest.fixture
def northwind(erin: User) -> Employer:
    employer = Employer.objects.create(slug="northwind", title="Northwind")
    Post.objects.create(employer=employer, user=erin, role=PostRole.OWNER)
    return employer


@pytest.fixture
def four_levels(passed_ingest: Verdict) -> Verdict:
    """A pass of ingest that shows levels 1 to 4 of acquire-data, and measures at the last."""
    [held] = passed_ingest.own.results
    steps = [replace(held, name=f"step_{level}", level=level) for level in (1, 2, 3)]
    last = replace(held, name="step_4", level=4, measured=0.97, mark=0.9)
    link = replace(passed_ingest.own, results=(*steps, last), artefact="b" * 64)
    digests = {"tree": "a" * 64, "world": "c" * 64, "package": "d" * 64, "environment": "e" * 64}
    return replace(passed_ingest, chain=(link,), digests=digests)


@pytest.fixture
def shown(
    alice: User, tiny: Project, rings: list[object], conclude: Callable[[Run, Verdict], None], four_levels: Verdict
) -> User:
    """Alice, who has passed tiny's ingest at the second try."""
    enrolled = intake.enrol(alice, tiny)
    [first] = [replace(one, outcome="failed", results=()) for one in four_levels.chain]
    conclude(
        intake.submit(enrolled, "ingest", {"main.py": b"1"}, "web"),
        replace(four_levels, outcome="failed", chain=(first,)),
    )
    conclude(intake.submit(enrolled, "ingest", {"main.py": b"2"}, "web"), four_levels)
    return alice


@pytest.fixture
def second_business(shown: User, conclude: Callable[[Run, Verdict], None], four_levels: Verdict) -> User:
    """Alice has passed the same in another project."""
    package, tree, starter = keep_tiny()
    other = publish(replace(package, slug="other", title="Other"), tree, starter)
    conclude(intake.submit(intake.enrol(shown, other), "ingest", {"main.py": b"3"}, "web"), four_levels)
    return shown


@pytest.fixture
def taken(alice: User, tiny: Project, rings: list[object]) -> Enrolment:
    cache.clear()
    return intake.enrol(alice, tiny)


@pytest.fixture
def judge(taken: Enrolment, conclude: Callable[[Run, Verdict], None]) -> Callable[..., Submission]:
    """Hand in for a milestone, and have every check of the chain up to it answer so."""

    def hand_in(kind: str, text: str, *, holds: bool = True, levels: tuple[int, ...] = (1, 2)) -> Submission:
        run = intake.submit(taken, kind, {"main.py": text.encode()}, "test")
        conclude(run, make_verdict(kind, holds=holds, levels=levels))
        return run.submission

    return hand_in


def make_verdict(kind: str, *, holds: bool = True, levels: tuple[int, ...] = (1, 2)) -> Verdict:
    kinds = ["ingest", "clean"][: 1 + (kind == "clean")]
    links = [make_link(one, holds=holds or one != kind, levels=levels) for one in kinds]
    digests = {"tree": "a" * 64, "world": "b" * 64, "package": "c" * 64, "environment": "d" * 64}
    return Verdict(kind, links[-1].outcome, links[-1].sentence, tuple(links), digests=digests)


def make_link(kind: str, *, holds: bool, levels: tuple[int, ...]) -> MilestoneVerdict:
    skill = {"ingest": "acquire-data", "clean": "clean"}[kind]
    base = CheckResult("every_line_is_there", "Every line is a number.", Answer.HELD, skills=(skill,))
    results = tuple(
        replace(base, name=f"{kind}_{level}", level=level, answer=Answer.HELD if holds else Answer.FAILED)
        for level in levels
    )
    return MilestoneVerdict(kind, Outcome.PASSED if holds else Outcome.FAILED, "Said.", results, Usage(0.4, 0.6, 41))


@pytest.fixture
def passed(judge: Callable[..., Submission]) -> Submission:
    return judge("ingest", "one")


@pytest.fixture
def only() -> Callable[[], Credential]:
    """The one credential that there is, as it is now."""
    return lambda: Credential.objects.get()


@pytest.fixture
def desk(northwind: Employer, erin: User) -> Post:
    """Erin, who owns Northwind."""
    return Post.objects.select_related("employer", "user").get(employer=northwind, user=erin)


@pytest.fixture
def evident(
    alice: User, tiny: Project, rings: list[object], conclude: Callable[[Run, Verdict], None], passed_ingest: Verdict
) -> User:
    """Alice, with evidence of acquire-data at level 1."""
    conclude(intake.submit(intake.enrol(alice, tiny), "ingest", {"main.py": b"5"}, "web"), passed_ingest)
    return alice


@pytest.fixture
def sent(evident: User) -> Disclosure:
    """The link that Alice sends: two skills of hers."""
    return disclose(evident, ["acquire-data", "clean"], [])
