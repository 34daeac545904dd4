"""How a command ends when it does not go well: a sentence, a remedy, and an exit code that scripts can use."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What every command's exit code means."""

    PASSED = 0
    FAILED = 1
    REFUSED = 2
    UNREACHABLE = 3


class Trouble(Exception):
    """Stops a command. `code` is for programs, `sentence` and `remedy` are for people."""

    exit_code = ExitCode.REFUSED

    def __init__(self, sentence: str, remedy: str = "", code: str = "refused") -> None:
        self.sentence = sentence
        self.remedy = remedy
        self.code = code
        super().__init__(sentence)


class Refused(Trouble):
    """It was asked wrongly, or may not be."""


class Unreachable(Trouble):
    """The server is not there, or the fault is on its side; nothing is wrong with anybody's work."""

    exit_code = ExitCode.UNREACHABLE
