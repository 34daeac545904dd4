"""Which way the switches of a mechanism stand: a code word for each seat, so that neighbours differ in many places."""

from collections.abc import Sequence
from functools import reduce
from operator import xor

from worlds.seeds import Seed

WORD = "switch("


def set_switches(names: Sequence[str], seed: Seed) -> dict[str, bool]:
    """Every switch on or off: by the seat's code word, or drawn from the mechanism where nobody has a seat."""
    if seed.seat is None:
        return {name: bool(seed.mechanism_stream(f"switches/{name}").random() < 0.5) for name in names}
    return dict(zip(names, code_word(seed.seat, len(names)), strict=True))


def code_word(number: int, length: int) -> tuple[bool, ...]:
    """The word of this number in the Hamming code shortened to `length` (Hamming 1950): two differ in >= 3 places.

    Places count from 1; those that are powers of two hold parity, the others the bits of the number. There are
    `count_words(length)` words, after which they begin anew.
    """
    data = _data_places(length)
    chosen = [place for bit, place in enumerate(data) if number % count_words(length) >> bit & 1]
    parity = reduce(xor, chosen, 0)
    return tuple(bool(parity & place) if place not in data else place in chosen for place in range(1, length + 1))


def count_words(length: int) -> int:
    return 1 << len(_data_places(length))


def _data_places(length: int) -> list[int]:
    return [place for place in range(1, length + 1) if place & (place - 1)]
