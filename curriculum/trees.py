"""The trees that come with a package, each whole: the starter, the right ones, the wrong ones.

All but the starter and the reference are kept as overlays: what they have otherwise than the tree that they start from.
A file that differs in some lines stands in change.diff, as in any diff that `git apply` takes; what is new or quite
another is there as it is.
"""

import difflib
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from curriculum.expectations import EXPECT, read_expectation, read_expectations
from curriculum.package import REFERENCE, STARTER, PackageFault, ProjectPackage, files_under

CHANGE = "change.diff"
OLD_NAME = re.compile(rb"^--- a/(.+?)\t?$", re.MULTILINE)
NOWHERE = "/dev/null"
PLAIN_GIT = {"GIT_CONFIG_GLOBAL": NOWHERE, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
# Every overlay of some thirty packages.
KEPT = 2048

Files = Mapping[str, bytes]


def list_right(package: ProjectPackage) -> list[str]:
    """The trees that have to pass: "reference", "alternatives/polars"."""
    others = sorted(path.name for path in (package.folder / "alternatives").glob("*") if path.is_dir())
    return [REFERENCE, *(f"alternatives/{name}" for name in others)]


def list_wrong(package: ProjectPackage) -> list[str]:
    """The trees that have to be refused: "wrong/clean-keeps-refunds"."""
    return [f"wrong/{name}" for name in read_expectations(package)]


def read_tree(package: ProjectPackage, name: str) -> dict[str, bytes]:
    """A tree's files by their paths; of an overlay all of the tree that it makes, and what it says of itself.

    Raises PackageFault, which names the file and the remedy, when a change does not fit.
    """
    own = read_folder(package.folder / name)
    if name in (REFERENCE, STARTER):
        return own
    under, change = _read_base(package, name, own), own.pop(CHANGE, b"")
    return {**_lay(f"{name}/{CHANGE}", under, change), **own}


def read_work(package: ProjectPackage, name: str) -> dict[str, bytes]:
    """A tree as a learner would hand it in: without what it says of itself."""
    return {path: content for path, content in read_tree(package, name).items() if path != EXPECT}


def fold(package: ProjectPackage, name: str, whole: Files) -> Files:
    """The overlay that makes this whole tree: lines where they are shorter than the file, else the file."""
    under = _read_base(package, name, whole)
    kept, lines = {}, []
    for path in sorted({*under, *whole}):
        before, after = under.get(path), whole.get(path)
        if before == after:
            continue
        told = _tell_change(path, before, after)
        if after is not None and (told is None or len(told) >= len(after)):
            kept[path] = after
        elif told is None:
            raise PackageFault(f"{name}: {path} has no lines of text, so its end cannot be told; keep it, empty.")
        else:
            lines.append(told)
    return {**kept, CHANGE: b"".join(lines)} if lines else kept


def describe_overlay(package: ProjectPackage, name: str) -> str:
    """What a person reads of an overlay: its diff, and the text of every file that is there whole."""
    own = read_folder(package.folder / name)
    told = [own.pop(CHANGE, b"").decode()]
    told += [f"{path}:\n{content.decode('utf-8', 'replace')}" for path, content in own.items() if path != EXPECT]
    return "\n".join(text for text in told if text)


def write_overlay(package: ProjectPackage, name: str, overlay: Files) -> None:
    """Put this overlay in place of the one that is there."""
    folder = package.folder / name
    for path in list(files_under(folder)):
        path.unlink()
    write_files(folder, overlay)
    for emptied in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(emptied.iterdir()):
            emptied.rmdir()


def write_files(folder: Path, files: Files) -> None:
    """These files below this folder, which need not be there."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path there, without litter."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files_under(folder)}


def _read_base(package: ProjectPackage, name: str, own: Files) -> dict[str, bytes]:
    """The right tree that this one starts from; an alternative always starts from the reference."""
    base = read_expectation(own[EXPECT].decode()).base if EXPECT in own else REFERENCE
    if base not in list_right(package):
        raise PackageFault(f"{name}/{EXPECT}: base must be one of {', '.join(list_right(package))}.")
    return read_tree(package, base)


def _lay(where: str, under: Files, change: bytes) -> dict[str, bytes]:
    """A tree with the lines changed that a diff changes."""
    touched = {path for path in map(bytes.decode, OLD_NAME.findall(change)) if path in under}
    rest = {path: content for path, content in under.items() if path not in touched}
    before = tuple((path, under[path]) for path in sorted(touched))
    return {**rest, **dict(_apply(where, before, change))} if change else rest


@lru_cache(KEPT)
def _apply(where: str, before: tuple[tuple[str, bytes], ...], change: bytes) -> tuple[tuple[str, bytes], ...]:
    with tempfile.TemporaryDirectory() as scratch:
        write_files(Path(scratch), dict(before))
        # Nobody's settings, nor those of a repository that the scratch folder happens to lie in.
        within = {"GIT_CEILING_DIRECTORIES": str(Path(scratch).parent), "PATH": os.environ.get("PATH", os.defpath)}
        words = ["git", "apply", "--whitespace=nowarn", "-"]
        done = subprocess.run(
            words, cwd=scratch, env={**PLAIN_GIT, **within}, input=change, capture_output=True, check=False
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise PackageFault(f"{where} does not fit the tree that it starts from: {'; '.join(said)}.")
        return tuple(read_folder(Path(scratch)).items())


def _tell_change(path: str, before: bytes | None, after: bytes | None) -> bytes | None:
    """The lines of a diff; none where a file is new, was empty, or is not made of lines of text."""
    if not before:
        return None
    try:
        then, now = before.decode(), (after or b"").decode()
    except UnicodeDecodeError:
        return None
    if not all(text.endswith("\n") or not text for text in (then, now)):
        return None
    to = NOWHERE if after is None else f"b/{path}"
    return "".join(difflib.unified_diff(_lines(then), _lines(now), f"a/{path}", to)).encode()


def _lines(text: str) -> list[str]:
    """As diff and git see them: a form feed or a line separator ends none."""
    return [f"{line}\n" for line in text.split("\n")[:-1]]
