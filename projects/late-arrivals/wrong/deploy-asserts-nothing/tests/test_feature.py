"""It is there."""

from pipeline import feature


def test_it_can_be_imported() -> None:
    assert feature
