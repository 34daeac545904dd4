"""What was printed is bounded and harmless."""

import pytest

from grading.sandboxes.output import Output, disarm, keepable


def test_a_short_text_is_kept_whole():
    output = Output(100)
    output.add(b"one\n")
    output.add(b"two\n")
    assert output.text() == "one\ntwo\n"


def test_of_a_long_text_head_and_tail_are_kept():
    output = Output(20)
    for number in range(1000):
        output.add(b"%03d " % number)
    assert output.text().startswith("000 001 00\n[... 3,980 bytes left out ...]\n")
    assert output.text().endswith("998 999 ")


def test_a_text_of_just_the_size_is_kept_whole():
    output = Output(8)
    output.add(b"abcd")
    output.add(b"efgh")
    assert output.text() == "abcdefgh"


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        (b"plain\ttext\n", "plain\ttext\n"),
        ("Zoë 東京 🎉".encode(), "Zoë 東京 🎉"),
        (b"10%\r20%\r\n", "10%\n20%\n"),
        (b"\x1b[31mred", "\ufffd[31mred"),
        ("a\u202eb\u2066c\u200bd".encode(), "a\ufffdb\ufffdc\ufffdd"),
        ("no\u00a0break".encode(), "no break"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"nul\0", "nul\ufffd"),
    ],
)
def test_letters_that_steer_a_terminal_are_replaced(raw, safe):
    assert disarm(raw) == safe


def test_what_checks_say_can_be_kept_by_any_database():
    told = {"sentence": "a\0b", "found": "\ud800", "details": [{"odd\0": 1, "fine": None}], "points": 1}
    kept = {"sentence": "a\ufffdb", "found": "?", "details": [{"odd\ufffd": 1, "fine": None}], "points": 1}
    assert keepable(told) == kept
