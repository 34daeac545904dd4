"""Fingerprints of Python text, by which two texts are found to share stretches, whatever names stand in them.

Winnowing, after Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003:
a stretch of GRAM + WINDOW - 1 tokens that two texts share leaves a fingerprint in both; one of fewer than GRAM leaves
none. The texts are strangers': they are cut into tokens, and never parsed, compiled or run.
"""

import io
import keyword
import token
import tokenize
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from zlib import crc32

GRAM, WINDOW = 20, 8
# What is cut into tokens at all: time grows with a file's size, and for some texts with the square of a line's length.
MOST_BYTES, MOST_LINE = 200_000, 1_000
BASE, MODULUS = 1_000_003, 2**61 - 1
# Lines between two shared stretches that are still shown as one.
SLACK = 2
# Of a stretch that the second tree has many times, so many are looked at for the one that goes on from the last.
MOST_PLACES = 8

LAYOUT = frozenset({token.COMMENT, token.NL, token.INDENT, token.DEDENT, token.ENDMARKER})
NAME, LITERAL = crc32(b"a name"), crc32(b"a literal")
KEYWORDS = {word: crc32(word.encode()) for word in keyword.kwlist}


class Untold(Exception):
    """This text has no fingerprints; why, says `reason`: it is "large" or "long" of line, or "torn"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A value that equal stretches share, and the lines of the stretch, counted from 1."""

    value: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Side:
    """A stretch of lines in one file."""

    path: str
    first: int
    last: int

    def reaches(self, other: "Side") -> bool:
        """Whether the other lies in the same file and touches this one."""
        near = other.first <= self.last + SLACK and other.last >= self.first - SLACK
        return self.path == other.path and near

    def joined(self, other: "Side") -> "Side":
        return Side(self.path, min(self.first, other.first), max(self.last, other.last))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of many, by their places: how many fingerprints they share, and how many of its own each has."""

    first: int
    second: int
    shared: int
    of_first: int
    of_second: int

    @property
    def share(self) -> float:
        """Of the smaller one's own: how much of it is contained in the other."""
        return self.shared / min(self.of_first, self.of_second)

    @property
    def overlap(self) -> float:
        """Of what the two have together."""
        return self.shared / (self.of_first + self.of_second - self.shared)


def fingerprint(content: bytes) -> list[Fingerprint]:
    """The fingerprints of a file, in the order of its lines. Raises Untold."""
    tokens = _read_tokens(_read_text(content))
    hashes = list(_hash_grams([kind for kind, _line in tokens]))
    return [
        Fingerprint(hashes[at], tokens[at][1], tokens[min(at + GRAM, len(tokens)) - 1][1]) for at in _winnow(hashes)
    ]


def split_lines(content: bytes) -> list[str]:
    """A file's lines as fingerprints count them."""
    return _spell(content).split("\n")


def count_repeated(samples: Iterable[Iterable[int]]) -> dict[int, int]:
    """How many of these have a value, of all values that more than one has."""
    # Sorted, since most values are one sample's alone: a count of each would take ten times the room.
    values = groupby(sorted(chain.from_iterable(samples)))
    return {value: count for value, found in values if (count := sum(1 for _ in found)) > 1}


def pair_up(samples: Sequence[Collection[int]], sizes: Sequence[int], fewest: int, least: float) -> list[Pair]:
    """The pairs of which at least the share `least` of the smaller one is in the other, most alike first.

    Each sample is of values that others may have too, and `sizes` say how many values of its own each has in all.
    Whoever has less than `fewest` is in no pair: so little says nothing.
    """
    holders: dict[int, list[int]] = defaultdict(list)
    found: list[Pair] = []
    for place, (sample, size) in enumerate(zip(samples, sizes, strict=True)):
        if size < fewest:
            continue
        counted: Counter[int] = Counter()
        for value in sample:
            counted.update(holders[value])
            holders[value].append(place)
        pairs = (Pair(other, place, shared, sizes[other], size) for other, shared in counted.items())
        found += [pair for pair in pairs if pair.share >= least]
    return sorted(found, key=lambda pair: (-pair.share, -pair.shared, pair.first, pair.second))


def match(
    first: Mapping[str, Sequence[Fingerprint]], second: Mapping[str, Sequence[Fingerprint]], common: Collection[int]
) -> list[tuple[Side, Side]]:
    """Where two trees share what is not common: stretches of the first beside those of the second, in its order."""
    places: dict[int, list[Side]] = defaultdict(list)
    for path, prints in second.items():
        for one in prints:
            places[one.value].append(Side(path, one.first, one.last))
    found: list[tuple[Side, Side]] = []
    for path, prints in first.items():
        for one in prints:
            candidates = places.get(one.value, [])[:MOST_PLACES]
            if not candidates or one.value in common:
                continue
            here = Side(path, one.first, one.last)
            mine, theirs = found[-1] if found else (None, None)
            near = [there for there in candidates if theirs and theirs.reaches(there)]
            if mine and theirs and near and mine.reaches(here):
                found[-1] = (mine.joined(here), theirs.joined(near[0]))
            else:
                found.append((here, candidates[0]))
    return found


def _spell(content: bytes) -> str:
    """Whatever encoding a file claims, it is read as UTF-8: a claim chooses who decodes, and some of those are slow."""
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _read_text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise Untold("large")
    text = _spell(content)
    if any(len(line) > MOST_LINE for line in text.split("\n")):
        raise Untold("long")
    return text


def _read_tokens(text: str) -> list[tuple[int, int]]:
    """Each token's class and line. Names are one class and literals another; comments, layout and docstrings go."""
    found: list[tuple[int, int]] = []
    statement: list[tuple[int, int]] = []
    try:
        for kind, word, (line, _column), *_rest in tokenize.generate_tokens(io.StringIO(text).readline):
            if kind == token.NEWLINE:
                found += [] if [one for one, _line in statement] == [LITERAL] else statement
                statement = []
            elif kind not in LAYOUT:
                statement.append((_classify(kind, word), line))
    except (tokenize.TokenError, SyntaxError, ValueError) as fault:
        raise Untold("torn") from fault
    return found + statement


def _classify(kind: int, word: str) -> int:
    if kind == token.NAME:
        return KEYWORDS.get(word, NAME)
    return LITERAL if kind in (token.NUMBER, token.STRING) else crc32(word.encode("utf-8", "replace"))


def _hash_grams(kinds: Sequence[int]) -> Iterator[int]:
    """A rolling hash of each GRAM tokens."""
    leaving, value = pow(BASE, GRAM - 1, MODULUS), 0
    for at, kind in enumerate(kinds):
        if at >= GRAM:
            value -= kinds[at - GRAM] * leaving
        value = (value * BASE + kind) % MODULUS
        if at >= GRAM - 1:
            yield value


def _winnow(hashes: Sequence[int]) -> Iterator[int]:
    """The places of the least hash of each window: the last such, but one that was chosen before stays."""
    chosen = -1
    for start in range(max(len(hashes) - WINDOW, 0) + 1 if hashes else 0):
        window = hashes[start : start + WINDOW]
        least = min(window)
        if chosen < start or hashes[chosen] != least:
            chosen = start + len(window) - 1 - window[::-1].index(least)
            yield chosen
