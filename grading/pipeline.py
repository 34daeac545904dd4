"""One submission from tree to verdict: lay out, produce, examine and judge each milestone of the chain. No database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from curriculum.package import PackageFault, ProjectPackage
from grading.domain_files import is_brought
from grading.examination import Exhibit, ask_checks
from grading.facilities import Facilities
from grading.judging import Judging, Report, be_silent, name_files_as_they_do
from grading.measuring import step
from grading.probing import Break, run_probes
from grading.production import Production, produce, serve
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
from grading.wording import wording
from grading.world import Draw, World, make_world

OUTPUT_SHOWN = 8000
ANSWERED = {
    Answer.HELD: wording("holds: {question}"),
    Answer.FAILED: wording("does not hold: {question}"),
    Answer.NOT_ASKED: wording("not asked: {question}"),
}
CONCLUDED = {
    Outcome.PASSED: wording("passed: {sentence}"),
    Outcome.FAILED: wording("failed: {sentence}"),
    Outcome.BROKEN: wording("broken: {sentence}"),
    Outcome.VOID: wording("void: {sentence}"),
}
LAYING_OUT = wording("laying out your data")
RUNNING = wording("running your code")
FOUND_AGAIN = wording("nothing in it changed, so we use what it made last time")
ASKING_CHECKS = wording("asking the checks")
STANDING_IN = wording("going on with the reference's, which is lent to you")
NOT_JUDGED = wording("Not judged: {kind} is lent, so the reference stands in for it.")
ASKING_SERVICE = wording("asking your service")
OUR_FAULT = wording("Something went wrong on our side. This try costs you nothing, and we have been told.")
UPSTREAM_FAILS = wording("Your {kind}, which {next} builds on, does not hold on this world: {sentence}")
UPSTREAM_GUILTY = wording(
    "Your {kind} does well on the reference's {guilty}, so look at your {guilty}: "
    "it passed its own checks, and yet {sentence}"
)
FORM_IS_RIGHT = wording("The files are there, in the form that the brief describes.")


@dataclass(frozen=True, slots=True)
class Job:
    """What to judge: equal jobs have equal verdicts. `package` and `tree` are digests in the store.

    lent: the earlier milestones that are not judged, each with the digest of the artefact to go on with; with none, the
    reference makes it.
    """

    package: str
    kind: str
    tree: str
    draw: Draw
    lent: Mapping[str, str] = field(default_factory=dict)


def grade(job: Job, facilities: Facilities, report: Report = be_silent) -> Verdict:
    """Judge the milestone, and every one before it on the same world. Our own faults end as a void verdict."""
    try:
        package = facilities.package(job.package)
        report(job.kind, LAYING_OUT)
        world = make_world(package, job.draw, facilities.store)
        chain = _grade_chain(package, job, world, facilities, report)
    except (PackageFault, SandboxFault) as fault:
        return void(job, str(fault))
    return replace(chain, digests=_digests(job, package, world, facilities))


def void(job: Job, cause: str) -> Verdict:
    """The verdict of a run that failed for a fault of ours or the author's: it costs the learner nothing."""
    link = MilestoneVerdict(job.kind, Outcome.VOID, OUR_FAULT)
    return Verdict(job.kind, Outcome.VOID, OUR_FAULT, (link,), digests={"cause": cause})


def _grade_chain(package: ProjectPackage, job: Job, world: World, facilities: Facilities, report: Report) -> Verdict:
    upstream: dict[str, str] = {}
    chain: list[MilestoneVerdict] = []
    for milestone in (*package.before(job.kind), package.milestone(job.kind)):
        judging = Judging(package, milestone, world, job.tree, dict(upstream), facilities, report)
        is_lent = milestone.kind in job.lent and milestone.kind != job.kind
        link = _stand_in(judging, job.lent[milestone.kind]) if is_lent else judge_milestone(judging)
        chain.append(link)
        if link.outcome not in (Outcome.PASSED, Outcome.LENT):
            return _conclude(judging, job, chain)
        if not milestone.is_service:
            upstream[milestone.kind] = link.artefact
    return Verdict(job.kind, Outcome.PASSED, chain[-1].sentence, tuple(chain))


def _conclude(judging: Judging, job: Job, chain: list[MilestoneVerdict]) -> Verdict:
    """What to say when a milestone of the chain did not pass: whose fault, and which milestone to mend."""
    own = chain[-1]
    if own.kind != job.kind:
        sentence = UPSTREAM_FAILS.format(kind=own.kind, next=job.kind, sentence=own.sentence)
        return Verdict(job.kind, own.outcome, sentence, tuple(chain), guilty=own.kind)
    if not (judging.package.folder / "reference").is_dir():  # a learner's copy: nothing to compare with
        return Verdict(job.kind, own.outcome, own.sentence, tuple(chain))
    if own.outcome is Outcome.BROKEN and not reference_holds(judging):
        raise SandboxFault(f"The reference's {own.kind} broke on this worker as well: {own.sentence}")
    if guilty := _find_guilty(judging, own, job.lent):
        sentence = UPSTREAM_GUILTY.format(kind=own.kind, guilty=guilty, sentence=_lower_first(own.sentence))
        return Verdict(job.kind, own.outcome, sentence, tuple(chain), guilty=guilty)
    return Verdict(job.kind, own.outcome, own.sentence, tuple(chain))


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _stand_in(judging: Judging, artefact: str) -> MilestoneVerdict:
    """A milestone that is lent: the reference's artefact of it, and no question asked."""
    judging.say(STANDING_IN)
    artefact = artefact or make_reference_artefact(judging)
    sentence = NOT_JUDGED.format(kind=judging.milestone.kind)
    return MilestoneVerdict(judging.milestone.kind, Outcome.LENT, sentence, artefact=artefact)


def make_reference_artefact(judging: Judging) -> str:
    """What the reference makes of this milestone, and of all before it, on this world; of a service, nothing."""
    if judging.milestone.is_service:
        return judging.facilities.store.put_files({})
    tree = judging.facilities.store.put(judging.package.folder / "reference")
    return _make_right(judging.on(tree=tree, upstream=make_upstream(judging, tree)))


def _make_right(judging: Judging) -> str:
    made = produce(judging)
    if made.exit.abnormal:
        told = describe_exit(judging.milestone.kind, made.exit, judging.limits)
        raise SandboxFault(f"A right tree broke on this worker: {told}")
    return made.artefact


def judge_milestone(judging: Judging) -> MilestoneVerdict:
    """One milestone: their code makes something, our checks look at it."""
    judging.say(RUNNING)
    link = _judge_service(judging) if judging.milestone.is_service else _judge_artefact(judging)
    judging.say(CONCLUDED[link.outcome].format(sentence=link.sentence))
    return link


def _judge_artefact(judging: Judging) -> MilestoneVerdict:
    made = produce(judging)
    if made.found_by_digest:
        judging.say(FOUND_AGAIN)
    if made.exit.abnormal:
        return _verdict(judging, made, ())
    exhibit = Exhibit(made.artefact, refused=_refused(made.exit))
    probes, broken = run_probes(judging, exhibit)
    if broken:
        return _conclude_break(judging, made, broken)
    judging.say(ASKING_CHECKS)
    exhibit = replace(exhibit, probes=probes, usage=usage_of(made.exit))
    return _verdict(judging, made, _ask(judging, exhibit))


def _ask(judging: Judging, exhibit: Exhibit) -> tuple[CheckResult, ...]:
    results = ask_checks(judging, exhibit)
    for result in results:
        judging.report(judging.milestone.kind, ANSWERED[result.answer].format(question=result.question), result.answer)
    return results


@step("serve")
def _judge_service(judging: Judging) -> MilestoneVerdict:
    nothing = Production(judging.facilities.store.put_files({}), Exit(Reason.FINISHED, 0, 0, 0, 0))
    probes, broken = run_probes(judging, Exhibit(nothing.artefact))
    if broken:
        return _conclude_break(judging, nothing, broken)
    with serve(judging) as (socket, serving), _serve_again(judging) as restarted:
        judging.say(ASKING_SERVICE)
        results = _ask(judging, Exhibit(nothing.artefact, probes, service=socket, restarted=restarted))
    ended = serving.exit
    if ended.reason is Reason.KILLED_BY_US:  # as every server ends that is still there when we are done
        ended = replace(ended, reason=Reason.FINISHED, code=0)
    return _verdict(judging, Production(nothing.artefact, ended), results)


@contextmanager
def _serve_again(judging: Judging) -> Iterator[Path | None]:
    """A second, fresh instance beside the first, where checks want to know whether a restart changes an answer."""
    if not judging.milestone.restarted:
        yield None
        return
    with serve(judging) as (socket, _):
        yield socket


def _conclude_break(judging: Judging, made: Production, broken: Break) -> MilestoneVerdict:
    """The verdict when a probe's inputs could not be made, or their code broke on them."""
    if broken.made:
        return _verdict(judging, replace(broken.made, artefact=made.artefact), ())
    result = CheckResult(f"inputs_of_{broken.probe}", FORM_IS_RIGHT, Answer.FAILED, broken.refused)
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
    return name_files_as_they_do(said)[-OUTPUT_SHOWN:]


def reference_upstream(judging: Judging) -> dict[str, str]:
    """The artefacts that the reference makes, on the same world, of the milestones before this one."""
    return make_upstream(judging, judging.facilities.store.put(judging.package.folder / "reference"))


def make_upstream(judging: Judging, tree: str) -> dict[str, str]:
    """What this tree, one of the package's right ones, makes of the milestones before this one, each of its own."""
    upstream: dict[str, str] = {}
    for milestone in judging.package.feeding(judging.milestone.kind):
        earlier = replace(judging.on(tree=tree, upstream=upstream), milestone=milestone)
        upstream = {**upstream, milestone.kind: _make_right(earlier)}
    return upstream


def reference_holds(judging: Judging) -> bool:
    """Whether the reference's own milestone runs here and now: if not even that does, the fault is ours."""
    tree = judging.facilities.store.put(judging.package.folder / "reference")
    canary = judging.on(tree=tree, upstream=make_upstream(judging, tree))
    if judging.milestone.is_service:
        return judge_milestone(canary).outcome is Outcome.PASSED
    return not produce(canary).exit.abnormal


def _find_guilty(judging: Judging, own: MilestoneVerdict, lent: Mapping[str, str]) -> str:
    """The milestone of theirs before this one, if this one passes on the reference's artefacts; else nothing.

    A run that hit a limit is not tried again: it would cost as much again, and nothing in it points upstream.
    """
    before = [milestone for milestone in judging.package.feeding(own.kind) if milestone.kind not in lent]
    if not before or (own.outcome is Outcome.BROKEN and "so we stopped it" in own.sentence):
        return ""
    second = judge_milestone(judging.on(upstream=reference_upstream(judging)))
    return before[-1].kind if second.outcome is Outcome.PASSED else ""


def _digests(job: Job, package: ProjectPackage, world: World, facilities: Facilities) -> dict[str, str]:
    earlier = [milestone.kind for milestone in package.before(job.kind)]
    lent = {"lent": " ".join(kind for kind in earlier if kind in job.lent)} if job.lent.keys() & set(earlier) else {}
    brought = {"domain": job.draw.domain} if is_brought(job.draw.domain) else {}
    return {
        **lent,
        **brought,
        "package": package.digest,
        "tree": job.tree,
        "world": world.digest,
        "environment": facilities.learner_environment(package).digest,
        "examiner": facilities.examiner_environment.digest,
        "sandbox": digest_of(facilities.sandbox.layers),
    }
