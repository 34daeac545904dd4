"""Says, by `manage.py check --deploy`, where a task would be ended before the longest run that the limits allow."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Warning as Caution
from django.core.checks import register

from curriculum.package import PackageFault, load
from grading.longest import longest_s
from people.learners.draws import SEQUESTERED


@register("queue", deploy=True)
def compare_limits(**_: Any) -> list[Caution]:
    """One sentence for each project whose longest run does not end in time."""
    return [*filter(None, (_compare(path.parent) for path in sorted(settings.PROJECTS_DIR.glob("*/project.yaml"))))]


def longest_run_s(folder: Path) -> float:
    """How long a run of this package may take: its own draw, and those that have the last word."""
    return longest_s(load(folder), 1 + SEQUESTERED)


def _compare(folder: Path) -> Caution | None:
    try:
        seconds = longest_run_s(folder)
    except PackageFault:  # `publish` says what is wrong with it
        return None
    if seconds < settings.CELERY_TASK_TIME_LIMIT:
        return None
    told = f"By its limits a run of {folder.name} may take {seconds:.0f} seconds, and is ended before."
    return Caution(told, hint=f"Set MILEPOST_TASK_SECONDS above {seconds:.0f}.", id="learners.W001")
