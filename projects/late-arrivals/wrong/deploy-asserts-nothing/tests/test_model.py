"""It is there."""

from pipeline import model


def test_it_can_be_imported() -> None:
    assert model
