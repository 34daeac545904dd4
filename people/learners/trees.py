"""What a tree may be, whatever way it comes in: how many files, how large, how deep, under which names."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from curriculum.litter import is_litter
from people.learners.refusals import Refusal

MAX_FILES = 1000
MAX_DEPTH = 12
MAX_NAME = 200
# What file systems take for one name; letters outside ASCII take several each.
MAX_PART_BYTES = 255
# A list of files is read as a whole before anything else; a small upload could hold a list of millions.
MAX_LIST_BYTES = 4 * 2**20
# Code packs five to ten times smaller, a table of one value a thousand times; small files may be as even as they like.
MAX_RATIO = 200
EVEN_BYTES = 2**20
# Where a learner's own runs put data; left out without a word, as litter is.
LITTER_AT_TOP = frozenset({"build", "data"})
# What file systems elsewhere take for `.git`: git refuses to check such names out.
GIT_FOLDERS = frozenset({".git", "git~1"})


def most_bytes() -> int:
    """How large one file, and all files together, may be."""
    return int(settings.MILEPOST_TREE_MB) * 2**20


def is_left_out(path: str) -> bool:
    """Whether this path, as it is in the tree, is none of the learner's own making."""
    return is_litter(path) or path.split("/", 1)[0] in LITTER_AT_TOP


def gather(files: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """These files as a tree, by path. Raises Refusal, which names the file and the limit."""
    tree: dict[str, bytes] = {}
    total = 0
    for path, content in _without_litter(files):
        path = check_path(path)
        total += len(content)
        if path in tree:
            raise refuse_name("duplicate", _("{path} is in the upload twice; keep one of them."), path)
        if total > most_bytes():
            raise refuse_size(
                _("The files together are larger than {limit} MB.").format(limit=settings.MILEPOST_TREE_MB)
            )
        tree[path] = content
        if len(tree) > MAX_FILES:
            raise refuse_count(len(tree))
    return _check_tree(_strip_wrapping(tree))


def check_path(path: str) -> str:
    """The path in its one spelling: `./a`, `a//b` and `a/./b` are names that two files could share."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
        raise refuse_name("outside", _("{path} points outside the folder; put in paths below it."), path)
    if not path.isprintable() or "\0" in path or not parts:
        raise refuse_name("bad-name", _("The name {path} holds characters that we do not take; rename it."), path)
    if any(part.split(":")[0].rstrip(". ").casefold() in GIT_FOLDERS for part in parts):
        raise refuse_name("git-inside", _("{path} lies in a folder that git keeps for itself; leave it out."), path)
    too_long = len(path) > MAX_NAME or any(len(part.encode()) > MAX_PART_BYTES for part in parts)
    if len(parts) > MAX_DEPTH or too_long:
        sentence = _("{path} is nested deeper than {depth} folders or longer than {length} characters.")
        raise Refusal("too-deep", "tree", sentence.format(path=shown(path), depth=MAX_DEPTH, length=MAX_NAME))
    return "/".join(parts)


def check_size(path: str, size: int) -> None:
    if size > most_bytes():
        sentence = _("{path} is larger than {limit} MB.")
        raise refuse_size(sentence.format(path=shown(path), limit=settings.MILEPOST_TREE_MB))


def check_ratio(what: str, packed: int, unpacked: int) -> None:
    """Refuse what unpacks to far more than code does."""
    if unpacked > EVEN_BYTES and unpacked > MAX_RATIO * packed:
        sentence = _("{what} unpacks to {times} times its size; at most {most} times is taken.")
        times = spell(unpacked // max(packed, 1))
        raise refuse_size(sentence.format(what=what, times=times, most=MAX_RATIO))


def refuse_size(what: str) -> Refusal:
    sentence = _("{what} Leave out data and build results; only code is needed.").format(what=what)
    return Refusal("too-large", "tree", sentence, 413)


def refuse_name(code: str, sentence: str, path: str) -> Refusal:
    return Refusal(code, "tree", sentence.format(path=shown(path)))


def refuse_count(count: int) -> Refusal:
    sentence = _("{count} files or more; at most {most} are taken.")
    return Refusal("too-many-files", "tree", sentence.format(count=spell(count), most=spell(MAX_FILES)), 413)


def refuse_list() -> Refusal:
    sentence = _("Far too many files; at most {most} are taken.").format(most=spell(MAX_FILES))
    return Refusal("too-many-files", "tree", sentence, 413)


def spell(number: int) -> str:
    """A number as the reader's language groups it."""
    return number_format(number, force_grouping=True)


def shown(path: str) -> str:
    """A name from outside as it may be shown anywhere."""
    return ascii(path)[1:-1][:120]


def _without_litter(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    return ((path, content) for path, content in files if not is_litter(path))


def _strip_wrapping(tree: dict[str, bytes]) -> dict[str, bytes]:
    """Without the one folder that many tools put round everything, unless that folder is itself a Python package."""
    tops = {path.split("/", 1)[0] for path in tree}
    if len(tops) != 1 or any("/" not in path for path in tree):
        return tree
    top = tops.pop()
    if f"{top}/__init__.py" in tree:
        return tree
    return {path.removeprefix(f"{top}/"): content for path, content in tree.items()}


def _check_tree(tree: dict[str, bytes]) -> dict[str, bytes]:
    kept = {path: content for path, content in tree.items() if not is_left_out(path)}
    if not any(path.endswith(".py") for path in kept):
        raise Refusal(
            "empty", "tree", _("There is no Python file in what you sent; hand in your whole project folder.")
        )
    for path in kept:
        # A path that is both a file and a folder of another file cannot be laid out.
        if any(str(parent) in kept for parent in PurePosixPath(path).parents):
            raise refuse_name("duplicate", _("{path} lies below a file of the same name; rename one."), path)
    return kept
