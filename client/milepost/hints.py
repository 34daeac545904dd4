"""Hints from the terminal: what there is, what the next one costs, and, once that is said, the hint itself."""

from typing import Annotated

import typer

from milepost import config
from milepost.commands import AsJson, connect, find_enrolment, next_milestone
from milepost.server import Answer
from milepost.speech import err, say, say_json, say_markdown, say_rows
from milepost.troubles import Refused


def hint(
    check: Annotated[
        str, typer.Argument(help="The name of a check; all that have hints are listed if not given.")
    ] = "",
    milestone: Annotated[str, typer.Option(help="The next open one if not given.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Open the next hint without asking.")] = False,
    json: AsJson = False,
) -> None:
    """Read the hints of a check, and open the next one after hearing what it costs."""
    folder = config.require_folder()
    server = connect(folder)
    kind = milestone or next_milestone(find_enrolment(server, folder.project))
    path = f"/api/projects/{folder.project}/milestones/{kind}/hints"
    listed = server.list(path)
    if not check:
        _say_all(listed, kind, json)
        return
    told = next((one for one in listed if one["check"] == check), None)
    if told is None:
        raise Refused(f"No check {check!r} of {kind} has hints.", f"milepost hint --milestone {kind}", "unknown-check")
    if told["next"] and _agrees(told, yes, json):
        told = server.post(f"{path}/{check}", json={"tier": told["next"]})
    if json:
        say_json(told)
    else:
        _say_opened(told)


def _say_all(listed: list[Answer], kind: str, json: bool) -> None:
    if json:
        say_json(listed)
        return
    if not listed:
        say(f"{kind} has no hints.")
    say_rows(
        {"check": one["check"], "open": f"{len(one['opened'])} of {one['all']}", "asks": one["question"]}
        for one in listed
    )


def _agrees(told: Answer, yes: bool, json: bool) -> bool:
    """Whether the next hint is to be opened, once its cost is said. Raises Refused where nobody can be asked."""
    if yes:
        return True
    if json or not err.is_terminal:
        raise Refused(f"Hint {told['next']} was not opened. {told['cost']}", "Say --yes to open it.", "not-agreed")
    _say_opened(told)
    say(told["cost"], "yellow")
    return typer.confirm(f"Open hint {told['next']} of {told['all']}?", err=True)


def _say_opened(told: Answer) -> None:
    say(told["question"], "bold")
    for number, text in enumerate(told["opened"], start=1):
        say(f"Hint {number} of {told['all']}", "dim")
        say_markdown(text)
