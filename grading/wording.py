"""The sentences that we say of our own accord, known by their English, so that whoever shows them can translate them.

What a package's checks say is not among them: its author wrote it, and it stays as it is.
"""

KNOWN: list[str] = []


def wording(sentence: str) -> str:
    """Note that this is one of ours, and give it back; what stands in braces is filled in with `format`."""
    KNOWN.append(sentence)
    return sentence


# Said inside a jail, by what the web cannot import.
UNREADABLE = wording("not readable as {ending}: {fault}")
TOO_LARGE = wording("larger inside than can be looked at here")
PARTED = wording("CSV, parted by {mark}")
