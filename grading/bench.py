"""Where trees are tried: one milestone of one world, on the reference's artefacts of those before it."""

from dataclasses import dataclass, replace

from curriculum.package import MilestoneSpec, PackageFault, ProjectPackage
from grading.facilities import Facilities
from grading.judging import Judging
from grading.pipeline import judge_milestone, make_upstream, reference_upstream
from grading.sandboxes.base import SandboxFault
from grading.verdict import MilestoneVerdict, Outcome
from grading.world import Draw, World, make_world


@dataclass(frozen=True)
class Bench:
    """What a tree is judged on; `draw` says which world that is."""

    draw: Draw
    judging: Judging

    @property
    def kind(self) -> str:
        return self.judging.milestone.kind

    def judge(self, tree: str, world: World | None = None) -> MilestoneVerdict:
        """The verdict on this tree, by digest; the author's fault and ours make it void."""
        try:
            return judge_milestone(replace(self.judging.on(tree=tree), world=world or self.judging.world))
        except (PackageFault, SandboxFault) as fault:
            return MilestoneVerdict(self.kind, Outcome.VOID, str(fault))

    def judge_chain(self, tree: str) -> MilestoneVerdict:
        """The same on what the tree itself made before, as learners are judged: for trees that are right throughout."""
        try:
            own = replace(self, judging=self.judging.on(upstream=make_upstream(self.judging, tree)))
        except SandboxFault as fault:
            return MilestoneVerdict(self.kind, Outcome.VOID, str(fault))
        return own.judge(tree)


def draw_of(package: ProjectPackage, seed: int) -> Draw:
    """The world of this seed. Seeds go round over the package's domains, so that each is tried."""
    return Draw(seed, seed, package.domains[seed % len(package.domains)])


def set_up(package: ProjectPackage, milestone: MilestoneSpec, draw: Draw, facilities: Facilities) -> Bench:
    """The bench of this milestone. The reference runs once for each world: every later bench finds its artefacts."""
    world = make_world(package, draw, facilities.store)
    reference = facilities.store.put(package.folder / "reference")
    blank = Judging(package, milestone, world, reference, {}, facilities)
    return Bench(draw, replace(blank, upstream=reference_upstream(blank)))
