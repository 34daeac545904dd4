"""The words and icons that stand for a state, a verdict or a limit, so that colour never has to."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
    "superseded": Mark(_("Superseded"), "unasked"),
    "regressed": Mark(_("Regressed"), "regressed"),
    "lent": Mark(_("Lent"), "lent"),
}

# A verdict on the practice world, which is no pass of anything.
PRACTICE_STATES: Final = {
    "queued": Mark(_("Waits to be checked"), "queued"),
    "running": Mark(_("Being checked"), "running"),
    "passed": Mark(_("Holds on your practice world"), "passed"),
    "failed": Mark(_("Does not hold on your practice world"), "failed"),
    "broken": Mark(_("Did not run on your practice world"), "broken"),
    "void": Mark(_("Not checked: our fault"), "void"),
}

# What a trial of another edition may say of a milestone beside these.
TRIAL_STATES: Final = {
    "untried": Mark(_("Not tried"), "unasked"),
    "gone": Mark(_("Not asked for any more"), "unasked"),
}

ANSWERS: Final = {
    "held": Mark(_("Holds"), "passed"),
    "failed": Mark(_("Does not hold"), "failed"),
    "not asked": Mark(_("Not asked"), "unasked"),
}

# How what was shown of a skill stands to what a role needs of it, and the state whose colour it has.
FITS: Final = {
    "met": (Mark(_("Met"), "passed"), "passed"),
    "gap": (Mark(_("Gap"), "open"), "open"),
    "not-shared": (Mark(_("Not shared"), "unasked"), "locked"),
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
    "lent": _("Lent: the reference stood in for"),
    "confirmed_on": _("World that confirmed it"),
}

# What a preview says of a file or of a column, in words too short to be known by their sentence.
GLIMPSES: Final = {
    "empty": pgettext_lazy("a file", "empty"),
    "text": _("text"),
    "lines of JSON": _("lines of JSON"),
    "CSV, parted by tabs": _("CSV, parted by tabs"),
    "a Python pickle": _("a Python pickle"),
    "a ZIP archive (that is also what torch.save, numpy.savez and Excel write)": _(
        "a ZIP archive (that is also what torch.save, numpy.savez and Excel write)"
    ),
    "gzip-compressed": _("gzip-compressed"),
    "an SQLite database": _("an SQLite database"),
    "a NumPy .npy file": _("a NumPy .npy file"),
    "an Arrow/Feather file": _("an Arrow/Feather file"),
    "an HDF5 file": _("an HDF5 file"),
    "a PDF": _("a PDF"),
    "a program": _("a program"),
    "made of bytes that we do not recognise": _("made of bytes that we do not recognise"),
    "an HTML or XML page": _("an HTML or XML page"),
    "JSON text": _("JSON text"),
    "CSV text": _("CSV text"),
    "plain text": _("plain text"),
    "true or false": _("true or false"),
    "whole number": _("whole number"),
    "number": _("number"),
    "list": _("list"),
    "object": _("object"),
    "bytes": _("bytes"),
}

# What the editor's library says, by its own words for it.
EDITOR_PHRASES: Final = {
    "Find": _("Find"),
    "Replace": _("Replace"),
    "next": _("next"),
    "previous": _("previous"),
    "all": _("all"),
    "match case": _("match case"),
    "regexp": _("regexp"),
    "by word": _("by word"),
    "replace": _("replace"),
    "replace all": _("replace all"),
    "close": _("close"),
    "current match": _("current match"),
    "on line": _("on line"),
    "replaced $ matches": _("replaced $ matches"),
    "replaced match on line $": _("replaced match on line $"),
    "Go to line": _("Go to line"),
    "go": _("go"),
    "Control character": _("Control character"),
}

DEMO_CAST: Final = {
    "alice": _("a learner, under way"),
    "bob": _("a learner, new"),
    "dana": _("an instructor"),
}
