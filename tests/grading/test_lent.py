"""What is lent: the reference stands in for a milestone, and the ones after it are judged as ever."""

from collections.abc import Callable
from pathlib import Path

import pytest

from curriculum.package import load
from grading.facilities import Facilities
from grading.judging import Judging
from grading.pipeline import Job, grade, make_reference_artefact
from grading.practice import take_lent
from grading.sandboxes.choose import choose
from grading.store import Store
from grading.verdict import Outcome, Verdict
from grading.world import Draw, make_world

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"
DRAW = Draw(3, 4, "plain")
INGEST, CLEAN = "pipeline/ingest.py", "pipeline/clean.py"
LENT = {"ingest": ""}


@pytest.fixture(scope="module")
def facilities(tmp_path_factory: pytest.TempPathFactory) -> Facilities:
    return Facilities(Store(tmp_path_factory.mktemp("store")), choose(), ROOT / ".environments")


@pytest.fixture
def judge(facilities: Facilities) -> Callable[..., Verdict]:
    """The verdict on clean, with these files in place of the reference's."""

    def on(lent: dict[str, str] = LENT, kind: str = "clean", **files: str) -> Verdict:
        texts = {name: (TINY / "reference" / name).read_bytes() for name in (INGEST, CLEAN)}
        tree = facilities.store.put_files({**texts, **{f"pipeline/{n}.py": t.encode() for n, t in files.items()}})
        return grade(Job(facilities.store.put(TINY), kind, tree, DRAW, lent), facilities)

    return on


def test_the_reference_stands_in_for_what_is_lent_and_the_digests_say_so(judge: Callable[..., Verdict]) -> None:
    stuck = "raise SystemExit('stuck')"
    assert judge({}, ingest=stuck).guilty == "ingest"
    verdict = judge(ingest=stuck)
    assert [(link.kind, link.outcome) for link in verdict.chain] == [
        ("ingest", Outcome.LENT),
        ("clean", Outcome.PASSED),
    ]
    assert verdict.chain[0].results == ()
    assert verdict.digests["lent"] == "ingest"
    assert "lent" not in judge({}).digests


def test_nobody_lends_what_is_handed_in_nor_calls_what_is_lent_guilty(judge: Callable[..., Verdict]) -> None:
    own = judge(kind="ingest", ingest="raise SystemExit('stuck')")
    assert (own.outcome, "lent" in own.digests) == (Outcome.BROKEN, False)
    wrong = judge(clean=(TINY / "reference" / CLEAN).read_text().replace("sorted(set(numbers))", "numbers"))
    assert (wrong.outcome, wrong.guilty) == (Outcome.FAILED, "")


def test_at_home_what_is_lent_comes_with_the_practice_world(
    judge: Callable[..., Verdict], facilities: Facilities, tmp_path: Path
) -> None:
    package = load(TINY)
    world = make_world(package, DRAW, facilities.store)
    made = make_reference_artefact(Judging(package, package.milestone("ingest"), world, "", {}, facilities))
    facilities.store.fetch(made, tmp_path / "lent" / "ingest")
    assert take_lent(tmp_path, package, facilities.store) == {}
    (tmp_path / "lent" / "kinds.json").write_text('["ingest", "no-such-kind"]')
    lent = take_lent(tmp_path, package, facilities.store)
    assert lent == {"ingest": made}
    assert judge(lent).outcome is Outcome.PASSED
