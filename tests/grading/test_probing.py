"""Probes are run one after the other, up to the first that breaks: what they left, and where they stopped."""

from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from curriculum.package import ProbeSpec
from grading import probing
from grading.examination import Exhibit, Prepared
from grading.probing import Break, run_probes
from grading.production import Production
from grading.sandboxes.base import Exit, Reason

WELL, KILLED = Exit(Reason.FINISHED, 0, 1, 1, 1), Exit(Reason.TIMED_OUT, None, 1, 1, 1)


def probe(name: str, *words: str) -> ProbeSpec:
    return ProbeSpec(name, ("python", "-m", name, *words), {}, {})


PROBES = (probe("again"), probe("shuffled", "{prepared}"), probe("last"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run the probes of a milestone where these break and those inputs are refused; also says which were run."""

    def run_them(breaks: str = "", refused: Mapping[str, str] | None = None):  # type: ignore[no-untyped-def]
        ran: list[str] = []

        def produce(judging: object, one: ProbeSpec, main: str, prepared: str, facts: object) -> Production:
            ran.append(f"{one.name} on {main}" + (f" and {prepared}" if prepared else ""))
            return Production(f"left by {one.name}", KILLED if one.name == breaks else WELL)

        def prepare(judging: object, exhibit: Exhibit, names: list[str]) -> dict[str, Prepared]:
            return {name: Prepared(f"made for {name}", refused=(refused or {}).get(name, "")) for name in names}

        monkeypatch.setattr(probing, "produce_probe", produce)
        monkeypatch.setattr(probing, "prepare_probes", prepare)
        judging = SimpleNamespace(milestone=SimpleNamespace(probes=PROBES), say=lambda text: None)
        return (*run_probes(judging, Exhibit("a model")), ran)  # type: ignore[arg-type]

    return run_them


def test_what_every_probe_left_is_told_by_its_name(run) -> None:  # type: ignore[no-untyped-def]
    left, broken, ran = run()
    assert left == {name: f"left by {name}" for name in ("again", "shuffled", "last")}
    assert broken is None
    assert ran == ["again on a model", "shuffled on a model and made for shuffled", "last on a model"]


def test_after_a_probe_on_which_their_code_breaks_none_is_run(run) -> None:  # type: ignore[no-untyped-def]
    left, broken, ran = run(breaks="shuffled")
    assert (left, len(ran)) == ({"again": "left by again"}, 2)
    assert broken == Break("shuffled", made=Production("left by shuffled", KILLED))


def test_a_probe_whose_inputs_cannot_be_made_says_why(run) -> None:  # type: ignore[no-untyped-def]
    left, broken, ran = run(refused={"shuffled": "the table lacks a column"})
    assert (left, len(ran)) == ({"again": "left by again"}, 1)
    assert broken == Break("shuffled", refused="the table lacks a column")
