"""It is there."""

from pipeline import tables


def test_it_can_be_imported() -> None:
    assert tables
