"""How long a run of a package may take at most, by its limits: every step to its last second, on every draw."""

from curriculum.package import MilestoneSpec, ProjectPackage
from grading.examination import LIMITS
from grading.judging import limits_of

# What a jail and a world take around what is limited: measured below two seconds, on a host that is very busy.
AROUND_S = 10


def longest_s(package: ProjectPackage, draws: int) -> float:
    """Seconds of the longest run, of whichever milestone: it holds on none of so many draws, and each asks why."""
    return draws * max(_draw_s(package, milestone) for milestone in package.milestones)


def _draw_s(package: ProjectPackage, own: MilestoneSpec) -> float:
    chain = sum(_judged_s(milestone) for milestone in (*package.before(own.kind), own))
    # Whose fault it is: the reference makes what feeds it, is run itself, and then theirs once more on what it made.
    upstream = sum(_jail_s(milestone) for milestone in package.feeding(own.kind))
    return AROUND_S + chain + upstream + 2 * _judged_s(own)


def _judged_s(milestone: MilestoneSpec) -> float:
    """Their code, and once more for each probe; our checks, and what makes the probes' inputs."""
    examined = 1 + any(probe.is_prepared for probe in milestone.probes)
    return (1 + len(milestone.probes)) * _jail_s(milestone) + examined * (LIMITS.wall_s + AROUND_S)


def _jail_s(milestone: MilestoneSpec) -> float:
    return limits_of(milestone).wall_s + AROUND_S
