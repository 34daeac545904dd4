"""How this room says no: a code for programs, a field, and a sentence with the remedy for people."""

from dataclasses import dataclass


@dataclass(eq=False)
class Refusal(Exception):
    """What was asked for cannot be done as asked; nothing was changed."""

    code: str
    field: str
    sentence: str
    status: int = 400
    remedy: str = ""
    retry_after: int = 0

    def __str__(self) -> str:
        return self.sentence

    @property
    def advice(self) -> str:
        """The sentence, and the remedy where there is one: for whoever reads no fields."""
        return f"{self.sentence} {self.remedy}".strip()
