"""Tells the last lines that a run prints while it still runs: few, ever more seldom, and without waiting for a hearer.

What is told is shown and decides nothing. All of it together is no more than a run may show once it is over.
"""

import json
import os
import select
import time

from grading.sandboxes.output import disarm

LINES = 4
LETTERS = 400
# Of one run. Its inputs are a draw that nobody is to carry off: more must not leave by this way.
LETTERS_IN_ALL = 4000
FIRST_PAUSE_S = 0.5
PAUSE_SHARE = 0.2
FRESH = 4096
# What a pipe takes whole or not at all, and at once when it is ready to be written to.
MOST_BYTES = select.PIPE_BUF


class Telling:
    """What one run has printed and nobody was told yet; `answers` is the descriptor that it is told on."""

    def __init__(self, answers: int) -> None:
        self.answers = answers
        self.fresh = b""
        self.left = LETTERS_IN_ALL
        self.start = self.told = time.monotonic()

    def add(self, data: bytes) -> None:
        self.fresh = (self.fresh + data)[-FRESH:]

    def tell(self) -> None:
        """The last whole lines, if it is time and somebody reads; what cannot be told now is told later, or never."""
        now = time.monotonic()
        if now - self.told < max(FIRST_PAUSE_S, (now - self.start) * PAUSE_SHARE) or self.left <= 0:
            return
        lines, newline, rest = self.fresh.replace(b"\r", b"\n").rpartition(b"\n")
        if not newline:
            return
        text = "\n".join(disarm(lines).strip("\n").split("\n")[-LINES:])[-min(LETTERS, self.left) :]
        if not text.strip() or self._write(text):
            self.fresh, self.told = rest, now
            self.left -= len(text)

    def _write(self, text: str) -> bool:
        line = json.dumps({"said": text}, ensure_ascii=False).encode() + b"\n"
        if len(line) > MOST_BYTES or not select.select([], [self.answers], [], 0)[1]:
            return False
        try:
            os.write(self.answers, line)
        except BrokenPipeError:
            return False
        return True
