"""Has a worker measure an employer's domain file. The row decides who works: a claim ends when its worker is dead."""

import logging
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from grading.equivalence import Equivalence, Row
from people.employers.models import DomainFile
from people.learners.facilities import facilities

log = logging.getLogger(__name__)

OPEN = (DomainFile.State.WAITING, DomainFile.State.MEASURING)
# Named, not imported: what measures needs pyarrow, which no web process loads; a worker does when it is called for.
LINT, MEASURE = "grading.domains.lint_domain", "grading.domains.measure_domain"
TASK = "people.employers.tasks.measure_domain"
# Longer than any task may take.
PATIENCE = timedelta(hours=1)


def ring(pk: int) -> None:
    """Call a worker."""
    current_app.send_task(TASK, [pk])


def measure(pk: int) -> None:
    """Measure one file, if it waits or its worker is dead, and write down what was found."""
    now = timezone.now()
    waits = Q(state=DomainFile.State.WAITING) | Q(state=DomainFile.State.MEASURING, claimed_at__lt=now - PATIENCE)
    claim: dict[str, Any] = {"state": DomainFile.State.MEASURING, "claimed_at": now, "progress": ""}
    if not DomainFile.objects.filter(waits, pk=pk).update(**claim):
        return
    file = DomainFile.objects.select_related("project").get(pk=pk)
    try:
        faults, report = _find(file)
    except Exception:  # whatever it is, it is ours, and no employer's file is refused for it
        log.exception("domain file %s could not be measured", pk)
        _note(pk, state=DomainFile.State.WAITING, progress="")
        return
    state = DomainFile.State.REFUSED if faults else DomainFile.State.ACCEPTED
    _note(pk, state=state, faults=faults, report=report, progress="", measured_at=timezone.now())


def take_strays(now: datetime) -> list[int]:
    """The files whose worker is dead."""
    dead = DomainFile.objects.filter(state=DomainFile.State.MEASURING, claimed_at__lt=now - PATIENCE)
    return list(dead.values_list("pk", flat=True))


def _find(file: DomainFile) -> tuple[list[dict[str, str]], dict[str, Any]]:
    """Why it is refused, if it is; and its figures beside those of the ready-made ones, if it could be measured."""
    package = facilities().package(file.project.tree)
    _note(file.pk, progress="Reading the file.")
    if faults := import_string(LINT)(package, file.text):
        return [{"code": one.field, "sentence": one.sentence, "remedy": one.remedy} for one in faults], {}

    def report(done: int, number: int, sentence: str) -> None:
        _note(file.pk, progress=f"{done} of {number}: {sentence}"[:200])

    found: Equivalence = import_string(MEASURE)(package, file.text, facilities(), report=report)
    refused = [{"code": row.figure, "sentence": _tell(row), "remedy": row.why} for row in found.refused]
    return refused, found.as_plain()


def _tell(row: Row) -> str:
    bounds = " to ".join(f"{bound:.3g}" for bound in (row.low, row.high) if bound is not None)
    own = "nothing" if row.own is None else f"{row.own:.3g}"
    return f"{row.figure}: {own}, where {bounds} is asked."


def _note(pk: int, **told: Any) -> None:
    DomainFile.objects.filter(pk=pk).update(**told)
