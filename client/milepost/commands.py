"""How commands are run: Troubles become sentences and exit codes, `--json` makes them JSON."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from typer.core import TyperGroup

from milepost import config, tree, watching
from milepost.server import CONNECT_S, Answer, Server
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
            complain("Stopped. Whatever was handed in goes on being judged: `milepost watch` follows it.")
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


def connect(folder: config.ProjectFolder | None = None, connect_s: float = CONNECT_S) -> Server:
    """The server that this folder, or the environment, or the last log-in names."""
    return Server(*config.choose_login(folder), connect_s)


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


def describe_attempts(server: Server, project: str, kind: str) -> str:
    """How many attempts are left; empty where they are not counted, or the server cannot tell."""
    try:
        milestones = find_enrolment(server, project)["milestones"]
    except Trouble:
        return ""
    attempts = next(one.get("attempts") for one in milestones if one["kind"] == kind)
    if not attempts:
        return ""
    back = "" if attempts["left"] else f" The next one comes back at {attempts['next_at'][11:16]} UTC."
    return f"{attempts['left']} of {attempts['size']} attempts left.{back} `milepost check` is free."


@contextmanager
def show_progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal while bytes come; nothing where there is no terminal."""
    columns = (TextColumn(words), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(words, total=None)
        yield lambda come, total: progress.update(task, completed=come, total=total or None)


def put_world(server: Server, folder: config.ProjectFolder) -> list[str]:
    """Fetch the practice world into data/; the names of its files."""
    with tempfile.TemporaryFile() as archive:
        digest = fetch_world(server, folder.project, archive)
        return tree.replace_world(archive, folder.root / "data", digest)


def fetch_world(server: Server, project: str, into: IO[bytes]) -> str:
    """Download the practice world and give its digest; while it is still being made, wait and ask again."""
    tries_left = WORLD_TRIES
    while True:
        tries_left -= 1
        try:
            with show_progress("world") as on_bytes:
                return server.download(f"/api/projects/{project}/world", into, on_bytes)
        except Refused as no:
            if no.code != "not-ready":
                raise
            if not tries_left:
                raise Unreachable("Your practice world is still being made.", "Try again later.", no.code) from no
        watching.pause(WORLD_PAUSE_S)
