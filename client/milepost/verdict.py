"""Prints what a run concluded: its sentence, the chain, each check that does not hold. Says no sentence twice."""

from milepost.outcomes import STYLES, word, word_in_colour
from milepost.server import Answer
from milepost.speech import say, say_rows
from milepost.troubles import ExitCode

LINES_SHOWN = 20
SHORT = 80
EXIT_CODES = {"passed": ExitCode.PASSED, "failed": ExitCode.FAILED, "broken": ExitCode.FAILED}


def exit_code_of(submission: Answer) -> ExitCode:
    return EXIT_CODES.get(submission["run"]["outcome"], ExitCode.UNREACHABLE)


def say_verdict(submission: Answer) -> None:
    """The verdict on a submission, and where to read on."""
    if say_run(submission["kind"], submission["run"]):
        say("Hints, from a nudge to nearly there: milepost hint, or the submission's page.", "dim")
    say(f"Submission {submission['number']}: {submission['page']}", "dim")


def say_run(kind: str, run: Answer) -> bool:
    """What a run concluded; whether there are checks that do not hold."""
    say()
    say(f"{kind}: {word(run['outcome'])}", STYLES.get(run["outcome"], ""))
    say(run["sentence"])
    say()
    say_rows(_describe_link(link) for link in run["chain"])
    missed = _say_what_is_wrong(run) if run["chain"] else False
    say()
    return missed


def _describe_link(link: Answer) -> dict[str, object]:
    held = sum(check["answer"] == "held" for check in link["checks"])
    return {
        "milestone": link["kind"],
        "outcome": word_in_colour(link["outcome"]),
        "checks": f"{held} of {len(link['checks'])} hold" if link["checks"] else "",
        "processor": f"{link['cpu_s']:.1f} s",
        "memory": f"{link['memory_mb']:.0f} MB",
        "": "unchanged, found by digest" if link["found_by_digest"] else "",
    }


def _say_what_is_wrong(run: Answer) -> bool:
    """Print the checks that do not hold in the last link of the chain; whether there are any."""
    link = run["chain"][-1]
    missed = [check for check in link["checks"] if check["answer"] == "failed"]
    said = run["sentence"]
    for check in missed:
        _say_check(check, said)
        if check is missed[0]:
            _say_details(check)
        said += f"\n{check['sentence']}"
    _say_not_asked(link)
    if link["outcome"] == "broken" and link["output"]:
        _say_output(link["output"])
    return bool(missed)


def _say_check(check: Answer, said: str) -> None:
    say()
    say(f"✗ {check['question']}{'' if check['required'] else ' (not required)'}", "bold red")
    # Within another sentence the server writes the first letter small.
    if check["sentence"] and check["sentence"][1:] not in said:
        say(f"  {check['sentence']}")
    for name in ("expected", "found"):
        if 0 < len(check[name]) <= SHORT:
            say(f"  {name + ':':<9} {check[name]}")


def _say_details(check: Answer) -> None:
    if check["details"]:
        say()
        say_rows(check["details"], indent=4)


def _say_not_asked(link: Answer) -> None:
    not_asked = sum(check["answer"] == "not asked" for check in link["checks"])
    if not_asked:
        say()
        say(f"{not_asked} more {'was' if not_asked == 1 else 'were'} not asked.", "dim")


def _say_output(output: str) -> None:
    say()
    say("The last that your code printed:", "dim")
    for line in output.splitlines()[-LINES_SHOWN:]:
        say(f"  | {line}")
