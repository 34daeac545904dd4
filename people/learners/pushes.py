"""What a push asks for, what git says to it, and what of it is refused. Speaks git's own language on the wire.

A push is received by git itself, in a quarantine of its own; only what passes every check here leaves it.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext

from people.learners.git import GitFault, run_git
from people.learners.refusals import Refusal
from people.learners.repositories import BRANCH, Entry, check_room, list_tree, read_blobs, read_head
from people.learners.trees import (
    MAX_FILES,
    check_path,
    check_ratio,
    check_size,
    gather,
    is_left_out,
    most_bytes,
    refuse_count,
    refuse_name,
    refuse_size,
    shown,
    spell,
)

# Several times what one tree may hold: a push brings every version of every file.
PACK_TIMES, UNPACKED_TIMES = 2, 16
MAX_OBJECTS = 20_000
MAX_COMMANDS_BYTES = 2**16
LARGEST_PACKET = 65520
FLUSH = b"0000"
REPORT, WORDS = b"\x01", b"\x02"
MILESTONE = "milestone="
FOUND_BY_FSCK = re.compile(r"^error: object \w+: (\w+: .*)", re.M)


@dataclass(frozen=True, slots=True)
class Update:
    """One ref, and the commit that it should move to."""

    ref: str
    new: str


@dataclass(frozen=True, slots=True)
class Push:
    """What a push asks for; what it brings is not looked at yet."""

    updates: tuple[Update, ...] = ()
    capabilities: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()
    objects: int = 0
    size: int = 0

    @property
    def milestone(self) -> str:
        """The milestone that is named for it; the last, if several are."""
        named = [option.removeprefix(MILESTONE) for option in self.options if option.startswith(MILESTONE)]
        return named[-1] if named else ""

    @property
    def speaks(self) -> bool:
        """Whether the other side shows words beside the report."""
        return "side-band-64k" in self.capabilities


def read_push(body: BinaryIO) -> Push:
    """The beginning of a push's body. Raises Refusal when it is none."""
    try:
        # A shallow clone says first where its history ends; git makes of that what it can.
        lines = [line for line in _read_packets(body) if not line.startswith(b"shallow ")]
        head, _, told = lines[0].partition(b"\0") if lines else (b"", b"", b"")
        capabilities = frozenset(told.decode().split())
        updates = tuple(_read_update(line) for line in [head, *lines[1:]] if line)
        options = tuple(line.decode() for line in _read_packets(body)) if "push-options" in capabilities else ()
        begins = body.read(12)
        objects = struct.unpack(">L", begins[8:12])[0] if begins.startswith(b"PACK") and len(begins) == 12 else 0
    except (ValueError, struct.error) as broken:
        raise Refusal("not-a-push", "push", gettext("This is no push that can be read.")) from broken
    return Push(updates, capabilities, options, objects, body.seek(0, 2))


def check_push(push: Push) -> None:
    """Refuse what is asked for, before anything of what is brought is unpacked."""
    for update in push.updates:
        if not int(update.new, 16):
            sentence = gettext("{branch} stays: nothing is ever deleted here.").format(branch=_shorten(update.ref))
            raise Refusal("deletion", "push", sentence)
        if update.ref != BRANCH:
            sentence = gettext("Only the branch main is kept here, and {branch} is another.")
            remedy = gettext("Push what you have with: git push origin HEAD:main")
            raise Refusal("other-ref", "push", sentence.format(branch=_shorten(update.ref)), remedy=remedy)
    for option in push.options:
        if not option.startswith(MILESTONE):
            sentence = gettext("There is no push option {option}; there is milestone=….").format(option=shown(option))
            raise Refusal("unknown-option", "push", sentence)
    if push.objects > MAX_OBJECTS:
        sentence = gettext(
            "This push brings {count} objects; at most {most} are taken at once. "
            "Leave out environments, data and build results, in earlier commits too."
        )
        told = sentence.format(count=spell(push.objects), most=spell(MAX_OBJECTS))
        raise Refusal("too-many-objects", "push", told)
    if push.size > most_push_bytes():
        limit = most_push_bytes() // 2**20
        raise refuse_size(gettext("This push is larger than {limit} MB.").format(limit=limit))


def most_push_bytes() -> int:
    """How large a push may be, packed."""
    return PACK_TIMES * most_bytes()


def check_arrivals(repository: Path, scratch: Path, commit: str) -> None:
    """Refuse a quarantine that holds too much: in one file, in all, for its size, or for the repository."""
    packs = list((scratch / "objects" / "pack").glob("*.pack"))
    packed = sum(pack.stat().st_size for pack in packs)
    sizes = _measure_objects(scratch, [pack.with_suffix(".idx") for pack in packs])
    total, limit = sum(sizes.values()), UNPACKED_TIMES * int(settings.MILEPOST_TREE_MB)
    if total > most_bytes():
        largest = max(sizes, key=lambda name: sizes[name])
        heavy = _name_object(scratch, largest, commit)
        check_size(heavy, sizes[largest])
        if total > limit * 2**20:
            sentence = gettext("This push unpacks to more than {limit} MB, {path} most of all.")
            raise refuse_size(sentence.format(limit=limit, path=shown(heavy)))
        check_ratio(gettext("This push, {path} most of all,").format(path=shown(heavy)), packed, total)
    check_room(repository, packed)


def read_tree(scratch: Path, commit: str) -> dict[str, bytes]:
    """What is handed in with this commit, by path. Raises Refusal, which names the file and the limit."""
    kept = [entry for entry in list_tree(scratch, commit) if not is_left_out(entry.path)]
    if len(kept) > MAX_FILES:
        raise refuse_count(len(kept))
    for entry in kept:
        _check_entry(entry)
    total = sum(entry.size for entry in kept)
    if total > most_bytes():
        largest = max(kept, key=lambda entry: entry.size)
        limit = settings.MILEPOST_TREE_MB
        sentence = gettext("The files together are larger than {limit} MB, {path} most of all.")
        raise refuse_size(sentence.format(limit=limit, path=shown(largest.path)))
    return gather(zip((entry.path for entry in kept), read_blobs(scratch, [entry.name for entry in kept]), strict=True))


def has_moved(repository: Path, scratch: Path) -> bool:
    return read_head(repository) != read_head(scratch)


def refuse_for_git(answer: bytes) -> Refusal:
    """What to say when git itself would not take it, from what git said."""
    said = b"".join(content for _, content in split_answer(answer)).decode("utf-8", "replace")
    if found := FOUND_BY_FSCK.search(said):
        sentence = gettext(
            "git finds a fault in what this push brings ({what}), in the last commit or an earlier one. "
            "Nothing of it was taken."
        )
        return Refusal("unsound", "push", sentence.format(what=shown(found[1])))
    if "non-fast-forward" in said:
        return Refusal(
            "not-ahead",
            "push",
            gettext("Your main does not build on what is here, and nothing that is here is ever overwritten."),
            remedy=gettext("Fetch first, and put your work on top: git pull --rebase origin main"),
        )
    return Refusal("broken", "push", gettext("git cannot unpack this push, so nothing of it was taken. Is it whole?"))


def refuse_push(push: Push, refusal: Refusal) -> bytes:
    """The whole answer to a push that is refused: the sentence as words, and no to every ref."""
    sentences = [refusal.sentence, refusal.remedy]
    words = b"".join(speak(sentence) for sentence in sentences if sentence) if push.speaks else b""
    refused = [f"ng {update.ref} refused: {refusal.code}" for update in push.updates]
    report = b"".join(packet(f"{line}\n".encode()) for line in ["unpack ok", *refused]) + FLUSH
    if "report-status" not in push.capabilities and "report-status-v2" not in push.capabilities:
        report = b""
    return words + _to_band(REPORT, report) + FLUSH if push.speaks else report


def speak(line: str) -> bytes:
    """A line of words: `remote: …` at the other end, where only what is printable may arrive."""
    return _to_band(WORDS, f"{''.join(c for c in line if c.isprintable())}\n".encode())


def keep_alive() -> bytes:
    """Nothing, said aloud, so that no proxy takes a long wait for a dead connection."""
    return packet(REPORT)


def take_report(answer: bytes, push: Push) -> bytes:
    """git's own report of what it did, ready to be followed by words."""
    if not push.speaks:
        return answer
    return b"".join(_to_band(REPORT, content) for band, content in split_answer(answer) if band == REPORT)


def split_answer(answer: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The bands of an answer of git's, and what was said on each."""
    at = 0
    while at + 4 <= len(answer) and (length := int(answer[at : at + 4], 16)):
        yield answer[at + 4 : at + 5], answer[at + 5 : at + length]
        at += length


def packet(content: bytes) -> bytes:
    return b"%04x" % (len(content) + 4) + content


def _to_band(band: bytes, content: bytes) -> bytes:
    most = LARGEST_PACKET - 5
    return b"".join(packet(band + content[at : at + most]) for at in range(0, len(content), most))


def _read_packets(body: BinaryIO) -> Iterator[bytes]:
    """Lines up to the next flush. Raises ValueError on what is no such line, or on far too many."""
    total = 0
    while length := int(body.read(4) or b"0000", 16):
        total += length
        if length < 5 or total > MAX_COMMANDS_BYTES:
            raise ValueError("no line of git's")
        yield body.read(length - 4).rstrip(b"\n")


def _read_update(line: bytes) -> Update:
    old, new, ref = line.decode().split(" ", 2)
    for name in (old, new):
        if len(name) != 40:
            raise ValueError("no name of an object")
        int(name, 16)
    return Update(ref, new)


def _shorten(ref: str) -> str:
    return shown(ref.removeprefix("refs/heads/"))


def _check_entry(entry: Entry) -> None:
    special = {
        "120000": gettext("{path} is a symbolic link; put in plain files."),
        "160000": gettext("{path} is a submodule, which nobody here can fetch; put in its files."),
    }
    if entry.mode not in ("100644", "100755"):
        sentence = special.get(entry.mode, gettext("{path} is no plain file; put in plain files."))
        raise refuse_name("special-file", sentence, entry.path)
    check_path(entry.path)
    check_size(entry.path, entry.size)


def _measure_objects(scratch: Path, indexes: Iterable[Path]) -> dict[str, int]:
    listed = [run_git(scratch, "show-index", stdin=index.read_bytes()) for index in indexes]
    asked = b"".join(line.split()[1] + b"\n" for lines in listed for line in lines.splitlines())
    told = run_git(scratch, "cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked).decode()
    return {name: int(size) for name, size in (line.split() for line in told.splitlines())}


def _name_object(scratch: Path, name: str, commit: str) -> str:
    """Under which path this object came, in whichever commit."""
    try:
        listed = run_git(scratch, "rev-list", "--objects", commit).decode("utf-8", "backslashreplace")
    except GitFault:
        return gettext("The object {name}").format(name=name[:12])
    found = next((line.partition(" ")[2] for line in listed.splitlines() if line.startswith(name)), "")
    return found or gettext("A list of files")
