"""A domain that somebody brings: judged on as a ready-made one is, within bounds, and named wherever it counts."""

from pathlib import Path

import pytest

from curriculum.package import load
from grading.domain_files import keep_domain
from grading.facilities import Facilities
from grading.pipeline import Job, grade
from grading.sandboxes.choose import choose
from grading.store import Store, digest_of
from grading.verdict import Outcome
from grading.world import Draw, make_world

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "fixtures" / "packages" / "tiny"


@pytest.fixture(scope="module")
def facilities(tmp_path_factory: pytest.TempPathFactory) -> Facilities:
    return Facilities(Store(tmp_path_factory.mktemp("store")), choose(), ROOT / ".environments")


def test_a_tree_is_judged_on_the_domain_that_was_brought_and_the_verdict_names_it(facilities: Facilities) -> None:
    package, store = load(TINY), facilities.store
    pears, plums = (keep_domain(f"unit: {fruit}\n", store) for fruit in ("pears", "plums"))
    assert keep_domain("unit: pears\n", store) == pears != plums
    worlds = {name: make_world(package, Draw(3, 4, name), store) for name in ("plain", pears, plums)}
    assert {name: world.facts["unit"] for name, world in worlds.items()} == {
        "plain": "apples",
        pears: "pears",
        plums: "plums",
    }
    tree = store.put(TINY / "reference")
    own, ready = (grade(Job(store.put(TINY), "clean", tree, Draw(3, 4, name)), facilities) for name in (pears, "plain"))
    assert (own.outcome, own.digests["domain"], own.digests["world"]) == (Outcome.PASSED, pears, worlds[pears].digest)
    assert (ready.outcome, "domain" in ready.digests) == (Outcome.PASSED, False)
    again = grade(Job(store.put(TINY), "clean", tree, Draw(3, 4, pears)), facilities)
    assert (again.outcome, again.digests) == (own.outcome, own.digests)


def test_a_ready_made_world_is_kept_under_the_key_that_it_always_had(facilities: Facilities) -> None:
    package, draw = load(TINY), Draw(5, 6, "plain", 7)
    world = make_world(package, draw, facilities.store)
    told = {"world": package.data_digest, "mechanism": 5, "draw": 6, "domain": "plain", "seat": 7}
    kept = facilities.store.recall(digest_of(told))
    assert kept == {"raw": world.raw, "truth": world.truth, "facts": {"unit": "apples"}}


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("sha256:" + "0" * 64, "is not kept here"),
        ("- a list\n", "holds a mapping"),
        ("unit: &a [1]\nother: *a\n", "anchors (&) and aliases (*) are not read"),
    ],
)
def test_a_domain_that_makes_no_world_costs_the_learner_nothing(facilities: Facilities, text: str, cause: str) -> None:
    store = facilities.store
    name = text if text.startswith("sha256:") else keep_domain(text, store)
    verdict = grade(Job(store.put(TINY), "clean", store.put(TINY / "reference"), Draw(1, 1, name)), facilities)
    assert verdict.outcome is Outcome.VOID
    assert cause in verdict.digests["cause"]
