"""Writes down what goes to platforms and comes from them, in sentences that whoever leads can read."""

from people.lti.models import Identity, Platform, SyncLine

LONGEST = 300


def note_line(
    platform: Platform,
    what: SyncLine.What,
    outcome: SyncLine.Outcome,
    text: str = "",
    identity: Identity | None = None,
    place: str = "",
) -> None:
    told = "".join(letter if letter.isprintable() else " " for letter in text)[:LONGEST]
    SyncLine.objects.create(platform=platform, what=what, outcome=outcome, text=told, identity=identity, place=place)
