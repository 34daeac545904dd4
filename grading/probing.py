"""Runs every probe of a milestone on an artefact, which may be somebody else's. Knows not what is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from grading.examination import Exhibit, Prepared, prepare_probes
from grading.judging import Judging
from grading.production import Production, produce_probe
from grading.wording import wording

RUNNING_AGAIN = wording("running your code again: {probe}")
CHANGING_INPUTS = wording("changing the inputs for a second look")


@dataclass(frozen=True, slots=True)
class Break:
    """The probe that could not be run to its end: its inputs could not be made (`refused` says why), or their code
    broke on them (`made` says how)."""

    probe: str
    refused: str = ""
    made: Production | None = None


def run_probes(judging: Judging, exhibit: Exhibit) -> tuple[dict[str, str], Break | None]:
    """What each probe left, by its name, up to the first that broke; and that one, after which none is run."""
    prepared = _prepare(judging, exhibit)
    left: dict[str, str] = {}
    for probe in judging.milestone.probes:
        inputs = prepared.get(probe.name, Prepared())
        if inputs.refused:
            return left, Break(probe.name, refused=inputs.refused)
        judging.say(RUNNING_AGAIN.format(probe=probe.name))
        again = produce_probe(judging, probe, exhibit.artefact, inputs.digest, inputs.facts)
        if again.exit.abnormal:
            return left, Break(probe.name, made=again)
        left[probe.name] = again.artefact
    return left, None


def _prepare(judging: Judging, exhibit: Exhibit) -> Mapping[str, Prepared]:
    names = [probe.name for probe in judging.milestone.probes if probe.is_prepared]
    if not names:
        return {}
    judging.say(CHANGING_INPUTS)
    return prepare_probes(judging, exhibit, names)
