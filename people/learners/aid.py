"""What help costs: a pure question of what had been read before work was handed in. Also says it before it is read."""

from dataclasses import dataclass

from django.utils.translation import gettext

FREE_HINTS = 1
# Shown after the answer had been read: that the specification is met, and no more.
HIGHEST_AFTER_THE_ANSWER = 2
HIGHEST = 5


@dataclass(frozen=True, slots=True)
class Aid:
    """What helped with one check: hints opened, of those that it has; the reference, if it was read."""

    hints: int = 0
    of: int = 0
    reference: bool = False

    @property
    def is_noted(self) -> bool:
        """Whether the evidence names it. A nudge costs nothing."""
        return self.reference or self.hints > FREE_HINTS

    @property
    def gave_it_away(self) -> bool:
        """Whether it said nearly all: the last hint of several, or the reference."""
        return self.reference or (self.hints > FREE_HINTS and self.hints >= self.of)

    @property
    def highest(self) -> int:
        """The level that the check can show at most."""
        return HIGHEST_AFTER_THE_ANSWER if self.gave_it_away else HIGHEST

    @property
    def weight(self) -> tuple[bool, bool]:
        """Of two passes the one with less help is the evidence."""
        return self.gave_it_away, self.is_noted


NO_AID = Aid()


@dataclass(frozen=True, slots=True)
class CheckHints:
    """The hints of one check as its learner has them: the open ones, and how many there are."""

    check: str
    question: str
    opened: tuple[str, ...]
    all: int

    @property
    def next(self) -> int | None:
        """The number of the hint that can be opened now; None when all are open."""
        return len(self.opened) + 1 if len(self.opened) < self.all else None

    @property
    def cost(self) -> str:
        """What opening the next one does to the evidence; empty when all are open."""
        return describe_cost(Aid(self.next, self.all)) if self.next else ""


def describe_cost(aid: Aid) -> str:
    """What it means for the evidence to have had this help with a check."""
    if aid.gave_it_away:
        return gettext(
            "It says nearly everything. Once you have read it, this check shows level %(level)d at most, and your "
            "evidence says so. Another project can still show more."
        ) % {"level": HIGHEST_AFTER_THE_ANSWER}
    if aid.is_noted:
        return gettext("Your evidence will say that you read it. The level stays what it is.")
    return gettext("It costs nothing, and leaves no trace.")


def describe_aid(aid: Aid) -> str:
    """How the evidence names the help; empty if there is nothing to name."""
    if aid.reference:
        return gettext("after reading the reference")
    if aid.is_noted:
        return gettext("with %(hints)d of %(all)d hints") % {"hints": aid.hints, "all": aid.of}
    return ""
