"""It is there."""

from pipeline import question


def test_it_can_be_imported() -> None:
    assert question
