"""How commands are run: Troubles become sentences and exit codes, `--json` makes them JSON."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from typer.core import TyperGroup

from milepost import config, watching
from milepost.server import Answer, Server
from milepost.speech import complain, err, say_json
from milepost.troubles import Refused, Trouble, Unreachable

INTERRUPTED = 130
WORLD_PAUSE_S = 2.0
WORLD_TRIES = 30


class PoliteGroup(TyperGroup):
    """Says what went wrong in a sentence, never in a traceback."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except Trouble as trouble:
            _tell(ctx, trouble)
            raise typer.Exit(trouble.exit_code) from trouble
        except KeyboardInterrupt as stopped:
            complain("Stopped. What was handed in is still being judged: `milepost watch` follows it.")
            raise typer.Exit(INTERRUPTED) from stopped


def _tell(ctx: typer.Context, trouble: Trouble) -> None:
    if ctx.meta.get("json"):
        say_json({"error": {"code": trouble.code, "sentence": trouble.sentence, "remedy": trouble.remedy}})
        return
    complain(trouble.sentence, "bold red")
    if trouble.remedy:
        complain(trouble.remedy)


def _note_json(ctx: typer.Context, value: bool) -> bool:
    ctx.meta["json"] = value
    return value


AsJson = Annotated[
    bool, typer.Option("--json", callback=_note_json, is_eager=True, help="Answer in JSON, for programs.")
]


def connect(folder: config.ProjectFolder | None = None) -> Server:
    """The server that this folder, or the environment, or the last log-in names."""
    return Server(*config.choose_login(folder))


def find_enrolment(server: Server, project: str) -> Answer:
    for enrolment in server.list("/api/enrolments"):
        if enrolment["project"]["slug"] == project:
            return enrolment
    raise Refused(f"You are not enrolled in {project!r} at {server.address}.", f"milepost start {project}")


def find_submission(server: Server, project: str, number: int) -> Answer:
    for submission in server.list("/api/submissions", project=project):
        if number in (0, submission["number"]):
            return submission
    what = f"submission {number} of yours" if number else "submission of yours yet"
    raise Refused(f"There is no {what} in {project!r}.", "milepost submit", "not-found")


def next_milestone(enrolment: Answer) -> str:
    """The milestone to work on. Raises Refused when all have passed."""
    if enrolment["next"] is None:
        raise Refused(
            "Every milestone of this project has passed.", "Name the one you mean: milepost submit model", "all-passed"
        )
    return str(enrolment["next"])


def describe_next_step(server: Server, project: str) -> str:
    """What to do after a pass. A pass stays one when the server cannot tell: then only the way to ask is said."""
    try:
        enrolment = find_enrolment(server, project)
    except Trouble:
        return "Go on with: milepost status"
    if enrolment["next"] is None:
        return f"Every milestone of {enrolment['project']['title']} has passed."
    return f"Go on with: milepost brief {enrolment['next']}"


@contextmanager
def show_progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal while bytes come; nothing where there is no terminal."""
    columns = (TextColumn(words), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(words, total=None)
        yield lambda come, total: progress.update(task, completed=come, total=total or None)


def fetch_world(server: Server, project: str, into: IO[bytes]) -> None:
    """Download the practice world; while it is still being made, wait and ask again."""
    for tries_left in reversed(range(WORLD_TRIES)):
        try:
            with show_progress("world") as on_bytes:
                server.download(f"/api/projects/{project}/world", into, on_bytes)
            return
        except Refused as no:
            if no.code != "not-ready":
                raise
            if not tries_left:
                raise Unreachable("Your practice world is still being made.", "Try again later.", no.code) from no
            watching.pause(WORLD_PAUSE_S)
