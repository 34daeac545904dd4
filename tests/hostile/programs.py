"""Reads what the hostile programs say of themselves, and writes the table of docs/security.md; runs none of them.

`python -m tests.hostile.programs` renews the table.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- the table of attacks: python -m tests.hostile.programs -->", "<!-- the end of the table -->"
JAIL = "the jail"
CLASSES = {
    "theft": "theft of truth and secrets",
    "forgery": "forged verdicts",
    "exhaustion": "exhaustion of resources",
    "escape": "escape",
    "persistence": "persistence and covert channels",
    "network": "network",
    "artefacts": "artefact bombs",
    "archives": "archive bombs",
    "text": "text for a page or a terminal",
    "timing": "timing oracles",
    "poisoning": "poisoned caches, between learners or runs",
}


@dataclass(frozen=True)
class Program:
    """One file: what it tries, what must happen, against what it runs, how it may end and what stops it."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.relative_to(HERE).with_suffix("").as_posix()

    @property
    def kind(self) -> str:
        return self.path.parent.name

    @property
    def source(self) -> str:
        return self.path.read_text()

    @property
    def tries(self) -> str:
        return self._first.partition(" Must: ")[0].strip()

    @property
    def must(self) -> str:
        return self._first.partition(" Must: ")[2].strip()

    @property
    def _first(self) -> str:
        return " ".join(self.text.partition("\n\n")[0].split())

    @property
    def against(self) -> str:
        return self.told("Against") or JAIL

    @property
    def modules(self) -> list[str]:
        return self.words("As", ",")

    @property
    def ends(self) -> list[str]:
        return self.words("Ends")

    @property
    def says(self) -> list[str]:
        return self.words("Says")

    @property
    def stopped_by(self) -> str:
        return self.told("Stopped by")

    def words(self, field: str, between: str = "|") -> list[str]:
        return [word.strip() for word in self.told(field).split(between) if word.strip()]

    def told(self, field: str) -> str:
        found = re.search(rf"^{field}: (.+)$", self.text, re.MULTILINE)
        return found[1].strip() if found else ""


def find_programs() -> list[Program]:
    paths = sorted(HERE.glob("*/*.py"), key=lambda path: (list(CLASSES).index(path.parent.name), path.name))
    return [Program(path, ast.get_docstring(ast.parse(path.read_text())) or "") for path in paths]


def write_table() -> str:
    """Every program in a row, class by class."""
    lines = []
    programs = find_programs()
    for kind, title in CLASSES.items():
        of_class = [program for program in programs if program.kind == kind]
        lines += [f"### {title[0].upper()}{title[1:]}: {len(of_class)}", ""]
        lines += ["| program | tries against | what must happen | stopped by |", "|---|---|---|---|"]
        lines += [f"| `{p.path.stem}` | {p.against} | {_in_cell(p.must)} | {p.stopped_by} |" for p in of_class]
        lines.append("")
    return "\n".join(lines)


def _in_cell(text: str) -> str:
    return (text[:1].upper() + text[1:]).replace("|", "\\|")


def with_table(document: str) -> str:
    """The document with the table as it should be."""
    head, _, rest = document.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{write_table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text()))
