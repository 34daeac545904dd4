"""Whether somebody else's fitted model would do: each learner's model, judged on every other learner's world."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from curriculum.marks import marks_read
from curriculum.package import PackageFault, ProjectPackage
from grading.bench import Bench, set_up
from grading.chances import Rate
from grading.crew import work_off
from grading.examination import Exhibit, ask_checks
from grading.facilities import Facilities
from grading.probing import run_probes
from grading.production import produce
from grading.trees import gather_trees
from grading.verdict import Answer
from grading.world import Draw

KIND = "model"


@dataclass(frozen=True, slots=True)
class Copy:
    """One fitted model on a world that is not its own. apart: in how many switches the two mechanisms differ.

    measured: what came out, by each check that reads a mark. reaches: those of them whose mark it reaches.
    """

    of: int
    on: int
    apart: int | None
    measured: Mapping[str, float | None]
    reaches: frozenset[str]


def plan_copies(package: ProjectPackage, facilities: Facilities, seats: Sequence[int]) -> tuple[int, Iterator[Copy]]:
    """One world for each seat of one cohort, and each pair as it comes. Raises PackageFault where no mark is read."""
    if KIND not in package.kinds or not (names := marks_read(package, KIND)):
        raise PackageFault(f"{package.slug} has no model milestone whose checks read a mark.")
    reference = gather_trees(package, facilities.store).reference
    draws = [Draw(mechanism=seat, draw=seat, domain=package.domains[0], seat=seat) for seat in seats]
    milestone = package.milestone(KIND)
    benches = [set_up(package, milestone, draw, facilities) for draw in draws]
    models = [produce(bench.judging.on(tree=reference)).artefact for bench in benches]
    return len(benches) * (len(benches) - 1), work_off(_tasks(benches, models, names))


def _tasks(benches: Sequence[Bench], models: Sequence[str], checks: Sequence[str]) -> Iterator[Callable[[], Copy]]:
    for here, bench in enumerate(benches):
        for there, model in enumerate(models):
            if here != there:
                yield partial(_try, bench, benches[there], model, checks)


def _try(bench: Bench, other: Bench, model: str, checks: Sequence[str]) -> Copy:
    whose = (other.draw.draw, bench.draw.draw, _apart(_switches(bench), _switches(other)))
    probes, broken = run_probes(bench.judging, Exhibit(model))
    if broken:
        return Copy(*whose, dict.fromkeys(checks), frozenset())
    results = [one for one in ask_checks(bench.judging, Exhibit(model, probes)) if one.name in checks]
    held = frozenset(one.name for one in results if one.answer is Answer.HELD)
    return Copy(*whose, {one.name: one.measured for one in results}, held)


def _switches(bench: Bench) -> dict[str, object]:
    """How this world's switches stand, if its truth says so."""
    judging = bench.judging
    paths = {entry.path for entry in judging.facilities.store.entries(judging.world.truth)}
    if "meta.json" not in paths:
        return {}
    told = json.loads(judging.facilities.store.read(judging.world.truth, "meta.json")).get("switches", {})
    return {str(place): one for place, one in enumerate(told)} if isinstance(told, list | str) else dict(told)


def _apart(one: dict[str, object], other: dict[str, object]) -> int | None:
    return sum(one[name] != other[name] for name in one.keys() & other.keys()) if one and other else None


def describe_copies(copies: Sequence[Copy]) -> str:
    """The share of copied models that reach each mark, by the distance of the mechanisms too, and all marks at once."""
    checks = sorted({check for copy in copies for check in copy.measured})
    lines = [line for check in checks for line in _describe_mark(copies, check)]
    if len(checks) > 1:
        all_held = sum(copy.reaches.issuperset(checks) for copy in copies)
        lines.append(f"Copied models that reach all {len(checks)} marks: {Rate(all_held, len(copies))}.")
    return "\n".join(lines)


def _describe_mark(copies: Sequence[Copy], check: str) -> Iterator[str]:
    reach = sum(check in copy.reaches for copy in copies)
    yield f"Copied models that reach the mark of {check}: {Rate(reach, len(copies))}."
    for apart, some in groupby(sorted(copies, key=_distance), _distance):
        pairs = list(some)
        found = [one for copy in pairs if (one := copy.measured.get(check)) is not None]
        best = f"best {max(found):.2f}" if found else "nothing to measure"
        yield f"  {_tell(apart)}: {sum(check in copy.reaches for copy in pairs)} of {len(pairs)}, {best}"


def _distance(copy: Copy) -> int:
    return -1 if copy.apart is None else copy.apart


def _tell(apart: int) -> str:
    return "unknown distance" if apart < 0 else f"{apart} switch{'es' * (apart != 1)} apart"
