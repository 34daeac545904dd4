"""Prints to the terminal. Every text that comes from elsewhere goes through clean(): it can colour or move nothing."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from milepost.late import import_late

if TYPE_CHECKING:
    from rich import markdown
else:
    markdown = import_late("rich.markdown")

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def clean(text: object) -> str:
    """The text without control, format and surrogate characters; lines and tabs stay."""
    return "".join(c for c in str(text) if c in "\n\t" or unicodedata.category(c)[0] != "C")


def say(text: object = "", style: str = "") -> None:
    """Print a line as it is: nothing in it is read as markup."""
    out.print(Text(clean(text), style=style))


def complain(text: object, style: str = "") -> None:
    err.print(Text(clean(text), style=style))


def say_json(value: object) -> None:
    """Print a value for programs. Whatever is not ASCII is escaped, so a terminal can be shown it too."""
    out.file.write(json.dumps(value, indent=2) + "\n")


def say_markdown(text: str) -> None:
    # Links are shown with their addresses: words that hide where they lead have no place in a terminal.
    out.print(markdown.Markdown(clean(text), hyperlinks=False), soft_wrap=False)


def say_rows(rows: Iterable[Mapping[str, object]], indent: int = 2) -> None:
    """Print rows as a small table, with their keys above; columns that are empty throughout are left out.

    A cell that is a Text keeps its colour; every other value is printed plain.
    """
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name, value in row.items() if value not in ("", None)))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in names:
        table.add_column(Text(clean(name)), overflow="fold")
    for row in listed:
        table.add_row(*(_cell(row.get(name)) for name in names))
    out.print(Padding(table, (0, 0, 0, indent), expand=False), soft_wrap=False)


def _cell(value: Any) -> Text:
    if isinstance(value, Text):
        return value
    return Text("" if value is None else clean(value).replace("\n", " "))
