"""The commands that judge here: `milepost check`, and `milepost setup`, which makes what it needs."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from milepost import config, environments, tree
from milepost.bench import Bench, find_bench
from milepost.commands import AsJson, connect, find_enrolment, put_world
from milepost.environments import EXAMINER
from milepost.practice import Practice, practise
from milepost.server import Answer, Server
from milepost.speech import complain, err, say, say_json
from milepost.surroundings import describe_differences, look_at
from milepost.troubles import Refused, Unreachable
from milepost.verdict import exit_code_of, say_run
from milepost.watching import say_event

# Whoever checks here may be on a train: it is not to take long to find that out.
CONNECT_S = 3.0
ALTERED = "data/ is not as it was fetched; `milepost world` fetches it anew."
ONLINE_ONCE = "Run `milepost check` once where the server can be reached."

OwnPython = Annotated[str, typer.Option("--python", help="An interpreter of yours, instead of the locked environment.")]


def setup(
    lite: Annotated[
        bool, typer.Option("--lite", help="Without torch, which is large and not used by every project.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Even if it is there already.")] = False,
    json: AsJson = False,
) -> None:
    """Install what your code is judged with, in the grader's own versions, for `milepost check`."""
    folder = config.require_folder()
    bench = find_bench(folder, connect(folder))
    wanted = [bench.environment, EXAMINER] if again else environments.missing(bench, own_python=False)
    _make(bench, wanted, lite)
    places = {name: str(environments.find_python(bench, name)) for name in (bench.environment, EXAMINER)}
    if json:
        say_json({"made": wanted, "interpreters": places})
        return
    say("Everything is installed." if wanted else "Everything is installed already.")
    say(f"Your own code runs with {places[bench.environment]}")
    say("Go on with: milepost check")


def check(
    milestone: Annotated[str, typer.Argument(help="The next open one if not given.")] = "",
    python: OwnPython = "",
    jail: Annotated[
        bool, typer.Option("--jail/--no-jail", help="Run your code in a jail, where bubblewrap is installed.")
    ] = True,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the server for anything.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Ask the checks again, even if nothing has changed.")] = False,
    json: AsJson = False,
) -> None:
    """Judge this folder here, on your practice world, with the checks that judge it on the server."""
    _expect_linux()
    folder = config.require_folder()
    server = None if offline else connect(folder, CONNECT_S)
    bench = find_bench(folder, server)
    kind = _choose_kind(bench, server, folder.project, milestone)
    practice = _prepare(bench, python, jail, again, json)
    _expect_world(folder, server)
    _expect_edition(bench, folder.root / "data")
    packed = tree.pack(folder.root)
    say_line = (lambda line: None) if json else say
    run = practise(practice, kind, packed.content, folder.root / "data", lambda event: say_event(event, say_line))
    told = {
        "project": folder.project,
        "kind": kind,
        "tree": packed.digest,
        "bench": bench.folder.name,
        "differences": _differences(practice, run, folder),
        "run": run,
    }
    if json:
        say_json(told)
    else:
        _say(told)
    raise typer.Exit(exit_code_of(told))


def _expect_linux() -> None:
    if sys.platform != "linux":
        raise Refused(
            "The grader's tools need Linux; on Windows, WSL is one.",
            "`milepost submit` hands in from any machine.",
            "not-linux",
        )


def _choose_kind(bench: Bench, server: Server | None, project: str, asked: str) -> str:
    """The milestone to judge: the one named, or the next one; when nobody can say which, all in turn."""
    if asked and asked not in bench.milestones:
        raise Refused(
            f"There is no milestone {asked!r}; there are {', '.join(bench.milestones)}.", code="unknown-milestone"
        )
    last = bench.milestones[-1]
    if asked or server is None:
        return asked or last
    try:
        return str(find_enrolment(server, project)["next"] or last)
    except Unreachable:
        return last


def _prepare(bench: Bench, python: str, jail: bool, again: bool, json: bool) -> Practice:
    if missing := environments.missing(bench, bool(python)):
        _offer(bench, missing, json)
    examiner = environments.find_python(bench, EXAMINER)
    assert examiner
    if python:
        return Practice(bench, examiner, look_at(python), None, jail, again)
    own = environments.find_python(bench, bench.environment)
    assert own
    place = environments.place_of(bench, bench.environment)
    return Practice(bench, examiner, look_at(own), place, jail, again)


def _offer(bench: Bench, missing: list[str], json: bool) -> None:
    sentence = "What your code is judged with is not installed on this machine yet."
    if json or not err.is_terminal:
        raise Refused(sentence, "milepost setup", "not-set-up")
    complain(sentence)
    if not typer.confirm("Install it now? That takes some minutes and 1 to 2 GB.", err=True):
        raise Refused("Nothing was checked.", "milepost setup", "not-set-up")
    _make(bench, missing, lite=False)


def _make(bench: Bench, wanted: list[str], lite: bool) -> None:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("setup", total=len(wanted))
        for name in wanted:
            environments.make_environment(
                bench, name, lite, lambda line: progress.update(task, description=f"{line[:70]:<70}")
            )
            progress.advance(task)


def _expect_world(folder: config.ProjectFolder, server: Server | None) -> None:
    """The practice world in data/: fetched if it never was."""
    data = folder.root / "data"
    if all((data / name).exists() for name in ("raw", "truth", "facts.json")):
        return
    if server is None:
        raise Refused("There is no practice world in data/.", "milepost world", "no-world")
    complain("Fetching your practice world into data/.")
    put_world(server, folder)


def _expect_edition(bench: Bench, data: Path) -> None:
    """What one edition asks is not to be asked about the world of another: its truth may not hold the answer."""
    world = tree.read_edition(data)
    if not world or world["package"] == bench.about["package"]:
        return
    # A bench of before editions were named in it is older than every world that names its own.
    number = bench.about.get("edition", 0)
    named = f"edition {number}" if number else "an older one"
    raise Refused(
        f"The practice world in data/ is of edition {world['edition']} (version {world['version']}); the checks on "
        f"this machine are of {named} (version {bench.about['version']}).",
        "milepost world" if world["edition"] < number else ONLINE_ONCE,
        "other-edition",
    )


def _differences(practice: Practice, run: Answer, folder: config.ProjectFolder) -> list[str]:
    said = describe_differences(practice.bench, practice.learner, run["layers"])
    fetched = folder.root / "data" / tree.WORLD_MARK
    if fetched.is_file() and fetched.read_text() != run["digests"].get("world"):
        said.append(ALTERED)
    return said


def _say(told: Answer) -> None:
    run = told["run"]
    say_run(told["kind"], run)
    say("This was your practice world. The server judges on other draws of the same data.", "dim")
    for sentence in told["differences"]:
        say(sentence, "yellow")
    say("Go on with: milepost submit" if run["outcome"] == "passed" else f"Go on with: milepost brief {told['kind']}")
