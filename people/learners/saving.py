"""Saves what a learner changed in the browser: each save is a commit of theirs, and none undoes another unseen.

A save says which version of the file it began from. Knows not how files are shown, and judges nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from people.accounts.models import User
from people.learners.models import Enrolment
from people.learners.refusals import Refusal
from people.learners.repositories import (
    BRANCH,
    Change,
    Entry,
    advance,
    check_room,
    hold,
    keep_blob,
    list_tree,
    open_repository,
    read_blobs,
    tidy,
    write_change,
)
from people.learners.trees import (
    MAX_FILES,
    check_path,
    check_size,
    is_left_out,
    most_bytes,
    refuse_count,
    refuse_size,
    shown,
)

# More than anybody writes by hand; what is larger is changed at home.
MOST_TEXT_BYTES = 2**19
PLAIN_MODES = ("100644", "100755")
CHANGED_MEANWHILE = "changed-meanwhile"
Listing = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Content:
    """What one file holds, and the name of this version; `text` is None where it is no text to be edited here."""

    entry: Entry
    text: str | None


def list_files(repository: Path) -> dict[str, Entry]:
    """The files of main's last commit that are handed in, by path, in order."""
    entries = list_tree(repository, BRANCH)
    return {entry.path: entry for entry in entries if entry.mode in PLAIN_MODES and not is_left_out(entry.path)}


def read_content(repository: Path, entry: Entry) -> Content:
    """What a file holds, if it is text that can be edited in a page."""
    if entry.size > MOST_TEXT_BYTES:
        return Content(entry, None)
    [content] = read_blobs(repository, [entry.name])
    return Content(entry, decode(content))


def decode(content: bytes) -> str | None:
    """The bytes as text; None where writing the text again would not make the same bytes, or no page can show it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or "\r" in text.replace("\r\n", "") else text


def save_file(enrolment: Enrolment, path: str, base: str, text: str) -> Entry:
    """Write the text to this path, if the version that the learner began from is still there; `base` is empty for none.

    Raises Refusal, with the code CHANGED_MEANWHILE when there is another version now.
    """
    path = check_path(path)
    check_size(path, len(text.encode()))

    def change(repository: Path, files: Listing) -> Change:
        content = end_lines_as_before(repository, files.get(path), text).encode()
        check_room(repository, len(content))
        before = files.get(path) or Entry("100644", "blob", "", 0, path)
        return {path: replace(before, name=keep_blob(repository, content), size=len(content))}

    return _save(enrolment, path, base, change, f"{'Save' if base else 'Add'} {path}")[path]


def move_file(enrolment: Enrolment, path: str, base: str, to: str) -> Entry:
    """Give a file another path, which no file has yet."""
    to = check_path(to)

    def change(repository: Path, files: Listing) -> Change:
        if to in files:
            raise Refusal("exists", "to", _("There is a file {path} already.").format(path=shown(to)), 409)
        return {path: None, to: replace(_expect_file(files, path), path=to)}

    return _save(enrolment, path, base, change, f"Rename {path} to {to}")[to]


def remove_file(enrolment: Enrolment, path: str, base: str) -> None:
    """Take a file out of the tree; earlier commits keep it."""
    _save(enrolment, path, base, lambda repository, files: {_expect_file(files, path).path: None}, f"Remove {path}")


def end_lines_as_before(repository: Path, before: Entry | None, text: str) -> str:
    """Forms end every line by CR and LF, whatever the file did; it keeps the ends that it had."""
    plain = text.replace("\r\n", "\n")
    if before is None or before.size > MOST_TEXT_BYTES:
        return plain
    [content] = read_blobs(repository, [before.name])
    return plain.replace("\n", "\r\n") if content.split(b"\n", 1)[0].endswith(b"\r") else plain


def author_of(user: User) -> tuple[str, str]:
    """The learner as the author of a commit."""
    return str(user), user.email or f"{user.username}@learners.milepost.invalid"


def _save(
    enrolment: Enrolment, path: str, base: str, change: Callable[[Path, Listing], Change], message: str
) -> dict[str, Entry]:
    repository = open_repository(enrolment)
    with hold(repository):
        files = list_files(repository)
        _expect_version(files, path, base)
        changed = change(repository, files)
        after = _apply(files, changed)
        _check_files(after)
        advance(repository, write_change(repository, changed, author_of(enrolment.actor), message))
        tidy(repository)
    return after


def _expect_version(files: Listing, path: str, base: str) -> None:
    found = files.get(path)
    if (found.name if found else "") == base:
        return
    _expect_file(files, path)
    if not base:
        sentence = _("There is a file {path} already.")
    else:
        sentence = _("{path} was changed meanwhile, in another tab or by handing in.")
    raise _refuse_version(sentence, path)


def _expect_file(files: Listing, path: str) -> Entry:
    if path not in files:
        raise _refuse_version(_("{path} is no longer there: it was removed or renamed meanwhile."), path)
    return files[path]


def _refuse_version(sentence: str, path: str) -> Refusal:
    remedy = _("Look at both versions; nothing is lost.")
    return Refusal(CHANGED_MEANWHILE, "content", sentence.format(path=shown(path)), 409, remedy)


def _apply(files: Listing, change: Change) -> dict[str, Entry]:
    return {path: entry for path, entry in {**files, **change}.items() if entry}


def _check_files(files: Listing) -> None:
    """What holds for every tree that is handed in holds for every save."""
    for path in files:
        if is_left_out(path):
            raise Refusal(
                "left-out",
                "path",
                _("{path} would be left out when you hand in, as data and build results are.").format(path=shown(path)),
                remedy=_("Choose another folder or name."),
            )
        if any(str(parent) in files for parent in PurePosixPath(path).parents):
            told = _("{path} lies below a file of the same name; rename one.").format(path=shown(path))
            raise Refusal("duplicate", "path", told)
    if len(files) > MAX_FILES:
        raise refuse_count(len(files))
    if sum(entry.size for entry in files.values()) > most_bytes():
        raise refuse_size(_("The files together would be larger than {limit} MB.").format(limit=most_bytes() // 2**20))
    if not any(path.endswith(".py") for path in files):
        told = _("No Python file would be left, and so nothing that could be handed in.")
        raise Refusal("empty", "path", told, remedy=_("Add another one first."))
