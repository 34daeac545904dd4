"""What learners let others see of their evidence, and who looked."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


def make_token() -> str:
    return secrets.token_urlsafe(24)


class Disclosure(models.Model):
    """A link by which a learner shows a part of their evidence to whoever has it, until it ends or is taken back."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="disclosures")
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    meant_for = models.CharField(max_length=120, blank=True, help_text="A note of the learner's; others never see it.")
    skills = models.JSONField(default=list, help_text="Slugs of the skills that it shows.")
    projects = models.JSONField(default=list, help_text="Slugs of the projects whose story it shows.")
    shows_evidence = models.BooleanField(default=True, help_text="Whether each level comes with what shows it.")
    shows_name = models.BooleanField(default=True, help_text="Whether the learner's name stands on it.")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"disclosure {self.pk} of {self.user}"

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class Look(models.Model):
    """That somebody opened a disclosure, which its learner sees; rows are only ever added."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.CASCADE, related_name="looks")
    at = models.DateTimeField(auto_now_add=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    employer = models.ForeignKey("employers.Employer", on_delete=models.SET_NULL, null=True, related_name="+")
    page = models.CharField(max_length=40, help_text="Which page of it.")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"look at {self.disclosure}"
