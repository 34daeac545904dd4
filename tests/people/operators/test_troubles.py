"""What is said of an installation, the worst first."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from people.operators.models import WorkerReport
from people.operators.sight import Queue, Vitals
from people.operators.troubles import find_troubles, refuses, say, say_span

NOW = timezone.now()


def make_worker(name: str = "celery@one", ago: float = 1, **changes: Any) -> WorkerReport:
    told = {"seen_at": NOW - timedelta(seconds=ago), "required": "strict", "tier": "strict"}
    rooms = {"disk_free": 50, "disk_total": 100, "memory_free": 50, "memory_total": 100}
    return WorkerReport(name=name, **{**told, **rooms, **changes})


def make_vitals(**changes: Any) -> Vitals:
    told = {
        "now": NOW,
        "queues": [Queue("submissions"), Queue("trials"), Queue("rehearsals")],
        "workers": [make_worker()],
        "beat_at": NOW,
        "letters": 0,
        "voids": 0,
        "given_up": 0,
    }
    return Vitals(**{**told, **changes})


def make_queue(name: str, seconds: float, **changes: int) -> list[Queue]:
    return [Queue(name, waiting=3, oldest_at=NOW - timedelta(seconds=seconds), **changes)]


def open_layer(name: str, needed: str) -> dict[str, Any]:
    return {"name": name, "enforced": False, "by": "", "needed": needed}


WORSE = {
    "no-worker": ({"workers": []}, "down", "Nobody is working: no worker has reported in the last day."),
    "silent workers": (
        {"workers": [make_worker(ago=240)]},
        "down",
        "Nobody is working: no worker has reported for 4 minutes.",
    ),
    "stopped workers": (
        {"workers": [make_worker(ago=240, stopped_at=NOW)]},
        "down",
        "Nobody is working: the last worker was stopped 4 minutes ago.",
    ),
    "no beat": ({"beat_at": None}, "down", "Beat has never run: nothing is swept, mailed or passed on."),
    "silent beat": (
        {"beat_at": NOW - timedelta(minutes=3)},
        "down",
        "Beat has been silent for 3 minutes: nothing is swept, mailed or passed on.",
    ),
    "weak sandbox": (
        {"workers": [make_worker(layers=[open_layer("user of its own", "strict")])]},
        "down",
        "celery@one grades nothing. Not enforced on its host: user of its own.",
    ),
    "one of two weak sandboxes": (
        {"workers": [make_worker(), make_worker("b", required="dedicated", layers=[open_layer("no network", "weak")])]},
        "warning",
        "b grades nothing. Not enforced on its host: no network.",
    ),
    "a long wait": (
        {"queues": make_queue("submissions", 90)},
        "warning",
        "Learners wait: the oldest of 3 in the queue of submissions has waited for 90 seconds.",
    ),
    "too long a wait": (
        {"queues": make_queue("rehearsals", 700)},
        "down",
        "Learners wait: the oldest of 3 in the queue of rehearsals has waited for 11 minutes.",
    ),
    "left behind": (
        {"queues": [Queue("submissions", expired=1)]},
        "warning",
        "1 run has lost its worker and waits for another.",
    ),
    "one of two silent": (
        {"workers": [make_worker(), make_worker("celery@two", 7300)]},
        "warning",
        "celery@two has not reported for 2 hours, and did not say that it stops.",
    ),
    "full": ({"workers": [make_worker(disk_free=1)]}, "down", "The disk of celery@one is almost full: 1 % are free."),
    "no memory": ({"workers": [make_worker(memory_free=2)]}, "warning", "celery@one has almost no memory left."),
    "void": ({"voids": 2}, "warning", "2 runs of the last hour came to nothing by a fault of ours."),
    "dead letters": ({"letters": 1}, "warning", "1 task has failed for good."),
    "given up": ({"given_up": 1}, "warning", "1 message to another system was given up in the last day."),
}


@pytest.mark.parametrize("name", WORSE)
def test_each_trouble_is_one_sentence_with_a_remedy(name: str) -> None:
    changes, severity, sentence = WORSE[name]
    [trouble] = find_troubles(make_vitals(**changes))
    assert (trouble.severity, trouble.sentence) == (severity, sentence)
    assert trouble.remedy.endswith(".")


def test_without_trouble_all_is_well_and_the_worst_comes_first() -> None:
    assert say(find_troubles(make_vitals())) == "All is well."
    patient = make_vitals(
        queues=make_queue("trials", 90_000), workers=[make_worker(), make_worker("b", 90, stopped_at=NOW)]
    )
    assert say(find_troubles(patient)) == "All is well.", "trials stand back, and who stopped has said so"
    found = find_troubles(make_vitals(letters=2, voids=1, beat_at=None))
    assert [trouble.severity for trouble in found] == ["down", "warning", "warning"]
    assert say(found).endswith("passed on. And 2 things more.")


@pytest.mark.parametrize(
    ("required", "layer", "needed", "refused"),
    [
        ("strict", "user of its own", "strict", True),
        ("dedicated", "user of its own", "strict", False),
        ("dedicated", "memory group", "strict", True),
        ("weak", "memory group", "strict", False),
        ("weak", "no network", "weak", True),
    ],
)
def test_what_a_host_lacks_matters_if_it_is_required_there(
    required: str, layer: str, needed: str, refused: bool
) -> None:
    assert refuses(make_worker(required=required, layers=[open_layer(layer, needed)])) == refused


def test_spans_are_said_in_one_unit() -> None:
    told = [say_span(seconds) for seconds in (-5, 1, 119, 120, 7199, 7200, 200_000)]
    assert told == ["0 seconds", "1 second", "119 seconds", "2 minutes", "119 minutes", "2 hours", "2 days"]
