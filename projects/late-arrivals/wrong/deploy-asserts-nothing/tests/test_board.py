"""It is there."""

from pipeline import board


def test_it_can_be_imported() -> None:
    assert board
