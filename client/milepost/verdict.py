"""Prints what a run concluded: the sentence, the chain, and the first check that does not hold."""

from milepost.server import Answer
from milepost.speech import STYLES, say, say_rows
from milepost.troubles import ExitCode

LINES_SHOWN = 20
EXIT_CODES = {"passed": ExitCode.PASSED, "failed": ExitCode.FAILED, "broken": ExitCode.FAILED}


def exit_code_of(submission: Answer) -> ExitCode:
    return EXIT_CODES.get(submission["run"]["outcome"], ExitCode.UNREACHABLE)


def say_verdict(submission: Answer) -> None:
    run = submission["run"]
    say()
    say(f"{submission['kind']}: {run['outcome']}", STYLES.get(run["outcome"], ""))
    say(run["sentence"])
    say()
    say_rows(_describe_link(link) for link in run["chain"])
    if run["outcome"] in {"failed", "broken"} and run["chain"]:
        _say_what_is_wrong(run["chain"][-1])
    say()
    say(f"Submission {submission['number']}: {submission['page']}", "dim")


def _describe_link(link: Answer) -> dict[str, object]:
    held = sum(check["answer"] == "held" for check in link["checks"])
    return {
        "milestone": link["kind"],
        "outcome": link["outcome"],
        "checks": f"{held} of {len(link['checks'])} hold" if link["checks"] else "",
        "processor": f"{link['cpu_s']:.1f} s",
        "memory": f"{link['memory_mb']:.0f} MB",
        "": "unchanged, found by digest" if link["found_by_digest"] else "",
    }


def _say_what_is_wrong(link: Answer) -> None:
    missed = [check for check in link["checks"] if check["answer"] == "failed"]
    if missed:
        _say_check(missed[0])
        _say_others(missed[1:], link)
    if link["outcome"] == "broken" and link["output"]:
        say()
        say("The last that your code printed:", "dim")
        for line in link["output"].splitlines()[-LINES_SHOWN:]:
            say(f"  | {line}")


def _say_check(check: Answer) -> None:
    say()
    say(f"✗ {check['question']}", "bold red")
    say(f"  {check['sentence']}")
    for name in ("expected", "found"):
        if check[name]:
            say(f"  {name + ':':<9} {check[name]}")
    if check["details"]:
        say()
        say_rows(check["details"], indent=4)


def _say_others(others: list[Answer], link: Answer) -> None:
    for check in others:
        say(f"✗ {check['question']}", "red")
    not_asked = sum(check["answer"] == "not asked" for check in link["checks"])
    if not_asked:
        say(f"  {not_asked} more {'was' if not_asked == 1 else 'were'} not asked.", "dim")
