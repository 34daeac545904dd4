"""Whether somebody else's fitted model would do: each learner's model, judged on every other learner's world."""

import json
from collections.abc import Callable, Iterator, Sequence
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
    """One fitted model on a world that is not its own. apart: in how many switches the two mechanisms differ."""

    of: int
    on: int
    apart: int | None
    measured: float | None
    reaches: bool


def plan_copies(package: ProjectPackage, facilities: Facilities, seats: Sequence[int]) -> tuple[int, Iterator[Copy]]:
    """One world for each seat of one cohort, and each pair as it comes. Raises PackageFault where no mark is read."""
    if KIND not in package.kinds or not (names := marks_read(package, KIND)):
        raise PackageFault(f"{package.slug} has no model milestone whose checks read a mark.")
    reference = gather_trees(package, facilities.store).reference
    draws = [Draw(mechanism=seat, draw=seat, domain=package.domains[0], seat=seat) for seat in seats]
    milestone = package.milestone(KIND)
    benches = [set_up(package, milestone, draw, facilities) for draw in draws]
    models = [produce(bench.judging.on(tree=reference)).artefact for bench in benches]
    return len(benches) * (len(benches) - 1), work_off(_tasks(benches, models, names[0]))


def _tasks(benches: Sequence[Bench], models: Sequence[str], check: str) -> Iterator[Callable[[], Copy]]:
    for here, bench in enumerate(benches):
        for there, model in enumerate(models):
            if here != there:
                yield partial(_try, bench, benches[there], model, check)


def _try(bench: Bench, other: Bench, model: str, check: str) -> Copy:
    apart = _apart(_switches(bench), _switches(other))
    probes, broken = run_probes(bench.judging, Exhibit(model))
    if broken:
        return Copy(other.draw.draw, bench.draw.draw, apart, None, False)
    result = next(result for result in ask_checks(bench.judging, Exhibit(model, probes)) if result.name == check)
    return Copy(other.draw.draw, bench.draw.draw, apart, result.measured, result.answer is Answer.HELD)


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
    """The share of copied models that reach the mark, in all and by the distance of the mechanisms."""
    lines = [f"Copied models that reach the mark: {Rate(sum(copy.reaches for copy in copies), len(copies))}."]
    ordered = sorted(copies, key=_distance)
    for apart, some in groupby(ordered, _distance):
        pairs = list(some)
        best = max((copy.measured for copy in pairs if copy.measured is not None), default=float("nan"))
        word = "unknown distance" if apart < 0 else f"{apart} switches apart"
        lines.append(f"  {word}: {sum(copy.reaches for copy in pairs)} of {len(pairs)}, best {best:.2f}")
    return "\n".join(lines)


def _distance(copy: Copy) -> int:
    return -1 if copy.apart is None else copy.apart
