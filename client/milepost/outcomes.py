"""The words and colours of a state, the same as on the web. Not what --json says, and not what led to a state."""

from rich.text import Text

from milepost.speech import clean

WORDS = {
    "locked": "Locked",
    "open": "Open",
    "queued": "In the queue",
    "running": "Being judged",
    "passed": "Passed",
    "failed": "Not passed",
    "broken": "Did not run",
    "void": "Our fault, not counted",
    "superseded": "Superseded",
    "regressed": "Regressed",
    "lent": "Lent",
}
STYLES = {
    "passed": "bold green",
    "failed": "bold red",
    "broken": "bold red",
    "regressed": "bold red",
    "void": "bold yellow",
    "open": "bold",
    "lent": "blue",
    "queued": "cyan",
    "running": "cyan",
    "locked": "dim",
}


def word(state: str) -> str:
    """What a person reads for a state; one that this client does not know yet stays as it is."""
    return WORDS.get(state, clean(state))


def word_in_colour(state: str) -> Text:
    return Text(word(state), style=STYLES.get(state, ""))


def shorten_event(text: str) -> str:
    """An event that ends a milestone says its outcome alone: the verdict says the sentence, once."""
    outcome, colon, _ = text.partition(": ")
    return WORDS[outcome] if colon and outcome in WORDS else text
