"""Tells Prometheus how it is, in its text format. From rows alone: whichever web process is asked, and however many
there are, the answer is the same."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from grading.measuring import EDGES
from people.operators.models import WorkerReport
from people.operators.queries import count_verdicts, read_vitals
from people.operators.sight import Queue, Vitals
from people.operators.tallies import read_tallies
from people.operators.troubles import find_troubles, list_working

Labels = tuple[tuple[str, str], ...]

COUNTED = {
    "starts": "Programs started in a sandbox, by whether its libraries were imported ahead.",
    "artefacts": "Artefacts that were asked for, by whether an equal run had made them before.",
    "worker_starts": "Workers that were started.",
}
TIMED = {
    "http_request_duration_seconds": "Requests, by the name of their address and the class of their status.",
    "task_duration_seconds": "Tasks of the queue, by name and how they ended.",
    "run_wait_seconds": "From the hand-in, or the last void try, to the claim by which a run was judged.",
    "run_duration_seconds": "From the claim to the verdict.",
    "step_duration_seconds": "The steps of the line.",
}


class Seen(Collector):
    """Reads when it is asked, and keeps nothing."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        vitals = read_vitals(self.now)
        yield from _tell_queues(vitals)
        yield from _tell_workers(vitals)
        yield from _tell_faults(vitals)
        yield _tell_verdicts()
        yield from _tell_tallies()


def expose(now: datetime) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Seen(now))
    return generate_latest(registry)


def _gauge(name: str, words: str, label: str, told: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"milepost_{name}", words, labels=[label] if label else [])
    for value_of, value in told:
        family.add_metric([value_of] if label else [], value)
    return family


def _tell_queues(vitals: Vitals) -> Iterator[Metric]:
    def each(read: "Iterable[tuple[Queue, float]]") -> list[tuple[str, float]]:
        return [(queue.name, value) for queue, value in read]

    queues = vitals.queues
    yield _gauge(
        "queue_oldest_age_seconds",
        "How long the oldest has waited: the signal to scale workers by.",
        "queue",
        each((queue, queue.age(vitals.now)) for queue in queues),
    )
    yield _gauge("queue_waiting", "What waits for a worker.", "queue", each((one, one.waiting) for one in queues))
    yield _gauge("queue_running", "What a worker has claimed.", "queue", each((one, one.running) for one in queues))
    yield _gauge(
        "leases_expired", "Claims whose worker has fallen silent.", "queue", each((one, one.expired) for one in queues)
    )


def _tell_workers(vitals: Vitals) -> Iterator[Metric]:
    working = list_working(vitals)

    def each(field: str, workers: Iterable[WorkerReport] = working) -> list[tuple[str, float]]:
        return [(one.name, float(getattr(one, field))) for one in workers]

    yield _gauge("workers", "Workers that report.", "", [("", len(working))])
    yield _gauge("worker_slots", "Tasks that each does at once.", "worker", each("slots"))
    seen = [(one.name, one.seen_at.timestamp()) for one in vitals.workers]
    yield _gauge("worker_last_report_timestamp_seconds", "When each reported last.", "worker", seen)
    for what, words in (("disk", "where its store is"), ("memory", "of its host")):
        yield _gauge(f"worker_{what}_free_bytes", f"Free {words}.", "worker", each(f"{what}_free"))
        yield _gauge(f"worker_{what}_size_bytes", f"All {words}.", "worker", each(f"{what}_total"))
    layers = GaugeMetricFamily(
        "milepost_sandbox_layer_enforced", "Whether a layer of the sandbox holds.", labels=["worker", "layer"]
    )
    for worker in working:
        for layer in worker.layers:
            layers.add_metric([worker.name, layer["name"]], float(layer["enforced"]))
    yield layers
    beat = [("", vitals.beat_at.timestamp())] if vitals.beat_at else []
    yield _gauge("beat_last_tick_timestamp_seconds", "When beat ticked last.", "", beat)


def _tell_faults(vitals: Vitals) -> Iterator[Metric]:
    yield _gauge("dead_letters", "Tasks that failed for good, with which nobody has dealt.", "", [("", vitals.letters)])
    yield _gauge("given_up", "Messages to other systems given up in the last day.", "", [("", vitals.given_up)])
    severities = [trouble.severity for trouble in find_troubles(vitals)]
    told = [(severity, severities.count(severity)) for severity in ("down", "warning")]
    yield _gauge("troubles", "What the operators' page says is wrong.", "severity", told)


def _tell_verdicts() -> Metric:
    family = CounterMetricFamily("milepost_verdicts", "Runs that were concluded.", labels=["outcome"])
    counted = {"passed": 0, "failed": 0, "broken": 0, "void": 0, **count_verdicts()}
    for outcome, number in sorted(counted.items()):
        family.add_metric([outcome], number)
    return family


def _tell_tallies() -> Iterator[Metric]:
    by_name: dict[str, list[tuple[Labels, float]]] = defaultdict(list)
    for name, labels, value in read_tallies():
        by_name[name].append((tuple(sorted(labels.items())), value))
    for name, words in COUNTED.items():
        yield _tell_count(name, words, by_name[f"{name}_total"])
    for name, words in TIMED.items():
        yield _tell_times(name, words, by_name[f"{name}_bucket"], by_name[f"{name}_sum"])


def _tell_count(name: str, words: str, told: list[tuple[Labels, float]]) -> Metric:
    labels = [label for label, _ in told[0][0]] if told else []
    family = CounterMetricFamily(f"milepost_{name}", words, labels=labels)
    for series, value in told:
        family.add_metric([label for _, label in series], value)
    return family


def _tell_times(name: str, words: str, buckets: list[tuple[Labels, float]], sums: list[tuple[Labels, float]]) -> Metric:
    """Rows count each duration once, in the bucket that it fell in; Prometheus wants all that are not longer."""
    fell: dict[Labels, dict[str, float]] = defaultdict(dict)
    for series, value in buckets:
        rest = tuple(pair for pair in series if pair[0] != "le")
        fell[rest][dict(series)["le"]] = value
    labels = [label for label, _ in sums[0][0]] if sums else []
    family = HistogramMetricFamily(f"milepost_{name}", words, labels=labels)
    for series, total in sums:
        family.add_metric([label for _, label in series], _cumulate(fell[series]), total)
    return family


def _cumulate(fell: dict[str, float]) -> list[tuple[str, float]]:
    told, so_far = [], 0.0
    for edge in EDGES:
        so_far += fell.get(edge, 0.0)
        told.append((edge, so_far))
    return told
