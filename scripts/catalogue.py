"""Keeps the catalogues of translations: gathers what the code says, and holds each language to having all of it.

Needs no gettext on the machine. A catalogue names files and no lines, so that it changes only when a sentence does.
"""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from curriculum.skills import FILE, read_levels, read_skills

ROOMS = ("config", "curriculum", "grading", "people", "frontend")
LOCALE = Path("locale")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{\w+}")
# Our own `wording` marks sentences where Django is not known; the rest are Django's names.
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "wording"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    "npgettext": ((1, "c"), 2, 3),
}


def list_sources() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *ROOMS], capture_output=True, check=True)
    paths = sorted(Path(name) for name in listed.stdout.decode().splitlines())
    return [path for path in paths if path.suffix in (".py", ".html", ".txt") and path.exists() and is_ours(path)]


def is_ours(path: Path) -> bool:
    is_page = "templates" in path.parts
    return "migrations" not in path.parts and "skeleton" not in path.parts and (is_page or path.suffix == ".py")


def read_source(path: Path) -> str:
    """Python as it is; of a template what Django makes of it for gettext, without indents, which Python would mind."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    return "\n".join(line.strip() for line in templatize(text).splitlines())


def gather() -> Catalog:
    """Every sentence that can be translated, and the files that say it."""
    found = Catalog(charset="utf-8")
    for path in list_sources():
        source = io.BytesIO(read_source(path).encode())
        for _, words, notes, context in extract("python", source, KEYWORDS, ["Translators:"], {"encoding": "utf-8"}):
            found.add(words, None, [(path.as_posix(), 0)], auto_comments=notes, context=context)
    for words in read_framework():
        found.add(words, None, [(FILE.relative_to(Path.cwd()).as_posix(), 0)], context="skill")
    return found


def read_framework() -> list[str]:
    """The skills and their levels: ours, though they stand in a file that is no code."""
    skills = read_skills().values()
    return [*read_levels().values(), *(words for skill in skills for words in (skill.title, skill.meaning))]


def refresh(path: Path, gathered: Catalog) -> Catalog:
    """The catalogue at this path with what is new in it, and without what nobody says any more."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    catalogue.update(gathered, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.msgid_bugs_address, catalogue.last_translator, catalogue.language_team = "", "Milepost", "de"
    return catalogue


def as_text(catalogue: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(written, catalogue, width=116, include_lineno=False, sort_by_file=True, ignore_obsolete=True)
    return written.getvalue()


def as_compiled(catalogue: Catalog) -> bytes:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def list_faults(path: Path, catalogue: Catalog) -> Iterator[str]:
    for message in catalogue:
        if message.id and (fault := judge(catalogue, message)):
            yield f"{path}: {fault}: {message.id!r}"
    if path.read_bytes() != as_text(catalogue):
        yield f"{path}: not as scripts/messages would write it; run it"
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != as_compiled(catalogue):
        yield f"{compiled}: not compiled from what stands in the catalogue; run scripts/messages"


def judge(catalogue: Catalog, message: Message) -> str:
    """What is wrong with a translation; nothing if it may be shown."""
    told = message.string if isinstance(message.string, tuple) else (message.string,)
    strings = [str(string or "") for string in told]
    if not all(strings) or (message.pluralizable and len(strings) != catalogue.num_plurals):
        return "not translated"
    if message.fuzzy:
        return "marked as doubtful"
    ids = [message.id] if isinstance(message.id, str) else message.id
    wanted = set(PLACEHOLDER.findall(" ".join(ids)))
    lost = [string for string in strings if set(PLACEHOLDER.findall(string)) != wanted]
    return f"other placeholders than {sorted(wanted)}" if lost else ""


def main(words: list[str]) -> int:
    gathered, faults = gather(), []
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        catalogue = refresh(path, gathered)
        if "--check" not in words:
            path.write_bytes(as_text(catalogue))
            path.with_suffix(".mo").write_bytes(as_compiled(catalogue))
        found = list(list_faults(path, catalogue))
        print(f"{path}: {len(catalogue)} sentences, {len(found)} faults")
        faults += found
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
