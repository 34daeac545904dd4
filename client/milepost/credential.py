"""Verifies a credential that somebody handed over: here, with no server and no account."""

import json as json_of
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from milepost.commands import AsJson
from milepost.late import import_late
from milepost.speech import say, say_json
from milepost.troubles import ExitCode, Refused

if TYPE_CHECKING:
    import httpx

    from credentials import budget, resolving, sentences, verifying
else:
    httpx = import_late("httpx")
    # They bring cryptography and linked data along, which no other command needs.
    budget = import_late("credentials.budget")
    resolving = import_late("credentials.resolving")
    sentences = import_late("credentials.sentences")
    verifying = import_late("credentials.verifying")

# Larger than any picture that is read; what is larger is told so without being read whole.
MOST_BYTES = 4 * 1024 * 1024
MOST_FETCHED = 2 * 1024 * 1024
SECONDS = 10
COLOURS = {"yes": "green", "no": "bold red", "unknown": "yellow"}

transport: "httpx.BaseTransport | None" = None


def verify(
    file: Annotated[Path, typer.Argument(help="The credential: .json, .jwt, .png or .svg.")],
    issuer: Annotated[list[Path] | None, typer.Option(help="The issuer's did.json, instead of fetching it.")] = None,
    status: Annotated[list[Path] | None, typer.Option(help="The list of revoked ones, instead of fetching it.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing.")] = False,
    json: AsJson = False,
) -> None:
    """Verify a credential: its signature, issuer, validity and revocation, one by one.

    It needs no server and no account. Exits with 0 if the signature holds and nothing speaks against it, else with 1;
    what cannot be said is named, and does not speak against it.
    """
    content = _read(file)
    given = {**_name(issuer or [], "issuer"), **_name(status or [], "status")}
    fetched = verifying.gather(content, _fetch_nothing if offline else _fetch, given)
    report = budget.verify_within(content, fetched, datetime.now(UTC))
    if json:
        say_json({"holds": report.holds, "answers": dict(_describe(report)), "credential": report.document})
    else:
        _say(report)
    raise typer.Exit(ExitCode.PASSED if report.holds else ExitCode.FAILED)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES)
    except OSError as fault:
        raise Refused(f"{file} cannot be read: {fault.strerror}.", "Name a .json, .jwt, .png or .svg file.") from fault


def _name(files: list[Path], kind: str) -> dict[str, bytes | None]:
    """What was given, by the address that it would else be fetched from."""
    named: dict[str, bytes | None] = {}
    for file in files:
        content = _read(file)
        try:
            told = str(json_of.loads(content)["id"])
        except (ValueError, TypeError, KeyError, RecursionError) as fault:
            raise Refused(
                f"{file} is no JSON object with an id.", f"--{kind} takes what the issuer publishes."
            ) from fault
        named[(resolving.address_of(told) or told) if kind == "issuer" else told] = content
    return named


def _fetch_nothing(url: str) -> None:
    return None


def _fetch(url: str) -> bytes | None:
    """What is published there, within limits of time and size; nothing where it cannot be had."""
    if not url.startswith("https://"):
        return None
    try:
        with (
            httpx.Client(timeout=SECONDS, transport=transport, follow_redirects=False) as client,
            client.stream("GET", url) as response,
        ):
            response.raise_for_status()
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > MOST_FETCHED:
                    return None
            return content
    except (httpx.HTTPError, httpx.InvalidURL):
        return None


def _describe(report: "verifying.Report") -> Iterator[tuple[str, dict[str, str]]]:
    for name in sentences.QUESTIONS:
        finding: verifying.Finding = getattr(report, name)
        told = {"code": finding.code, "about": finding.about, "sentence": sentences.tell(finding)}
        yield name, {"answer": finding.answer.value, **told}


def _say(report: "verifying.Report") -> None:
    if name := report.document.get("name"):
        say(name, "bold")
    for question, told in _describe(report):
        say(f"{told['answer']:8}{sentences.QUESTIONS[question]}", COLOURS[told["answer"]])
        say(f"        {told['sentence']}")
    if report.signature.answer is verifying.Answer.UNKNOWN or report.revocation.answer is verifying.Answer.UNKNOWN:
        say("What is unknown may be told by its issuer: go online, or give --issuer did.json and --status list.json.")
