"""Learning platforms that cohorts are connected to by LTI 1.3: who comes from them, and what is sent back.

Rows are written by the verb modules of this room only. No row keeps a token, a private key that can be read, or a mail
address.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.cohorts.models import Cohort

LONGEST_URL = 500


class SigningKey(models.Model):
    """A key pair that we sign with. The private half is sealed with the server's secret: a copied row signs nothing."""

    kid = models.CharField(max_length=64, unique=True)
    public = models.TextField(help_text="PEM")
    sealed = models.TextField(help_text="PEM, encrypted")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return self.kid


class Platform(models.Model):
    """One course of a learning platform, connected to one cohort.

    What was registered never changes: who comes in by it trusted those addresses. Other ones are another platform.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="In its addresses here.")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="platforms")
    site_url = models.URLField(max_length=LONGEST_URL, help_text="Where its pages are, which may frame ours.")
    issuer = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255)
    deployment_id = models.CharField(max_length=255)
    auth_url = models.URLField(max_length=LONGEST_URL)
    token_url = models.URLField(max_length=LONGEST_URL)
    jwks_url = models.URLField(max_length=LONGEST_URL)
    audience = models.CharField(max_length=LONGEST_URL, blank=True, help_text="Of requests for a token, if another.")
    instructors_lead = models.BooleanField(default=False, help_text="Its instructors lead the cohort.")
    context_id = models.CharField(max_length=255, blank=True, help_text="Its course; by an instructor's first launch.")
    memberships_url = models.CharField(max_length=LONGEST_URL, blank=True, help_text="Where its roster is.")
    roster_asked_at = models.DateTimeField(null=True, help_text="Since when its roster is wanted; empty: it is not.")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.issuer} in {self.cohort}"


class Identity(models.Model):
    """Somebody as a platform knows them; and the account that is theirs here, once they have come and said which."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="identities")
    sub = models.CharField(max_length=255)
    name = models.CharField(max_length=150, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="identities"
    )
    left_at = models.DateTimeField(null=True, blank=True, help_text="When its roster did not have them any more.")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["platform", "sub"], name="known_once_per_platform"),
            models.UniqueConstraint(
                fields=["platform", "user"], condition=models.Q(user__isnull=False), name="one_identity_of_an_account"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.sub


class Placement(models.Model):
    """A link in a platform's course that leads to one milestone, and the column of its gradebook that goes with it."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="placements")
    link = models.CharField(max_length=255, help_text="The platform's own id of it.")
    slug = models.SlugField()
    kind = models.CharField(max_length=20)
    column_url = models.CharField(max_length=LONGEST_URL, blank=True, help_text="Empty: it takes no scores.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "link"], name="placed_once_per_platform")]

    def __str__(self) -> str:
        return f"{self.slug}/{self.kind} in {self.platform}"


class Launch(models.Model):
    """One coming in, step by step: begun, received with a valid token, opened with a ticket. Each step is done once."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="launches")
    state = models.CharField(max_length=64, unique=True)
    nonce = models.CharField(max_length=80)
    begun_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    entered_at = models.DateTimeField(null=True, blank=True)
    ticket = models.CharField(max_length=64, blank=True, db_index=True, help_text="Its digest.")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, null=True, related_name="launches")
    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, null=True, related_name="launches")
    role = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return f"launch {self.pk} from {self.platform}"


class Score(models.Model):
    """What a platform should know of one person at one milestone, and whether it does.

    `turn` counts what it was to be told: of two senders, the one of an older turn writes nothing down.
    """

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="scores")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="scores")
    given = models.DecimalField(max_digits=5, decimal_places=2, null=True, help_text="Of 100; none while it waits.")
    activity = models.CharField(max_length=20)
    grading = models.CharField(max_length=20)
    turn = models.PositiveIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["placement", "identity"], name="scored_once_per_placement")]

    def __str__(self) -> str:
        return f"{self.identity} at {self.placement}: {self.given}"


class SyncLine(models.Model):
    """What went to a platform or came from it, and how that ended; rows are only ever added."""

    class What(models.TextChoices):
        LAUNCH = "launch", _("Launch")
        LINK = "link", _("Link to a milestone")
        ROSTER = "roster", _("Roster")
        SCORE = "score", _("Score")

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        LATER = "later", _("Tried again later")
        REFUSED = "refused", _("Refused")
        GIVEN_UP = "given-up", _("Given up")

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(auto_now_add=True)
    what = models.CharField(max_length=10, choices=What.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    identity = models.ForeignKey(Identity, on_delete=models.SET_NULL, null=True, related_name="+")
    place = models.CharField(max_length=80, blank=True, help_text='"project/milestone", where it is about one.')
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.what} with {self.platform}: {self.outcome}"
