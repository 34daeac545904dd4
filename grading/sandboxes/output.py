"""What a jailed process printed: the head and the tail are kept, made safe to show; refuses to believe any of it."""

import unicodedata
from typing import Any


class Output:
    """A bounded ring of one stream: the first half and the last half of `keep` bytes."""

    def __init__(self, keep: int) -> None:
        self.half = max(keep // 2, 1)
        self.head = bytearray()
        self.tail = bytearray()
        self.seen = 0

    def add(self, data: bytes) -> None:
        self.seen += len(data)
        room = self.half - len(self.head)
        if room > 0:
            self.head += data[:room]
            data = data[room:]
        if data:
            self.tail = (self.tail + data)[-self.half :]

    def text(self) -> str:
        dropped = self.seen - len(self.head) - len(self.tail)
        if not dropped:
            return disarm(self.head + self.tail)
        return f"{disarm(self.head)}\n[... {dropped:,} bytes left out ...]\n{disarm(self.tail)}"


def disarm(data: bytes | bytearray) -> str:
    """Text without anything that could move a cursor, ring a bell or turn the reading direction."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line if line.isprintable() else "".join(map(_safe, line)) for line in text.split("\n"))


def _safe(letter: str) -> str:
    if letter == "\t" or letter.isprintable():
        return letter
    return " " if unicodedata.category(letter) == "Zs" else "\N{REPLACEMENT CHARACTER}"


def keepable(told: Any) -> Any:
    """Plain values whose texts any database keeps: PostgreSQL refuses the letter NUL, and halves of letters are no
    UTF-8."""
    if isinstance(told, str):
        return told.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(told, dict):
        return {keepable(name): keepable(value) for name, value in told.items()}
    return [keepable(value) for value in told] if isinstance(told, list) else told
