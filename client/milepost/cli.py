"""The commands."""

import shlex
import socket
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from grading.skeleton import begin_project
from milepost import __version__, checking, config, credential, hints, tree, watching
from milepost.commands import (
    AsJson,
    PoliteGroup,
    connect,
    describe_attempts,
    describe_next_step,
    find_enrolment,
    find_submission,
    next_milestone,
    put_world,
    show_progress,
)
from milepost.going_on import describe_going_on, say_going_on
from milepost.outcomes import word_in_colour
from milepost.server import Answer, Server
from milepost.speech import complain, out, say, say_json, say_markdown, say_rows
from milepost.troubles import ExitCode, Refused
from milepost.verdict import exit_code_of, say_verdict
from worlds.api import make_server

app = typer.Typer(cls=PoliteGroup, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
MOST_MESSAGE = 500
OFFERED = {
    "new": "What changed, and how to try it",
    "judging": "It is judging your work",
    "judged": "It has judged your work; see what it says",
}


def _say_version(asked: bool) -> None:
    if asked:
        say(f"milepost {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", callback=_say_version, is_eager=True)] = False,
) -> None:
    """Work on Milepost projects from the command line.

    Exit codes: 0 passed or done, 1 not passed or did not run, 2 refused or used wrongly, 3 our fault or unreachable,
    130 stopped by Ctrl-C.
    """


@app.command()
def login(
    address: Annotated[str, typer.Argument(metavar="URL", help="The server, for example http://localhost:8000.")],
    token: Annotated[str, typer.Option(help="A token from your account page, instead of a password.")] = "",
    username: Annotated[str, typer.Option(help="Asked for if it is not given.")] = "",
    json: AsJson = False,
) -> None:
    """Log in at a server, and stay logged in."""
    address = config.tidy_address(address)
    if config.travels_in_clear(address):
        complain("This address is not encrypted: whoever is in between can read your password or token.", "yellow")
    token = token or _trade_password(address, username)
    me = Server(address, token).get("/api/me")
    config.keep_login(address, token)
    if json:
        say_json({"server": address, "username": me["username"]})
    else:
        say(f"Logged in at {address} as {me['username']}.")


def _trade_password(address: str, username: str) -> str:
    username = username or typer.prompt("User name", err=True)
    password = typer.prompt("Password", hide_input=True, err=True)
    name = f"milepost on {socket.gethostname()}"[:60]
    asked = {"username": username, "password": password, "name": name}
    server = Server(address)
    try:
        return str(server.post("/api/tokens", json=asked)["token"])
    except Refused as refused:
        if refused.code != "second-factor":
            raise
    code = typer.prompt("Code of your authenticator app, or a recovery code", err=True)
    return str(server.post("/api/tokens", json={**asked, "code": code})["token"])


@app.command()
def projects(json: AsJson = False) -> None:
    """List the projects that you can start."""
    found = connect(config.find_folder()).list("/api/projects")
    if json:
        say_json(found)
        return
    for project in found:
        hours = sum(milestone["minutes"] for milestone in project["milestones"]) / 60
        say(f"{project['slug']}  {project['title']}", "bold")
        say(f"  {project['summary']}")
        say(f"  {len(project['milestones'])} milestones, about {hours:.0f} hours", "dim")


@app.command()
def start(
    project: Annotated[str, typer.Argument(help="Its slug, as `milepost projects` shows it.")],
    folder: Annotated[Path | None, typer.Argument(help="Where to put it; ./<project> if not given.")] = None,
    json: AsJson = False,
) -> None:
    """Enrol in a project and unpack its starter."""
    server = connect()
    root = folder or Path(project)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Refused(f"{root} is there already, and not empty.", "Name another folder.", "folder-not-empty")
    enrolment = server.post(f"/api/projects/{project}/enrolment")
    with tempfile.TemporaryFile() as starter:
        with show_progress("starter") as on_bytes:
            server.download(f"/api/projects/{project}/starter", starter, on_bytes)
        root.mkdir(parents=True, exist_ok=True)
        names = tree.unpack(starter, root)
    config.mark_folder(root, server.address, project)
    if json:
        say_json({"folder": str(root), "files": names, "enrolment": enrolment})
        return
    say(f"{enrolment['project']['title']}: {len(names)} files in {root}.")
    say("Go on with:")
    for step in (f"cd {shlex.quote(str(root))}", "milepost world", "milepost brief"):
        say(f"  {step}")


@app.command()
def status(json: AsJson = False) -> None:
    """Where you stand, and what to do next: in this folder's project, or in all of yours."""
    folder = config.find_folder()
    server = connect(folder)
    found = [find_enrolment(server, folder.project)] if folder else server.list("/api/enrolments")
    found = [{**enrolment, "go_on": describe_going_on(server, enrolment)} for enrolment in found]
    if json:
        say_json(found)
        return
    if not found:
        say("You are in no project yet: `milepost projects` lists them, `milepost start` begins one.")
    for enrolment in found:
        say(f"{enrolment['project']['title']} {enrolment['project']['version']}", "bold")
        say_rows(_describe_standing(standing) for standing in enrolment["milestones"])
        _say_offer(enrolment)
        say_going_on(enrolment["go_on"])


def _describe_standing(standing: Answer) -> dict[str, object]:
    opens = f"opens when {standing['opener']} has passed" if standing["opener"] else ""
    passed = f"passed on {standing['passed_at'][:10]}" if standing["passed_at"] else ""
    passed += f" in edition {standing['passed_in']}" if standing.get("passed_in") else ""
    lent = "the reference stands in for it until yours passes" if standing.get("lent_at") else ""
    attempts, word = standing.get("attempts"), standing.get("word")
    said = f"counts as {word['outcome']}, by {word['by']}: {word['reason']}" if word else ""
    return {
        "milestone": standing["kind"],
        "state": word_in_colour(standing["state"]),
        "attempts": f"{attempts['left']} of {attempts['size']}" if attempts and attempts["next_at"] else "",
        "": opens or said or passed or lent,
    }


def _say_offer(enrolment: Answer) -> None:
    """That there is another edition; a server that is older than this client says nothing of it."""
    if offer := enrolment.get("offer"):
        own, new = enrolment["project"], offer["edition"]
        say(
            f"  Edition {new['number']} (version {new['version']}) is out; you are in edition {own['number']}.",
            "yellow",
        )
        say(f"  {OFFERED[offer['state']]}: {offer['page']}")


@app.command()
def brief(
    milestone: Annotated[str, typer.Argument(help="The next open one if not given.")] = "",
    json: AsJson = False,
) -> None:
    """Read what a milestone asks for."""
    folder = config.require_folder()
    server = connect(folder)
    wanted = milestone or next_milestone(find_enrolment(server, folder.project))
    listed = server.get(f"/api/projects/{folder.project}")["milestones"]
    told = next((one for one in listed if one["kind"] == wanted), None)
    if told is None:
        kinds = ", ".join(one["kind"] for one in listed)
        raise Refused(f"There is no milestone {wanted!r}; there are {kinds}.", code="unknown-milestone")
    if json:
        say_json(told)
    else:
        say_markdown(_fill_in_checks(told))


def _fill_in_checks(told: Answer) -> str:
    checks = "\n".join(f"- {check['question']}" for check in told["checks"])
    text = f"# {told['title']}\n\n{told['brief']}"
    return text.replace("{{ checks }}", checks)


@app.command()
def world(json: AsJson = False) -> None:
    """Fetch your practice world into data/: its sources, its truth, its facts."""
    folder = config.require_folder()
    server = connect(folder)
    names = put_world(server, folder)
    if json:
        say_json({"folder": str(folder.root / "data"), "files": names})
    else:
        say(f"{len(names)} files in {folder.root / 'data'}: raw/ is what your code reads, truth/ what it should find.")


@app.command()
def api(
    port: Annotated[int, typer.Option(help="Where to listen, on this machine only.", min=1, max=65535)] = 8100,
    json: AsJson = False,
) -> None:
    """Serve data/raw/api as the API that your code calls here, faults and all. Ctrl-C stops it."""
    lists = config.require_folder().root / "data" / "raw" / "api"
    if not lists.is_dir():
        raise Refused(f"There is no {lists}.", "milepost world", "no-world")
    try:
        with make_server(lists, None, port) as serving:
            if json:
                say_json({"address": f"http://127.0.0.1:{port}"})
            else:
                say(f"Give your code --api http://127.0.0.1:{port}; Ctrl-C stops it.")
            serving.serve_forever()
    except OSError as taken:
        raise Refused(f"Port {port} cannot be listened on: {taken.strerror}.", "Try another --port.") from taken


app.command()(checking.check)
app.command()(checking.setup)
app.command()(hints.hint)
app.command()(credential.verify)


@app.command()
def submit(
    milestone: Annotated[str, typer.Argument(help="The next open one if not given.")] = "",
    message: Annotated[str, typer.Option("--message", "-m", help="What you changed, for your own history.")] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the judging to its end.")] = True,
    json: AsJson = False,
) -> None:
    """Hand this folder in, follow the judging, and read the verdict."""
    if len(message) > MOST_MESSAGE:
        raise Refused(f"The message has {len(message)} characters; {MOST_MESSAGE} are taken.", code="message-too-long")
    folder = config.require_folder()
    server = connect(folder)
    kind = milestone or next_milestone(find_enrolment(server, folder.project))
    packed = tree.pack(folder.root)
    _notice_equal(server, folder.project, kind, packed.digest)
    for link in packed.links:
        complain(f"{link} is a link and was left out: only plain files are handed in.", "yellow")
    files = {"tree": ("tree.zip", packed.content, "application/zip")}
    told = {"message": message} if message else None
    address = f"/api/projects/{folder.project}/milestones/{kind}/submissions"
    submission = server.post_once(address, files=files, data=told)
    if not json:
        size = max(1, len(packed.content) // 1024)
        say(f"Handed in for {kind} as submission {submission['number']}: {packed.files} files, {size} kB.")
        say(submission["page"], "dim")
    _end(server, submission, wait, json)


def _notice_equal(server: Server, project: str, kind: str, digest: str) -> None:
    """Say so when nothing has changed since the last submission; it is handed in all the same."""
    last = next(iter(server.list("/api/submissions", project=project)), None)
    if last and last["tree"] == digest and last["kind"] == kind:
        complain(f"Nothing has changed since submission {last['number']}.", "yellow")


@app.command()
def watch(
    number: Annotated[int, typer.Argument(help="The submission's number; your latest if not given.", min=0)] = 0,
    json: AsJson = False,
) -> None:
    """Follow a submission's judging to its verdict."""
    folder = config.require_folder()
    server = connect(folder)
    _end(server, find_submission(server, folder.project, number), True, json)


def _end(server: Server, submission: Answer, wait: bool, json: bool) -> None:
    if wait:
        submission = watching.follow(server, submission["id"], (lambda line: None) if json else say)
    if json:
        say_json(submission)
    elif wait:
        say_verdict(submission)
        if submission["run"]["outcome"] == "passed":
            say(describe_next_step(server, submission["project"]))
        elif told := describe_attempts(server, submission["project"], submission["kind"]):
            say(told, "dim")
    raise typer.Exit(exit_code_of(submission) if wait else ExitCode.PASSED)


@app.command("new-project")
def new_project(
    slug: Annotated[str, typer.Argument(help="Small letters and digits, words joined by hyphens.")],
    parent: Annotated[Path, typer.Argument(help="Where to put its folder.")] = Path("projects"),
    json: AsJson = False,
) -> None:
    """For authors: begin a project with a small one that can be proved, to be changed piece by piece."""
    try:
        folder = begin_project(slug, parent)
    except ValueError as refused:
        raise Refused(str(refused), "Name another slug.", "slug-refused") from refused
    if json:
        say_json({"folder": str(folder)})
        return
    say(f"{folder} is there: two milestones, ten wrong trees, and a TODO wherever it waits for your story.")
    say("In Milepost's repository, go on with:")
    for verb in ("lint", "prove --seeds 1"):
        word, *options = verb.split(" ", 1)
        say(f"  python -m grading {word} {shlex.quote(str(folder))} {' '.join(options)}".rstrip())


@app.command("open")
def open_page(json: AsJson = False) -> None:
    """Open this folder's project in the browser."""
    folder = config.require_folder()
    page = str(find_enrolment(connect(folder), folder.project)["page"])
    if json:
        say_json({"page": page})
        return
    say(page)
    # Only ever a web page: what else an address may start on this machine is not the server's to choose.
    if page.startswith(("http://", "https://")) and out.is_terminal:
        typer.launch(page)
