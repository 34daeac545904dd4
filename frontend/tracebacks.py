"""The part of a printed traceback that is about the learner's own files. Reads untrusted text and decides nothing."""

import re
from collections.abc import Iterator

from django.utils.translation import ngettext

HEAD = "Traceback (most recent call last):"
FRAME = re.compile(r'  File "(?P<file>[^"]*)", line \d+')
# The grader writes so where a file of a library stood; the rest is Python's own.
STRANGE = ("…/", "<frozen", "/")
MOST_LINES = 40


def trim_traceback(printed: str) -> str:
    """The last traceback, with the frames of libraries counted instead of shown; empty if there is none."""
    lines = printed.rstrip().split("\n")
    heads = [number for number, line in enumerate(lines) if line.startswith(HEAD)]
    frames = [number for number, line in enumerate(lines) if FRAME.match(line)]
    if not frames:
        return ""
    start = heads[-1] if heads and heads[-1] < frames[-1] else frames[0]
    return "\n".join(list(_own_lines(lines[start:]))[-MOST_LINES:])


def _own_lines(lines: list[str]) -> Iterator[str]:
    left_out, strange = 0, False
    for line in lines:
        frame = FRAME.match(line)
        if frame:
            strange = frame["file"].startswith(STRANGE)
            left_out += strange
        if strange and line.startswith("  "):
            continue
        strange = False
        if left_out:
            sentence = ngettext("… {count} step inside libraries", "… {count} steps inside libraries", left_out)
            yield f"  {sentence.format(count=left_out)}"
            left_out = 0
        yield line
