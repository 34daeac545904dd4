"""A loan from the button to the verdict, with the real jail: what the reference makes stands in, at home too."""

from pathlib import Path

import pytest

from curriculum.models import Project
from people.accounts.models import User
from people.learners import helping, intake, tasks
from people.learners.archives import pack_practice_world
from people.learners.facilities import store
from people.learners.models import Enrolment, Loan

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLEAN = Path(__file__).resolve().parents[2] / "fixtures/packages/tiny/reference/pipeline/clean.py"


def test_a_stuck_learner_passes_the_next_on_what_is_lent(
    enrolled: Enrolment, alice: User, dana: User, tiny: Project, rings: list[object]
) -> None:
    helping.permit(dana, [alice], "tiny", "ingest", "loan")
    loan = helping.lend(enrolled, "ingest")
    tasks.make_loan(loan.pk)
    made = Loan.objects.get().artefact
    assert [entry.path for entry in store().entries(made)] == ["numbers.json"]
    assert pack_practice_world(enrolled).read()
    run = intake.submit(enrolled, "clean", {"pipeline/clean.py": CLEAN.read_bytes()}, "test")
    tasks.grade_run(run.pk)
    run.refresh_from_db()
    assert (run.outcome, run.digests["lent"]) == ("passed", "ingest")
    assert [one.outcome for one in run.judgements.all()] == ["lent", "passed"]
