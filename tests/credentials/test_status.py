"""One bit for each credential: what was set is set, nothing else is, and no list is unpacked beyond its bounds."""

import base64
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.status import LEAST_ENTRIES, StatusFault, decode_list, encode_list, is_set, set_bit

EMPTY = bytes(LEAST_ENTRIES // 8)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, LEAST_ENTRIES - 1), max_size=20), st.integers(0, LEAST_ENTRIES - 1))
def test_what_is_set_is_set_and_nothing_else(indexes: set[int], other: int) -> None:
    bits = EMPTY
    for index in indexes:
        bits = set_bit(bits, index)
    told = decode_list(encode_list(bits))
    assert is_set(told, other) == (other in indexes)
    assert sum(byte.bit_count() for byte in told) == len(indexes)


def test_the_first_entry_is_the_leftmost_bit() -> None:
    assert set_bit(EMPTY, 0)[0] == 0b1000_0000
    assert set_bit(EMPTY, 7)[0] == 0b0000_0001
    with pytest.raises(StatusFault, match="no such entry"):
        is_set(EMPTY, LEAST_ENTRIES)


def test_a_list_is_never_short_and_never_a_bomb() -> None:
    with pytest.raises(ValueError, match="131072"):
        encode_list(EMPTY[1:])
    bomb = gzip.compress(bytes(80 * 1024 * 1024))
    for text in (None, "", "zabc", "u!!", "uAAAA", encode_list(EMPTY)[:40], pack(gzip.compress(b"")), pack(bomb)):
        with pytest.raises(StatusFault):
            decode_list(text)


def pack(content: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(content).rstrip(b"=").decode()
