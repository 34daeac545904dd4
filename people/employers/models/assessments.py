"""What employers ask candidates to do, on which data and in what time; and who was asked, and what became of it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Project
from people.accounts.models import User
from people.employers.models.desks import Employer
from people.learners.models import Enrolment


class DomainFile(models.Model):
    """An employer's own telling of a project's data. It is used only where it was found as hard as the ready-made."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be measured")
        MEASURING = "measuring", _("Is being measured")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="domain_files")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    text = models.TextField()
    digest = models.CharField(max_length=80, help_text="What a draw calls it.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.CharField(max_length=200, blank=True, help_text="What the linter does at this moment.")
    faults = models.JSONField(default=list, help_text="Why it was refused: sentences, each with its remedy.")
    report = models.JSONField(default=dict, help_text="How hard it was found to be beside the ready-made one.")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often a worker took it on.")
    measured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class Assessment(models.Model):
    """What candidates are asked to do: milestones of one edition, told as one domain, in a box of so many minutes."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="assessments")
    title = models.CharField(max_length=120)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    kinds = models.JSONField(default=list, help_text="The milestones asked, in the chain's order and without a gap.")
    domain = models.CharField(max_length=80, help_text="As draws call it.")
    domain_file = models.ForeignKey(DomainFile, on_delete=models.PROTECT, null=True, related_name="assessments")
    minutes = models.PositiveIntegerField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(help_text="Nobody begins after it; who has begun keeps their box.")
    notes = models.TextField(blank=True, help_text="What candidates read before they begin.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    likeness = models.JSONField(default=dict, help_text="What is alike in what was handed in, by milestone.")
    compared_at = models.DateTimeField(null=True, help_text="When somebody last began to compare it.")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def domain_name(self) -> str:
        """What the domain is called by people."""
        return self.domain_file.name if self.domain_file else self.domain


class Invite(models.Model):
    """A link for one candidate, the box that they began by it, and whether the employer may read what came of it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="invites")
    label = models.CharField(max_length=120, help_text="What the employer calls the candidate.")
    email = models.EmailField(blank=True)
    expires_at = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="assessed")
    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, null=True, related_name="invite")
    begun_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="When the candidate took consent back.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "user"], name="assessed_once"),
            models.CheckConstraint(
                condition=models.Q(user=None, begun_at=None, ends_at=None, enrolment=None)
                | models.Q(user__isnull=False, begun_at__isnull=False, ends_at__isnull=False, enrolment__isnull=False),
                name="begun_means_all_of_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.assessment}"

    def is_over(self, now: datetime) -> bool:
        """Whether nothing more is taken in; by the server's clock, whatever a worker has noted yet."""
        return self.finished_at is not None or (self.ends_at is not None and self.ends_at <= now)

    def state_at(self, now: datetime) -> str:
        """One word for where it stands: see STATES."""
        if self.begun_at is None:
            return "revoked" if self.revoked_at else "expired" if self.expires_at <= now else "open"
        if not self.is_over(now):
            return "under-way"
        if self.withdrawn_at:
            return "withdrawn"
        return "shared" if self.consented_at else "declined" if self.declined_at else "over"

    @property
    def state(self) -> str:
        return self.state_at(timezone.now())

    @property
    def may_be_read(self) -> bool:
        """Whether the employer may read the report."""
        return self.state == "shared"


class MoreTime(models.Model):
    """Minutes added to one candidate's box, with the reason and who gave them; rows are only ever added."""

    invite = models.ForeignKey(Invite, on_delete=models.CASCADE, related_name="more_time")
    minutes = models.PositiveIntegerField()
    percent = models.PositiveSmallIntegerField(null=True, help_text="Of an accommodation: of the whole box.")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.minutes} minutes for {self.invite}"


def box_of(assessment: Assessment, more: int) -> timedelta:
    """How long a box is, with so many minutes more."""
    return timedelta(minutes=assessment.minutes + more)
