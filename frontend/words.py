"""The words and icons that stand for a state, a verdict or a limit, so that colour never has to."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Mark:
    word: str | Promise
    icon: str


MILESTONE_STATES: Final = {
    "locked": Mark(_("Locked"), "locked"),
    "open": Mark(_("Open"), "open"),
    "queued": Mark(_("In the queue"), "queued"),
    "running": Mark(_("Being judged"), "running"),
    "passed": Mark(_("Passed"), "passed"),
    "failed": Mark(_("Not passed"), "failed"),
    "broken": Mark(_("Did not run"), "broken"),
    "void": Mark(_("Our fault, not counted"), "void"),
    "regressed": Mark(_("Regressed"), "regressed"),
}

ANSWERS: Final = {
    "held": Mark(_("Holds"), "passed"),
    "failed": Mark(_("Does not hold"), "failed"),
    "not asked": Mark(_("Not asked"), "unasked"),
}

UNKNOWN: Final = Mark(_("Unknown"), "unasked")


@dataclass(frozen=True)
class LimitWords:
    name: str | Promise
    unit: str


LIMITS: Final = {
    "cpu_s": LimitWords(_("Processor time"), "s"),
    "wall_s": LimitWords(_("Time on the clock"), "s"),
    "memory_mb": LimitWords(_("Memory"), "MB"),
    "processes": LimitWords(_("Processes and threads"), ""),
    "open_files": LimitWords(_("Files open at once"), ""),
    "file_mb": LimitWords(_("Largest single file"), "MB"),
    "out_mb": LimitWords(_("Output folder in all"), "MB"),
    "out_files": LimitWords(_("Files in the output folder"), ""),
    "tmp_mb": LimitWords(_("Temporary files"), "MB"),
    "output_kb": LimitWords(_("Printed lines that are kept"), "kB"),
    "output_kill_mb": LimitWords(_("Printed output in all"), "MB"),
}

WAYS_IN: Final = {
    "zip": _("zip upload"),
    "folder": _("folder upload"),
    "web": _("browser"),
    "editor": _("browser editor"),
    "client": _("command line"),
    "cli": _("command line"),
    "api": _("API"),
    "git": _("git push"),
    "demo": _("demo"),
}

DIGESTS: Final = {
    "world": _("World (the data)"),
    "package": _("Project package (brief and checks)"),
    "environment": _("Environment (installed libraries)"),
    "tree": _("Your files"),
    "examiner": _("Examiner (what reads your output)"),
    "sandbox": _("Sandbox"),
}

DEMO_CAST: Final = {
    "alice": _("a learner, under way"),
    "bob": _("a learner, new"),
    "dana": _("an instructor"),
}
