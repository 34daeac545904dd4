"""Says what is wrong, the worst first, and what to do about it. Pure: it reads values and no row."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grading.sandboxes.doctor import Tier
from people.operators.models import WorkerReport
from people.operators.sight import DOWN, WARNING, Trouble, Vitals

# A worker or beat that has said nothing for so many of its turns is silent.
TURNS = 3
BEAT_PATIENCE = timedelta(seconds=60)
LONG_WAIT_S, TOO_LONG_WAIT_S = 60, 600
LEAST_DISK, NO_DISK = 0.10, 0.02
LEAST_MEMORY = 0.05
OWN_USER = "user of its own"


def patience() -> timedelta:
    return timedelta(seconds=TURNS * settings.REPORT_SECONDS)


def list_working(vitals: Vitals) -> list[WorkerReport]:
    """The workers that live, as far as one can know."""
    return [one for one in vitals.workers if not one.stopped_at and not vitals.silent(one, patience())]


def find_troubles(vitals: Vitals) -> list[Trouble]:
    found = [
        *_find_nobody(vitals),
        *_find_beat(vitals),
        *_find_refusing(vitals),
        *_find_waiting(vitals),
        *_find_left(vitals),
        *_find_silent(vitals),
        *_find_full(vitals),
        *_find_failed(vitals),
    ]
    return sorted(found, key=lambda one: one.severity != DOWN)


def say(troubles: list[Trouble]) -> str:
    """One sentence for whoever was just woken up."""
    if not troubles:
        return _("All is well.")
    more = len(troubles) - 1
    if not more:
        return troubles[0].sentence
    also = ngettext("And {more} thing more.", "And {more} things more.", more).format(more=more)
    return f"{troubles[0].sentence} {also}"


def say_span(seconds: float) -> str:
    """A time span as one says it: in one unit, rounded down."""
    whole = max(0, int(seconds))
    if whole < 120:
        return ngettext("{n} second", "{n} seconds", whole).format(n=whole)
    if whole < 7200:
        return ngettext("{n} minute", "{n} minutes", whole // 60).format(n=whole // 60)
    if whole < 172_800:
        return ngettext("{n} hour", "{n} hours", whole // 3600).format(n=whole // 3600)
    return ngettext("{n} day", "{n} days", whole // 86_400).format(n=whole // 86_400)


def refuses(worker: WorkerReport) -> bool:
    """Whether it grades nothing, for its host holds less than it requires; not known until its doctor has answered."""
    missing = [layer for layer in worker.open_layers if layer["needed"] == Tier.WEAK or worker.required == "strict"]
    if worker.required == "dedicated":
        missing += [layer for layer in worker.open_layers if layer["name"] != OWN_USER]
    return bool(missing)


def _find_nobody(vitals: Vitals) -> Iterator[Trouble]:
    if list_working(vitals):
        return
    remedy = _("Start a worker: `celery -A config worker`. Nothing is lost: what waits is judged then.")
    if not vitals.workers:
        yield Trouble(DOWN, "no-worker", _("Nobody is working: no worker has reported in the last day."), remedy)
        return
    last = max(vitals.workers, key=lambda one: one.seen_at)
    span = say_span((vitals.now - last.seen_at).total_seconds())
    sentence = (
        _("Nobody is working: the last worker was stopped {span} ago.")
        if last.stopped_at
        else _("Nobody is working: no worker has reported for {span}.")
    )
    yield Trouble(DOWN, "no-worker", sentence.format(span=span), remedy)


def _find_beat(vitals: Vitals) -> Iterator[Trouble]:
    remedy = _("Start beat, exactly one: `celery -A config beat`, or `--beat` on one worker.")
    if vitals.beat_at is None:
        yield Trouble(DOWN, "no-beat", _("Beat has never run: nothing is swept, mailed or passed on."), remedy)
    elif vitals.now - vitals.beat_at > BEAT_PATIENCE:
        span = say_span((vitals.now - vitals.beat_at).total_seconds())
        sentence = _("Beat has been silent for {span}: nothing is swept, mailed or passed on.").format(span=span)
        yield Trouble(DOWN, "no-beat", sentence, remedy)


def _find_refusing(vitals: Vitals) -> Iterator[Trouble]:
    working = list_working(vitals)
    severity = DOWN if all(refuses(worker) for worker in working) else WARNING
    for worker in working:
        if refuses(worker):
            missing = ", ".join(layer["name"] for layer in worker.open_layers)
            sentence = _("{worker} grades nothing. Not enforced on its host: {layers}.")
            remedy = _("Run `python -m grading doctor` there; the operating guide says what each layer needs.")
            yield Trouble(severity, "sandbox", sentence.format(worker=worker.name, layers=missing), remedy)


def _find_waiting(vitals: Vitals) -> Iterator[Trouble]:
    for queue in vitals.queues:
        age = queue.age(vitals.now)
        if queue.name != "trials" and age > LONG_WAIT_S:
            sentence = _("Learners wait: the oldest of {count} in the queue of {queue} has waited for {span}.")
            told = sentence.format(count=queue.waiting, queue=queue.name, span=say_span(age))
            severity = DOWN if age > TOO_LONG_WAIT_S else WARNING
            yield Trouble(severity, "queue", told, _("Start more workers, or look below why these are slow."))


def _find_left(vitals: Vitals) -> Iterator[Trouble]:
    left = sum(queue.expired for queue in vitals.queues)
    if left:
        sentence = ngettext(
            "{n} run has lost its worker and waits for another.",
            "{n} runs have lost their worker and wait for another.",
            left,
        )
        remedy = _("The sweep hands them on within seconds; if they stay, look at beat and the workers.")
        yield Trouble(WARNING, "lease", sentence.format(n=left), remedy)


def _find_silent(vitals: Vitals) -> Iterator[Trouble]:
    if not list_working(vitals):
        return
    for worker in vitals.workers:
        if vitals.silent(worker, patience()):
            span = say_span((vitals.now - worker.seen_at).total_seconds())
            sentence = _("{worker} has not reported for {span}, and did not say that it stops.")
            remedy = _("Look at its host. Its runs are handed on; a silent worker is forgotten after a day.")
            yield Trouble(WARNING, "silent", sentence.format(worker=worker.name, span=span), remedy)


def _find_full(vitals: Vitals) -> Iterator[Trouble]:
    for worker in list_working(vitals):
        free = worker.disk_free / max(1, worker.disk_total)
        if free < LEAST_DISK:
            sentence = _("The disk of {worker} is almost full: {percent} % are free.")
            told = sentence.format(worker=worker.name, percent=int(100 * free))
            severity = DOWN if free < NO_DISK else WARNING
            yield Trouble(severity, "disk", told, _("Clear away what the store no longer needs, or give it more room."))
        if worker.memory_free / max(1, worker.memory_total) < LEAST_MEMORY:
            sentence = _("{worker} has almost no memory left.").format(worker=worker.name)
            yield Trouble(WARNING, "memory", sentence, _("Give it fewer slots (`--concurrency`), or more memory."))


def _find_failed(vitals: Vitals) -> Iterator[Trouble]:
    if vitals.voids:
        sentence = ngettext(
            "{n} run of the last hour came to nothing by a fault of ours.",
            "{n} runs of the last hour came to nothing by a fault of ours.",
            vitals.voids,
        )
        yield Trouble(WARNING, "void", sentence.format(n=vitals.voids), _("Their causes are listed below."))
    if vitals.letters:
        sentence = ngettext("{n} task has failed for good.", "{n} tasks have failed for good.", vitals.letters)
        remedy = _("See why; then ring for it again, or dismiss it.")
        yield Trouble(WARNING, "dead-letter", sentence.format(n=vitals.letters), remedy)
    if vitals.given_up:
        sentence = ngettext(
            "{n} message to another system was given up in the last day.",
            "{n} messages to other systems were given up in the last day.",
            vitals.given_up,
        )
        remedy = _("Owners see them at their webhook or learning platform, and send them again there.")
        yield Trouble(WARNING, "given-up", sentence.format(n=vitals.given_up), remedy)
