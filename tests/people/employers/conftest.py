"""Alice has shown level 4 of a skill; Dana leads her; Erin recruits for Northwind."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from curriculum.models import Project
from curriculum.publish import publish
from grading.verdict import Verdict
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.employers.models import Employer, Post
from people.employers.models import Role as PostRole
from people.learners import intake
from people.learners.models import Run
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
