"""A milestone is open when every one before it has passed."""

from curriculum.gate import is_open, next_open, opener

KINDS = ["ingest", "clean", "feature"]


def test_the_first_milestone_is_always_open_and_the_next_opens_with_it() -> None:
    assert is_open(KINDS, set(), "ingest")
    assert not is_open(KINDS, set(), "clean")
    assert is_open(KINDS, {"ingest"}, "clean")


def test_a_locked_milestone_names_the_first_one_that_is_missing() -> None:
    assert opener(KINDS, set(), "feature") == "ingest"
    assert opener(KINDS, {"ingest"}, "feature") == "clean"
    assert opener(KINDS, {"ingest", "clean"}, "feature") is None


def test_what_is_lent_opens_the_way_and_is_the_last_to_be_worked_on() -> None:
    assert is_open(KINDS, {"ingest"}, "feature", lent={"clean"})
    assert opener(KINDS, set(), "feature", lent={"clean"}) == "ingest"
    assert next_open(KINDS, {"ingest"}, lent={"clean"}) == "feature"
    assert next_open(KINDS, {"ingest", "feature"}, lent={"clean"}) == "clean"


def test_the_next_milestone_is_the_first_that_has_not_passed() -> None:
    assert next_open(KINDS, {"ingest"}) == "clean"
    assert next_open(KINDS, set(KINDS)) is None
