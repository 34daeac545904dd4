"""Posts that are offered by link: nobody acts for an employer unasked, and no owner looks accounts up."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from people.employers.models.desks import Employer, Role

DAYS = 14


def make_offer_token() -> str:
    return secrets.token_urlsafe(24)


def end_of_offer() -> datetime:
    return timezone.now() + timedelta(days=DAYS)


class Offer(models.Model):
    """A link by which one person takes up a post; it is gone once somebody has."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="offers")
    role = models.CharField(max_length=10, choices=Role.choices)
    meant_for = models.CharField(max_length=120, blank=True, help_text="A note of the owner's.")
    token = models.CharField(max_length=64, unique=True, default=make_offer_token, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(default=end_of_offer)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.role} at {self.employer}"
