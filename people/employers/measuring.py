"""Has a worker measure an employer's domain file. The row decides who works: a claim ends when its worker is dead."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q
from django.utils import timezone

from grading.domains import lint_domain, measure_domain
from grading.equivalence import Row
from people.employers.models import DomainFile
from people.learners.facilities import facilities

log = logging.getLogger(__name__)

OPEN = (DomainFile.State.WAITING, DomainFile.State.MEASURING)
# Longer than any task may take.
PATIENCE = timedelta(hours=1)
# A file whose call was lost, or whose measuring failed for a fault of ours, waits no longer for another worker.
WAIT = timedelta(minutes=10)
# A worker that dies of a file would otherwise die of it again every hour, for ever.
MOST_TRIES = 3
GAVE_UP: Final = {
    "code": "not-measured",
    "sentence": "We could not measure this file: something on our side failed each time.",
    "remedy": "Add the same file again in a while; if it fails again, make it simpler, or ask who runs this server.",
}


def measure(pk: int) -> None:
    """Measure one file, if it waits or its worker is dead, and write down what was found."""
    now = timezone.now()
    waits = Q(state=DomainFile.State.WAITING) | Q(state=DomainFile.State.MEASURING, claimed_at__lt=now - PATIENCE)
    claim: dict[str, Any] = {"state": DomainFile.State.MEASURING, "claimed_at": now, "progress": ""}
    claim["tries"] = F("tries") + 1
    if not DomainFile.objects.filter(waits, pk=pk).update(**claim):
        return
    file = DomainFile.objects.select_related("project").get(pk=pk)
    if file.tries > MOST_TRIES:
        log.error("domain file %s was given up after %s tries", pk, MOST_TRIES)
        _note(pk, state=DomainFile.State.REFUSED, faults=[GAVE_UP])
        return
    try:
        faults, report = _find(file)
    except Exception:  # whatever it is, it is ours, and no employer's file is refused for it
        log.exception("domain file %s could not be measured", pk)
        _note(pk, state=DomainFile.State.WAITING, progress="")
        return
    state = DomainFile.State.REFUSED if faults else DomainFile.State.ACCEPTED
    _note(pk, state=state, faults=faults, report=report, progress="", measured_at=timezone.now())


def begin_again(file: DomainFile) -> bool:
    """Let a file wait again that we gave up; any other stays as it is."""
    given_up = DomainFile.objects.filter(pk=file.pk, state=DomainFile.State.REFUSED, tries__gt=MOST_TRIES)
    return given_up.update(state=DomainFile.State.WAITING, tries=0, faults=[], claimed_at=None) == 1


def take_strays(now: datetime) -> list[int]:
    """The files whose worker is dead, or that no worker came for."""
    dead = Q(state=DomainFile.State.MEASURING, claimed_at__lt=now - PATIENCE)
    late = Q(state=DomainFile.State.WAITING, added_at__lt=now - WAIT)
    left = DomainFile.objects.filter(dead | (late & (Q(claimed_at=None) | Q(claimed_at__lt=now - WAIT))))
    return list(left.values_list("pk", flat=True))


def _find(file: DomainFile) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Why it is refused, if it is; and its figures beside those of the ready-made ones, if it could be measured."""
    package = facilities().package(file.project.tree)
    _note(file.pk, progress="Reading the file.")
    if faults := lint_domain(package, file.text):
        return [{"code": one.field, "sentence": one.sentence, "remedy": one.remedy} for one in faults], {}

    def report(done: int, number: int, sentence: str) -> None:
        _note(file.pk, progress=f"{done} of {number}: {sentence}"[:200])

    found = measure_domain(package, file.text, facilities(), report=report)
    refused = [{"code": row.figure, "sentence": _tell(row), "remedy": row.why} for row in found.refused]
    return refused, found.as_plain()


def _tell(row: Row) -> str:
    bounds = " to ".join(f"{bound:.3g}" for bound in (row.low, row.high) if bound is not None)
    own = "nothing" if row.own is None else f"{row.own:.3g}"
    return f"{row.figure}: {own}, where {bounds} is asked."


def _note(pk: int, **told: Any) -> None:
    DomainFile.objects.filter(pk=pk).update(**told)
