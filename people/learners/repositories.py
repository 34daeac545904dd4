"""Each enrolment's bare repository: begun from the starter, grown commit by commit, never rewritten.

Only git's plumbing reads and writes here, and nothing is ever checked out: no hook, filter or attribute of a learner's
has a place to act. Knows not who may ask, nor what becomes of a commit.
"""

import fcntl
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext

from people.learners.facilities import store
from people.learners.git import GitFault, end_group, run_git, start_git
from people.learners.models import Enrolment
from people.learners.refusals import Refusal
from people.learners.trees import MAX_LIST_BYTES, refuse_list, refuse_name

BRANCH = "refs/heads/main"
INCOMING = "refs/milepost/incoming"
NOBODY = "0" * 40
LOCK = "milepost.lock"
MILEPOST = ("Milepost", "milepost@milepost.invalid")
PATIENCE_S = 20.0
PAUSE_S = 0.05
AT_ONCE_BYTES = 2**20
PLAIN_DIFF = ("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--find-renames")
# What one learner may keep here in all: so many times the largest tree.
REPOSITORY_TIMES = 8
# git packs from 50 packs or 6,700 small files on: whoever has fewer files of either kind need not ask it.
FEW_FILES = 50
# Longer than anything here takes: what is older was left by a process that was killed.
ABANDONED_S = 3600.0
LONGEST_MESSAGE = 2000
# Of the year 9998: what comes after is no date in every zone.
LAST_SECOND = 253_370_764_800


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a commit's tree, as git lists it."""

    mode: str
    kind: str
    name: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit says of itself."""

    at: datetime
    subject: str


# What becomes of each path: it holds a blob that is kept here already, or nothing.
Change = Mapping[str, Entry | None]


def open_repository(enrolment: Enrolment) -> Path:
    """The enrolment's repository; begun from the project's starter, if nobody has asked for it yet."""
    place = _place_of(enrolment.key)
    if not (place / "HEAD").exists():
        _begin(enrolment, place)
    return place


def find_repository(enrolment: Enrolment) -> Path | None:
    """The enrolment's repository, if it has been begun."""
    place = _place_of(enrolment.key)
    return place if (place / "HEAD").exists() else None


def discard(key: UUID) -> None:
    """Take this enrolment's repository away, if there is one; whoever reads it meanwhile finds it whole or gone."""
    place = _place_of(key)
    with suppress(FileNotFoundError):
        gone = Path(tempfile.mkdtemp(dir=place.parent, prefix="new-"))
        shutil.move(place, gone)
        shutil.rmtree(gone)


@contextmanager
def hold(repository: Path) -> Iterator[None]:
    """Nobody else writes here meanwhile. Raises Refusal when another push is not done in good time."""
    with (repository / LOCK).open("w") as lock:
        deadline = time.monotonic() + PATIENCE_S
        while not _lock(lock):
            if time.monotonic() > deadline:
                sentence = gettext("Another push of yours is still being taken in.")
                raise Refusal("busy", "tree", sentence, 409, gettext("Try again in a minute."))
            time.sleep(PAUSE_S)
        _clear_locks(repository)
        yield


def read_head(repository: Path) -> str:
    """The commit that main stands at."""
    return run_git(repository, "rev-parse", "--verify", BRANCH).decode().strip()


def write_commit(repository: Path, files: Mapping[str, bytes], author: tuple[str, str], message: str) -> str:
    """A commit of exactly these files on top of main, which is not moved; main's own when nothing would change."""
    check_room(repository, sum(len(content) for content in files.values()))
    return _write(repository, _replace_all(files), author, message)


def write_change(repository: Path, change: Change, author: tuple[str, str], message: str) -> str:
    """A commit of this change on top of main, which is not moved; main's own when nothing would change."""
    return _write(repository, _alter(change), author, message)


def advance(repository: Path, commit: str) -> None:
    """Move main on to this commit, from where it stands now: whoever does so holds the repository."""
    run_git(repository, "update-ref", BRANCH, commit)


def offer_branch(repository: Path, name: str, files: Mapping[str, bytes], message: str) -> None:
    """A branch of exactly these files, to be merged by whoever wants them: it grows from what the learner began with,

    so git knows what was changed on either side. One that is there already stays as it is.
    """
    if has_branch(repository, name):
        return
    commit, _tree = _import_commit(
        repository, _replace_all(files), MILEPOST, message, int(time.time()), _find_last_offer(repository)
    )
    run_git(repository, "update-ref", f"refs/heads/{name}", commit, NOBODY)


def has_branch(repository: Path, name: str) -> bool:
    return bool(run_git(repository, "for-each-ref", f"refs/heads/{name}"))


def tidy(repository: Path) -> None:
    """Let git pack what has become many small files; what is left undone is done another time."""
    if sum(1 for _ in _list_objects(repository)) < FEW_FILES:
        return
    with suppress(GitFault):
        run_git(repository, "gc", "--auto", "--quiet")


def check_room(repository: Path, more: int) -> None:
    """Refuse what would make the repository larger than one learner's may be."""
    kept = sum(path.stat().st_size for path in _list_objects(repository))
    limit = REPOSITORY_TIMES * int(settings.MILEPOST_TREE_MB)
    if kept + more > limit * 2**20:
        raise Refusal(
            "full",
            "tree",
            gettext("Your repository would be larger than {limit} MB.").format(limit=limit),
            413,
            gettext("Take it home, and ask whoever runs this site to begin another for you."),
        )


def list_tree(repository: Path, commit: str) -> list[Entry]:
    """Every file of the commit. Raises Refusal on a list without end: trees can name each other ten times over."""
    listed = _read_start(repository, MAX_LIST_BYTES, "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    if len(listed) > MAX_LIST_BYTES:
        raise refuse_list()
    return [_read_entry(line) for line in listed.split(b"\0") if line]


def compare(repository: Path, before: str, after: str, most: int) -> bytes:
    """The first bytes, `most` and one, of the unified diff between two commits or two blobs."""
    return _read_start(repository, most, "diff", *PLAIN_DIFF, before, after, "--")


def keep_blob(repository: Path, content: bytes) -> str:
    """git's name for these bytes, which are kept though no commit holds them; git forgets such after a while."""
    return run_git(repository, "hash-object", "-w", "--stdin", stdin=content).decode().strip()


def count_authors(repository: Path, before: str, after: str) -> Counter[str]:
    """How many commits of each author, by address, came after one commit and up to another; ours are nobody's."""
    span = f"{before}..{after}" if before else after
    said = run_git(repository, "log", "--no-mailmap", "--format=%ae", span).decode(errors="replace")
    return Counter(address for address in said.splitlines() if address != MILEPOST[1])


def list_commits(repository: Path, most: int) -> list[Commit]:
    """The newest commits of main but ours, oldest first. When each was made its author's machine has said."""
    told = run_git(repository, "log", "-z", "--no-mailmap", f"--max-count={most}", "--format=%at%n%ae%n%s", BRANCH)
    lines = (record.split("\n", 2) for record in told.decode(errors="replace").split("\0") if record)
    commits = [Commit(_read_time(at), _clean(subject)) for at, address, subject in lines if address != MILEPOST[1]]
    return commits[::-1]


def find_first(repository: Path) -> str:
    """The commit that the repository was begun with, which every later one has behind it."""
    begun = run_git(repository, "rev-list", "--max-parents=0", f"--author={MILEPOST[1]}", BRANCH).decode().split()
    return begun[-1]


def read_blobs(repository: Path, names: list[str]) -> Iterator[bytes]:
    """What these files hold, in this order. All of it is read at once: whoever asks has looked at the sizes."""
    answer = memoryview(run_git(repository, "cat-file", "--batch", stdin="".join(f"{n}\n" for n in names).encode()))
    at = 0
    for _ in names:
        end = bytes(answer[at : at + 100]).index(b"\n") + at
        size = int(bytes(answer[at:end]).split()[2])
        yield bytes(answer[end + 1 : end + 1 + size])
        at = end + 1 + size + 1


def read_plain_files(repository: Path) -> Iterator[tuple[str, bytes]]:
    """The plain files of main's last commit, a handful at a time."""
    entries = [entry for entry in list_tree(repository, BRANCH) if entry.kind == "blob"]
    for few in _group(entries):
        yield from zip((entry.path for entry in few), read_blobs(repository, [e.name for e in few]), strict=True)


def bundle(repository: Path) -> bytes:
    """The whole history in one file, which `git clone` takes."""
    return run_git(repository, "bundle", "create", "--quiet", "-", "HEAD", "--branches")


@contextmanager
def quarantine(repository: Path) -> Iterator[Path]:
    """A repository that sees all of this one, and whose own objects go when it goes."""
    _clear_leftovers()
    scratch = Path(tempfile.mkdtemp(dir=settings.REPOSITORIES_DIR, prefix="incoming-"))
    try:
        _init(scratch)
        (scratch / "objects" / "info").mkdir(exist_ok=True)
        (scratch / "objects" / "info" / "alternates").write_text(f"{repository / 'objects'}\n")
        run_git(scratch, "update-ref", BRANCH, read_head(repository))
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def adopt(repository: Path, scratch: Path) -> None:
    """Take over the packs of a quarantine; whoever lists a pack by its index finds it whole."""
    arrived = sorted((scratch / "objects" / "pack").iterdir(), key=lambda path: path.suffix == ".idx")
    (repository / "objects" / "pack").mkdir(exist_ok=True)
    for path in arrived:
        path.rename(repository / "objects" / "pack" / path.name)


def _list_objects(repository: Path) -> Iterator[Path]:
    return (path for path in (repository / "objects").rglob("*") if path.is_file())


def _read_start(repository: Path, most: int, *words: str) -> bytes:
    """What git says to these words, up to `most` bytes and one more. Raises Refusal when it cannot."""
    process = start_git(repository, *words)
    try:
        assert process.stdout is not None
        said = process.stdout.read(most + 1)
        if len(said) <= most and process.wait():
            raise Refusal("broken", "tree", gettext("git cannot read the tree of your last commit."))
        return said
    finally:
        if process.poll() is None:
            end_group(process)
        process.communicate()


def _group(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    few: list[Entry] = []
    for entry in entries:
        if few and sum(other.size for other in few) + entry.size > AT_ONCE_BYTES:
            yield few
            few = []
        few.append(entry)
    if few:
        yield few


def _lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear_locks(repository: Path) -> None:
    # Nobody else writes here now: a lock of git's own was left by a process that was killed, and would stay for ever.
    for lock in (*repository.glob("*.lock"), *(repository / "refs").rglob("*.lock")):
        if lock.name != LOCK:
            lock.unlink(missing_ok=True)


def _clear_leftovers() -> None:
    for left in Path(settings.REPOSITORIES_DIR).glob("incoming-*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)


def _begin(enrolment: Enrolment, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=place.parent, prefix="new-"))
    _init(scratch)
    starter = enrolment.project.starter
    files = {entry.path: store().read(starter, entry.path) for entry in store().entries(starter)}
    # Never the same first commit as of their own repository: what is pushed to the wrong one of the two is refused.
    message = f"Begin {enrolment.project.title} from its starter{enrolment.occasion and ', to be assessed'}"
    commit, _tree = _import_commit(scratch, _replace_all(files), MILEPOST, message, _seconds(enrolment.started_at))
    run_git(scratch, "update-ref", BRANCH, commit, NOBODY)
    try:
        # All or nothing; and of two who begin it at once, the second finds what the first began.
        scratch.rename(place)
    except OSError:
        shutil.rmtree(scratch)
        if not (place / "HEAD").exists():
            raise


def _init(folder: Path) -> None:
    run_git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "--template=", ".")


def _place_of(key: UUID) -> Path:
    return Path(settings.REPOSITORIES_DIR) / str(key)[:2] / f"{key}.git"


def _find_last_offer(repository: Path) -> str:
    """The newest starter in this repository: of the last edition that was offered, or of the first."""
    newest = ("for-each-ref", "--count=1", "--sort=-committerdate", "--format=%(objectname)", "refs/heads/edition-*")
    if offered := run_git(repository, *newest).decode().strip():
        return offered
    return run_git(repository, "rev-list", "--max-parents=0", f"--author={MILEPOST[1]}", BRANCH).decode().split()[-1]


def _read_time(said: str) -> datetime:
    """A machine may say any number, and not every one is a date."""
    return datetime.fromtimestamp(min(max(int(said), 0), LAST_SECOND), UTC)


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _import_commit(
    repository: Path, orders: Iterable[bytes], author: tuple[str, str], message: str, at: int, parent: str = ""
) -> tuple[str, str]:
    """git's names of a commit that these orders make, and of its tree."""
    head = [
        f"commit {INCOMING}",
        "mark :1",
        f"author {_sign(*author)} {at} +0000",
        f"committer {_sign(*MILEPOST)} {at} +0000",
    ]
    told = _clean(message).encode()
    stream = [("\n".join(head) + f"\ndata {len(told)}\n").encode() + told + b"\n"]
    if parent:
        stream.append(f"from {parent}\n".encode())
    stream += orders
    # Names are asked for before the end, and the ref that fast-import insists on is gone by then.
    stream.append(f'get-mark :1\nls :1 ""\nreset {INCOMING}\nfrom {NOBODY}\n\ndone\n'.encode())
    said = run_git(
        repository, "fast-import", "--quiet", "--force", "--done", "--date-format=raw", stdin=b"".join(stream)
    )
    commit, _mode, _kind, tree = said.decode().split()
    return commit, tree


def _write(repository: Path, orders: Iterable[bytes], author: tuple[str, str], message: str) -> str:
    head, before = run_git(repository, "rev-parse", BRANCH, f"{BRANCH}^{{tree}}").decode().split()
    commit, after = _import_commit(repository, orders, author, message, int(time.time()), head)
    return head if before == after else commit


def _replace_all(files: Mapping[str, bytes]) -> Iterator[bytes]:
    yield b"deleteall\n"
    for path, content in sorted(files.items()):
        yield f"M 100644 inline {_quote(path)}\ndata {len(content)}\n".encode() + content + b"\n"


def _alter(change: Change) -> Iterator[bytes]:
    # What goes makes room first: a file may take the place of a folder.
    yield from (f"D {_quote(path)}\n".encode() for path, new in change.items() if new is None)
    yield from (f"M {new.mode} {new.name} {_quote(path)}\n".encode() for path, new in change.items() if new)


def _sign(name: str, address: str) -> str:
    name, address = ("".join(c for c in text if c.isprintable() and c not in "<>") for text in (name, address))
    return f"{name.strip() or 'A learner'} <{address.strip()}>"


def _clean(message: str) -> str:
    kept = "".join(c for c in message.replace("\r\n", "\n") if c.isprintable() or c in "\n\t")
    return kept.strip()[:LONGEST_MESSAGE]


def _quote(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _read_entry(line: bytes) -> Entry:
    told, _, path = line.partition(b"\t")
    mode, kind, name, size = told.decode().split()
    try:
        return Entry(mode, kind, name, 0 if size == "-" else int(size), path.decode())
    except UnicodeDecodeError as odd:
        named = path.decode("utf-8", "backslashreplace")
        raise refuse_name("bad-name", gettext("The name {path} is not written in UTF-8; rename it."), named) from odd
