"""It is there."""

from pipeline import clocks


def test_it_can_be_imported() -> None:
    assert clocks
