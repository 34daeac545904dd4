"""Finds words that a person reads and no translator sees: in templates, and in refusals and notices in Python.

Reads only. What it cannot see: a sentence that is put into a variable first, and words that are put together.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, Token, TokenType

ROOMS = ("config", "curriculum", "people", "frontend")
# Names, units and what is typed are the same in every language.
SAME_EVERYWHERE = frozenset({"Milepost", "git", "UTC", "s", "kB", "MB"})
NOT_READ = frozenset({"script", "style", "code", "pre", "kbd", "samp"})
READ_ALOUD = frozenset({"alt", "aria-label", "aria-description", "aria-roledescription", "placeholder", "title"})
# Of other data for scripts, what begins like a sentence is one; the rest are keys and commands.
SENTENCE = re.compile(r"[A-Z{]\S* ")
LETTERS = re.compile(r"[^\W\d_]{2,}|[A-Za-z]")
# Where in a call the words for people stand: places and names of what is given.
SAID_IN = {
    "Refusal": ((2, 4), ("sentence", "remedy")),
    "AuthenticationFailed": ((0,), ("detail",)),
    "ValidationError": ((0,), ("message",)),
    **dict.fromkeys(("messages.success", "messages.error", "messages.warning", "messages.info"), ((1,), ("message",))),
}


def find_bare(text: str) -> Iterator[tuple[int, str]]:
    """The line and the words of each text in a template that stands outside translate and blocktranslate."""
    reader = WordReader()
    reader.feed(blank_tags(text))
    reader.close()
    yield from reader.found


def blank_tags(text: str) -> str:
    """The template's own text; of its tags, and of what is translated or commented out, only the ends of lines."""
    kept, inside = [], ""
    for token in Lexer(text).tokenize():
        word = token.split_contents()[0] if token.token_type == TokenType.BLOCK else ""
        if word in ("blocktranslate", "blocktrans", "comment"):
            inside = word
        shown = token.contents if token.token_type == TokenType.TEXT and not inside else ""
        kept.append(shown or "\n" * _count_lines(token))
        inside = "" if word == f"end{inside}" else inside
    return "".join(kept)


def _count_lines(token: Token) -> int:
    return token.contents.count("\n")


class WordReader(HTMLParser):
    """Gathers what is shown or read aloud, with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_READ:
            self.within.append(tag)
        for name, value in attrs:
            if name in READ_ALOUD or (name.startswith("data-") and SENTENCE.match(value or "")):
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self.within and self.within[-1] == tag:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        if not self.within:
            self._note(data)

    def _note(self, text: str) -> None:
        words = [word.strip(".,:;!?()·") for word in text.split()]
        if any(LETTERS.search(word) and word not in SAME_EVERYWHERE for word in words):
            self.found.append((self.getpos()[0], " ".join(text.split())))


def find_plain(source: str) -> Iterator[tuple[int, str]]:
    """The line and the words of each string that Python code says to people as it is."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in SAID_IN:
            places, names = SAID_IN[name]
            given = [node.args[place] for place in places if place < len(node.args)]
            given += [word.value for word in node.keywords if word.arg in names]
            yield from ((part.lineno, ast.unparse(part)) for part in given if is_plain(part))


def is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(node.value)
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) and LETTERS.search(str(part.value)) for part in node.values)
    return False


def list_sources() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *ROOMS], capture_output=True, check=True)
    paths = sorted(Path(name) for name in listed.stdout.decode().splitlines())
    return [path for path in paths if path.exists() and (path.suffix == ".py" or "templates" in path.parts)]


def main() -> int:
    faults = [
        f"{path}:{line}: not translated: {words}"
        for path in list_sources()
        for line, words in (find_plain if path.suffix == ".py" else find_bare)(path.read_text())
    ]
    print("\n".join(faults) or "Every word that people read can be translated.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
