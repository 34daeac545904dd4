"""What to do next in a project: the milestone, the check that does not hold, the command."""

from milepost.server import Answer, Server
from milepost.speech import say
from milepost.troubles import Trouble

COMMANDS = {"queued": "milepost watch", "running": "milepost watch", "open": "milepost brief {kind}"}
MENDED = "milepost check {kind}"
JUDGED = frozenset({"failed", "broken", "regressed"})


def describe_going_on(server: Server, enrolment: Answer) -> Answer | None:
    """The milestone to work on now, what its pass opens, what was wrong with it last; None when all have passed."""
    milestones = enrolment["milestones"]
    standing = next(
        (one for one in milestones if one["state"] == "regressed" or one["kind"] == enrolment["next"]), None
    )
    if standing is None:
        return None
    kind, state = standing["kind"], standing["state"]
    return {
        "milestone": kind,
        "opens": next((one["kind"] for one in milestones if one["opener"] == kind), None),
        **(_find_fault(server, standing["submission"]) if state in JUDGED else {"sentence": "", "check": None}),
        "command": COMMANDS.get(state, MENDED).format(kind=kind),
    }


def _find_fault(server: Server, submission: int | None) -> Answer:
    """The sentence of the last run, and the first check in it that does not hold."""
    try:
        run = server.get(f"/api/submissions/{submission}")["run"]
    except Trouble:
        return {"sentence": "", "check": None}
    checks = run["chain"][-1]["checks"] if run["chain"] else []
    return {
        "sentence": run["sentence"],
        "check": next((check["question"] for check in checks if check["answer"] == "failed"), None),
    }


def say_going_on(told: Answer | None) -> None:
    """The same for people."""
    if told is None:
        say("  Every milestone has passed.")
        return
    if told["check"]:
        say(f"  ✗ {told['check']}", "bold red")
    if told["sentence"]:
        say(f"  {told['sentence']}")
    opens = f"; when it has passed, {told['opens']} opens" if told["opens"] else ""
    say(f"  Next is {told['milestone']}{opens}. Go on with: {told['command']}")
