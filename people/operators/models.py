"""What operators see that no other row says: workers' reports, beat's pulse, tasks that failed for good, tallies."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class WorkerReport(models.Model):
    """What a worker last said of itself. One that is stopped says so; one that is killed falls silent."""

    name = models.CharField(max_length=200, unique=True, help_text="As Celery calls it: celery@host.")
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    slots = models.PositiveSmallIntegerField(help_text="How many tasks it does at once.")
    tier = models.CharField(max_length=10, blank=True, help_text="Of its sandbox; empty until the doctor has answered.")
    required = models.CharField(max_length=20, help_text="What MILEPOST_SANDBOX requires there.")
    layers = models.JSONField(default=list, help_text="Each layer of the sandbox: name, enforced, by.")
    disk_free = models.PositiveBigIntegerField(help_text="Bytes, where its store is.")
    disk_total = models.PositiveBigIntegerField()
    memory_free = models.PositiveBigIntegerField()
    memory_total = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def open_layers(self) -> list[dict[str, Any]]:
        """The layers that do not hold there."""
        return [layer for layer in self.layers if not layer["enforced"]]


class Work(models.Model):
    """Who works on a run or a rehearsal, and since when. What a killed process leaves stays until others take it up."""

    what = models.CharField(max_length=20, help_text="run or rehearsal")
    row = models.PositiveBigIntegerField()
    worker = models.CharField(max_length=200)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "row"], name="one_works_on_a_row")]

    def __str__(self) -> str:
        return f"{self.worker} on {self.what} {self.row}"


class Pulse(models.Model):
    """That a process of which there is one, such as beat, lived at this moment."""

    name = models.CharField(max_length=20, unique=True)
    host = models.CharField(max_length=200)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"


class DeadLetter(models.Model):
    """A task that failed for good: what it was about and why, until an operator rings for it again or dismisses it.

    Equal ones are counted in one row while it is open.
    """

    class Fault(models.TextChoices):
        RAISED = "raised"
        TOO_LONG = "took too long"
        LOST = "lost its worker"
        UNKNOWN = "unknown here"

    task = models.CharField(max_length=200)
    arguments = models.JSONField(default=list, help_text="Numbers of rows, and nothing else.")
    asked = models.CharField(max_length=200, help_text="The same as text, to be compared.")
    fault = models.CharField(max_length=20, choices=Fault.choices)
    error = models.TextField(blank=True)
    count = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    rung = models.BooleanField(default=False, help_text="Closed by ringing for it again, and not by dismissing it.")

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "asked", "fault"], condition=models.Q(closed_at=None), name="one_open_letter_of_a_task"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task}{self.asked}: {self.fault}"


class Tally(models.Model):
    """A number that only processes know, added up over all of them: it never falls, whoever dies."""

    name = models.CharField(max_length=60)
    labels = models.CharField(max_length=240, help_text="As JSON, sorted: the same labels are the same text.")
    value = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="one_tally_of_a_series")]

    def __str__(self) -> str:
        return f"{self.name}{self.labels}: {self.value}"
