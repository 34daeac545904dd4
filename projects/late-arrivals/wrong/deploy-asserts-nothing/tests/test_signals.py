"""It is there."""

from pipeline import signals


def test_it_can_be_imported() -> None:
    assert signals
