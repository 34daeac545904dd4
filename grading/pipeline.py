"""One submission from tree to verdict: lay out, produce, examine and judge each milestone of the chain. No database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from curriculum.package import PackageFault, ProjectPackage
from grading import inside
from grading.examination import Exhibit, Prepared, ask_checks, prepare_probes
from grading.facilities import Facilities
from grading.judging import Judging, Report, be_silent
from grading.production import Production, produce, produce_probe, serve
from grading.sandboxes.base import Exit, Reason, SandboxFault
from grading.store import digest_of
from grading.verdict import (
    Answer,
    CheckResult,
    MilestoneVerdict,
    Outcome,
    Usage,
    Verdict,
    describe_exit,
    judge,
)
from grading.world import Draw, World, make_world

OUTPUT_SHOWN = 8000
# Where this host keeps its libraries is nobody's business, and not what a learner looks for in a traceback.
LIBRARIES = r"(?<=File \")/\S*?/lib/python3\.\d+/(site-packages/)?"


@dataclass(frozen=True, slots=True)
class Job:
    """What to judge: equal jobs have equal verdicts. `package` and `tree` are digests in the store."""

    package: str
    kind: str
    tree: str
    draw: Draw


def grade(job: Job, facilities: Facilities, report: Report = be_silent) -> Verdict:
    """Judge the milestone, and every one before it on the same world. Our own faults end as a void verdict."""
    try:
        package = facilities.package(job.package)
        world = make_world(package, job.draw, facilities.store)
        chain = _grade_chain(package, job, world, facilities, report)
    except (PackageFault, SandboxFault) as fault:
        return void(job, str(fault))
    return replace(chain, digests=_digests(job, package, world, facilities))


def void(job: Job, cause: str) -> Verdict:
    """The verdict of a run that failed for a fault of ours or the author's: it costs the learner nothing."""
    sentence = "Something went wrong on our side. This try costs you nothing, and we have been told."
    link = MilestoneVerdict(job.kind, Outcome.VOID, sentence)
    return Verdict(job.kind, Outcome.VOID, sentence, (link,), digests={"cause": cause})


def _grade_chain(package: ProjectPackage, job: Job, world: World, facilities: Facilities, report: Report) -> Verdict:
    upstream: dict[str, str] = {}
    chain: list[MilestoneVerdict] = []
    for milestone in (*package.before(job.kind), package.milestone(job.kind)):
        judging = Judging(package, milestone, world, job.tree, dict(upstream), facilities, report)
        link = judge_milestone(judging)
        chain.append(link)
        if link.outcome is not Outcome.PASSED:
            return _conclude(judging, job, chain)
        upstream[milestone.kind] = link.artefact
    return Verdict(job.kind, Outcome.PASSED, chain[-1].sentence, tuple(chain))


def _conclude(judging: Judging, job: Job, chain: list[MilestoneVerdict]) -> Verdict:
    """What to say when a milestone of the chain did not pass: whose fault, and which milestone to mend."""
    own = chain[-1]
    if own.kind != job.kind:
        sentence = f"Your {own.kind}, which {job.kind} builds on, does not hold on this world: {own.sentence}"
        return Verdict(job.kind, own.outcome, sentence, tuple(chain), guilty=own.kind)
    if own.outcome is Outcome.BROKEN and not reference_holds(judging):
        raise SandboxFault(f"The reference's {own.kind} broke on this worker as well: {own.sentence}")
    if guilty := _find_guilty(judging, own):
        sentence = (
            f"Your {own.kind} does well on the reference's {guilty}, so look at your {guilty}: "
            f"it passed its own checks, and yet {_lower_first(own.sentence)}"
        )
        return Verdict(job.kind, own.outcome, sentence, tuple(chain), guilty=guilty)
    return Verdict(job.kind, own.outcome, own.sentence, tuple(chain))


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def judge_milestone(judging: Judging) -> MilestoneVerdict:
    """One milestone: their code makes something, our checks look at it."""
    judging.say("running your code")
    link = _judge_service(judging) if judging.milestone.is_service else _judge_artefact(judging)
    judging.say(f"{link.outcome}: {link.sentence}")
    return link


def _judge_artefact(judging: Judging) -> MilestoneVerdict:
    made = produce(judging)
    if made.exit.abnormal:
        return _verdict(judging, made, ())
    probes, broken = _run_probes(judging, made)
    if broken:
        return broken
    judging.say("asking the checks")
    exhibit = Exhibit(made.artefact, probes, usage_of(made.exit), _refused(made.exit))
    return _verdict(judging, made, ask_checks(judging, exhibit))


def _judge_service(judging: Judging) -> MilestoneVerdict:
    nothing = Production(judging.facilities.store.put_files({}), Exit(Reason.FINISHED, 0, 0, 0, 0))
    probes, broken = _run_probes(judging, nothing)
    if broken:
        return broken
    with serve(judging) as (socket, serving):
        judging.say("asking your service")
        results = ask_checks(judging, Exhibit(nothing.artefact, probes, service=socket))
    ended = serving.exit
    if ended.reason is Reason.KILLED_BY_US:  # as every server ends that is still there when we are done
        ended = replace(ended, reason=Reason.FINISHED, code=0)
    return _verdict(judging, Production(nothing.artefact, ended), results)


def _run_probes(judging: Judging, made: Production) -> tuple[dict[str, str], MilestoneVerdict | None]:
    """Each probe's artefact; or the verdict, when a probe's inputs could not be made or their code broke on them."""
    prepared = _prepare(judging, made)
    artefacts: dict[str, str] = {}
    for probe in judging.milestone.probes:
        inputs = prepared.get(probe.name, Prepared())
        if inputs.refused:
            return {}, _misshapen(judging, made, probe.name, inputs.refused)
        judging.say(f"running your code again: {probe.name}")
        again = produce_probe(judging, probe, made.artefact, inputs.digest, inputs.facts)
        if again.exit.abnormal:
            return {}, _verdict(judging, replace(again, artefact=made.artefact), ())
        artefacts[probe.name] = again.artefact
    return artefacts, None


def _prepare(judging: Judging, made: Production) -> Mapping[str, Prepared]:
    names = [probe.name for probe in judging.milestone.probes if "{prepared}" in probe.command]
    if not names:
        return {}
    judging.say("changing the inputs for a second look")
    return prepare_probes(judging, Exhibit(made.artefact, refused=_refused(made.exit)), names)


def _misshapen(judging: Judging, made: Production, probe: str, sentence: str) -> MilestoneVerdict:
    question = "The files are there, in the form that the brief describes."
    result = CheckResult(f"inputs_of_{probe}", question, Answer.FAILED, sentence)
    return _verdict(judging, made, (result,))


def _verdict(judging: Judging, made: Production, results: tuple[CheckResult, ...]) -> MilestoneVerdict:
    outcome, sentence = judge(judging.milestone.kind, made.exit, judging.limits, results)
    return MilestoneVerdict(
        kind=judging.milestone.kind,
        outcome=outcome,
        sentence=sentence,
        results=results,
        usage=usage_of(made.exit),
        limits={name: getattr(judging.limits, name) for name in ("cpu_s", "wall_s", "memory_mb")},
        output=_output(made.exit),
        artefact=made.artefact,
        found_by_digest=made.found_by_digest,
    )


def usage_of(exit: Exit) -> Usage:
    return Usage(exit.cpu_s, exit.wall_s, exit.memory_mb)


def _refused(exit: Exit) -> dict[str, str]:
    return {file.name: file.why for file in exit.refused}


def _output(exit: Exit) -> str:
    """The last of what their code said, with their own files named as they name them."""
    said = "\n".join(part for part in (exit.stdout.strip(), exit.stderr.strip()) if part)
    return re.sub(LIBRARIES, "", said.replace(f"{inside.TREE}/", ""))[-OUTPUT_SHOWN:]


def reference_upstream(judging: Judging) -> dict[str, str]:
    """The artefacts that the reference makes, on the same world, of the milestones before this one."""
    tree = judging.facilities.store.put(judging.package.folder / "reference")
    upstream: dict[str, str] = {}
    for milestone in judging.package.before(judging.milestone.kind):
        earlier = replace(judging.on(tree=tree, upstream=upstream), milestone=milestone)
        made = produce(earlier)
        if made.exit.abnormal:
            told = describe_exit(milestone.kind, made.exit, earlier.limits)
            raise SandboxFault(f"The reference broke on this worker: {told}")
        upstream = {**upstream, milestone.kind: made.artefact}
    return upstream


def reference_holds(judging: Judging) -> bool:
    """Whether the reference's own milestone runs here and now: if not even that does, the fault is ours."""
    tree = judging.facilities.store.put(judging.package.folder / "reference")
    canary = judging.on(tree=tree, upstream=reference_upstream(judging))
    if judging.milestone.is_service:
        return judge_milestone(canary).outcome is Outcome.PASSED
    return not produce(canary).exit.abnormal


def _find_guilty(judging: Judging, own: MilestoneVerdict) -> str:
    """The milestone before this one, if this one passes on the reference's artefact of it; else nothing.

    A run that hit a limit is not tried again: it would cost as much again, and nothing in it points upstream.
    """
    before = judging.package.before(own.kind)
    if not before or (own.outcome is Outcome.BROKEN and "so we stopped it" in own.sentence):
        return ""
    second = judge_milestone(judging.on(upstream=reference_upstream(judging)))
    return before[-1].kind if second.outcome is Outcome.PASSED else ""


def _digests(job: Job, package: ProjectPackage, world: World, facilities: Facilities) -> dict[str, str]:
    return {
        "package": package.digest,
        "tree": job.tree,
        "world": world.digest,
        "environment": facilities.learner_environment(package).digest,
        "examiner": facilities.examiner_environment.digest,
        "sandbox": digest_of(facilities.sandbox.layers),
    }
