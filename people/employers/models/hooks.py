"""Addresses of employers' own systems that are told what happened, what they are told, and each try to tell it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.employers.models.desks import Employer

LONGEST_ADDRESS = 500


class Event(models.TextChoices):
    """What may be told, by the names that it has on the wire."""

    KEPT = "candidate.kept", _("A candidate's link was kept")
    ENDED = "candidate.ended", _("A candidate's link ended or was taken back")
    BEGUN = "assessment.begun", _("A candidate began an assessment")
    FINISHED = "assessment.finished", _("A candidate finished an assessment")
    SHARED = "assessment.report-shared", _("A candidate shared the report of an assessment")
    DECLINED = "assessment.declined", _("A candidate declined to share a report, or took it back")


TEST = "webhook.test"


class Webhook(models.Model):
    """One address that is told. Secrets are sealed: a copied row signs nothing."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="webhooks")
    address = models.CharField(max_length=LONGEST_ADDRESS)
    events = models.JSONField(default=list, help_text="Names of the events that it is told.")
    sealed = models.TextField(help_text="The secret, encrypted.")
    old_sealed = models.TextField(blank=True, help_text="The one before it, which signs as well for a while.")
    rotated_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.address


class Delivery(models.Model):
    """One event for one address. `turn` counts how often it was to be sent: who sends an older turn settles nothing."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.CharField(max_length=64, help_text="The same at each try, and for each address that is told.")
    event = models.CharField(max_length=40)
    body = models.TextField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    turn = models.PositiveIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["webhook", "event_id"], name="told_once_per_webhook")]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(delivered_at=None, given_up_at=None),
                name="deliveries_that_wait",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"

    @property
    def waits(self) -> bool:
        return self.delivered_at is None and self.given_up_at is None

    @property
    def state(self) -> str:
        """How it stands, as a word for programs."""
        return "delivered" if self.delivered_at else "given-up" if self.given_up_at else "waiting"


class Attempt(models.Model):
    """One try: written down before it is made, so that one that never came to an end is seen as well."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, help_text="What the address answered, where it did.")
    text = models.CharField(max_length=200, blank=True, help_text="What came of it; empty while it is not known.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"try of {self.delivery}: {self.text}"
