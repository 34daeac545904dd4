"""What learners have claimed and we have signed: credentials, the keys under them, and which of them were revoked."""

import uuid
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# The least that the specification allows, so that who looks one up hides among so many.
ENTRIES: Final = 131_072


class Algorithm(models.TextChoices):
    ED25519 = "Ed25519"
    ES256 = "ES256"


class SigningKey(models.Model):
    """A key that credentials are signed with, its private half sealed. A retired one stays published."""

    algorithm = models.CharField(max_length=10, choices=Algorithm.choices)
    public = models.CharField(max_length=120, unique=True, help_text="As Multikey has it; its name ends so.")
    jwk = models.JSONField(default=dict, help_text="The public half, as JOSE has it.")
    sealed = models.TextField(help_text="The private half, encrypted with the server's secret.")
    begins = models.DateTimeField(default=timezone.now)
    retired = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["begins", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["algorithm"], condition=models.Q(retired=None), name="one_key_signs_for_each_algorithm"
            )
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.public}"


def make_bits() -> bytes:
    return bytes(ENTRIES // 8)


class StatusList(models.Model):
    """Which credentials are revoked, as bits; signed anew whenever one is, as a document and as a token.

    Without a domain each key is an issuer of its own, and what a list says counts only from who issued the credential.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.CharField(max_length=300)
    token_issuer = models.CharField(max_length=300)
    bits = models.BinaryField(default=make_bits)
    signed = models.JSONField(null=True, blank=True, help_text="The list as it was signed last.")
    token = models.TextField(blank=True, help_text="The same as a JWT.")
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"status list {self.pk}"


class Kind(models.TextChoices):
    MILESTONE = "milestone", _("Milestone")
    PROJECT = "project", _("Project")
    SKILL = "skill", _("Skill level")


class Reason(models.TextChoices):
    WITHDRAWN = "withdrawn", _("Its holder withdrew it.")
    GROUND_GONE = "ground-gone", _("What it says was judged again, and holds no longer.")


class Credential(models.Model):
    """What one learner claimed at one moment, as it was signed. It never changes; it can only be revoked."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    of = models.CharField(max_length=120, help_text="project/milestone, a project, or a skill.")
    edition = models.PositiveIntegerField(default=0, help_text="Of the project that judged; 0 for a skill.")
    level = models.PositiveSmallIntegerField(default=0, help_text="Of a skill; 0 for all else.")
    title = models.CharField(max_length=200)
    document = models.JSONField(help_text="The credential with its proof, exactly as it was signed.")
    token = models.TextField(help_text="The same as a JWT.")
    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="credentials")
    status_index = models.PositiveIntegerField()
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    suspended = models.BooleanField(default=False, help_text="What it stands on has regressed; it may come back.")
    noticed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its learner was told that the ground is gone."
    )
    revokes_at = models.DateTimeField(null=True, blank=True, help_text="When it is revoked, unless the ground is back.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["status_list", "status_index"], name="one_credential_per_status"),
            models.UniqueConstraint(
                fields=["user", "kind", "of", "edition", "level"],
                condition=models.Q(revoked_at=None),
                name="claimed_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at=None, reason="")
                | models.Q(revoked_at__isnull=False) & ~models.Q(reason=""),
                name="revoked_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} of {self.user}"

    @property
    def told_until(self) -> datetime | None:
        """Until when it stands, if its learner was given notice."""
        return self.revokes_at if self.revoked_at is None else None
