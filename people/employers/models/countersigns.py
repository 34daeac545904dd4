"""What learners write of a skill, and what those who lead them say to it: the part of level 5 that no machine gives."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Rationale(models.Model):
    """What a learner did and why, for one skill, in Markdown. Asking again withdraws the one before."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="rationales")
    skill = models.SlugField()
    text = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "skill"], condition=models.Q(withdrawn_at=None), name="one_rationale_of_a_skill"
            )
        ]

    def __str__(self) -> str:
        return f"rationale of {self.user} for {self.skill}"


class Countersign(models.Model):
    """What somebody who leads its learner said to a rationale, and why. Undone, it stays in the record."""

    class Outcome(models.TextChoices):
        COUNTERSIGNED = "countersigned", _("Countersigned")
        RETURNED = "returned", _("Sent back")

    rationale = models.ForeignKey(Rationale, on_delete=models.CASCADE, related_name="words")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=15, choices=Outcome.choices)
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rationale"], condition=models.Q(undone_at=None), name="one_word_on_a_rationale"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.outcome} {self.rationale}"
