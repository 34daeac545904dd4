"""Other editions, tried on what was handed in before."""

from django.conf import settings
from django.db import models

from curriculum.models import Project
from people.learners.models.work import Enrolment


class Trial(models.Model):
    """Another edition, tried on what was handed in and judged before: for one learner who may move, or for many.

    Its runs are shadows: they stand for nothing, until the learner moves over to the edition.
    """

    class Policy(models.TextChoices):
        PASSED = "passed", "the newest pass of each milestone"
        JUDGED = "judged", "the newest pass and the newest refusal of each milestone"

    edition = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="trials")
    policy = models.CharField(max_length=10, choices=Policy.choices, default=Policy.PASSED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="trials")
    asked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"trial {self.pk} of {self.edition}"


class Tried(models.Model):
    """One enrolment in a trial: the edition that it was in before, and how it ended: moved over, or dropped."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="tried")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="tried")
    before = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    noted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the learner said that they know of the move, if another moved them."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "enrolment"], name="tried_once_per_trial"),
            models.CheckConstraint(
                condition=models.Q(moved_at__isnull=True) | models.Q(dropped_at__isnull=True), name="moved_or_dropped"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment} in {self.trial}"
