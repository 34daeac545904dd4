"""Two versions of a real package, in which one check of ingest changed: who moves up, and by which check."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from curriculum.models import Project
from curriculum.package import load
from curriculum.publish import publish
from curriculum.trees import read_work
from people.accounts.models import User
from people.cohorts.models import Cohort, Membership, Role
from people.learners import intake, tasks
from people.learners.facilities import store
from people.learners.models import Enrolment
from people.learners.standing import read_standing
from tests.conftest import ROOT

PACKAGE = ROOT / "projects" / "chargeback-watch"
WRONG = "wrong/ingest-keeps-the-overlap-of-pages"
STRICT, LAX = "    twice = int(found.duplicated().sum())\n", "    twice = 0\n"


def publish_folder(folder: Path) -> Project:
    return publish(load(folder), store().put(folder), store().put(folder / "starter"))


@pytest.fixture
def publish_lax(tmp_path: Path) -> Callable[[], Project]:
    """Chargeback Watch as it is, but that it does not mind when a dispute comes twice."""

    def copy() -> Project:
        folder = shutil.copytree(PACKAGE, tmp_path / "chargeback-watch")
        checks = folder / "ingest" / "checks.py"
        told = checks.read_text()
        assert told.count(STRICT) == 1
        checks.write_text(told.replace(STRICT, LAX))
        return publish_folder(folder)

    return copy


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_check_that_asks_less_moves_up_whom_it_had_refused(
    bob: User, dana: User, rings: list[object], publish_lax: Callable[[], Project]
) -> None:
    first = publish_folder(PACKAGE)
    cohort = Cohort.objects.create(slug="autumn", title="Autumn", project_slugs=[first.slug])
    for user, role in ((bob, Role.LEARNER), (dana, Role.OWNER)):
        Membership.objects.create(cohort=cohort, user=user, role=role)
    run = intake.submit(intake.enrol(bob, first), "ingest", read_work(load(PACKAGE), WRONG), "web")
    tasks.grade_run(run.pk)
    run.refresh_from_db()
    assert run.outcome == "failed"
    publish_lax()
    out = io.StringIO()
    call_command("regrade", "autumn", first.slug, "--apply", "only-higher", stdout=out)
    assert "Edition 2 of Chargeback Watch: 1 up, 0 down, 0 same, 0 void." in out.getvalue()
    assert "0 down, 1 up by ingest: Each dispute is one row, although pages overlap." in out.getvalue()
    enrolment = Enrolment.objects.get(user=bob)
    standing = read_standing(enrolment, ["ingest"], "ingest")
    assert (enrolment.project.number, standing.state, standing.passed_in) == (2, "passed", None)
