"""What is handed in, by whom, and whose it is."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from curriculum.models import Project
from people.accounts.models import User


class Occasion(models.TextChoices):
    """What an enrolment was begun for by somebody else."""

    ASSESSMENT = "assessment"


class Enrolment(models.Model):
    """One learner or team taking one project, pinned to one edition of it. Their worlds are drawn from `key`.

    Whose it is, its shares say; `user` is who began it. occasion: what it was begun for, if not for its learner's own.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments")
    team = models.CharField(max_length=60, blank=True, help_text="What the team is called; empty for one learner.")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="enrolments")
    domain = models.CharField(max_length=80)
    occasion = models.CharField(max_length=20, choices=Occasion.choices, blank=True)
    seat = models.PositiveIntegerField(
        default=0, help_text="Counts the learners of a project; neighbours get mechanisms that differ in many places."
    )
    started_at = models.DateTimeField(auto_now_add=True)
    revision = models.BigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Another number whenever what its grades hang on is another; the database sees to it.",
    )

    def __str__(self) -> str:
        return f"{self.team or self.user} in {self.project.slug}"

    @property
    def actor(self) -> User:
        """Whoever it was fetched for, and acts in it: of a team, not always the one who began it."""
        return getattr(self, "_actor", self.user)

    @actor.setter
    def actor(self, user: User) -> None:
        self._actor = user


class Share(models.Model):
    """One person's part in an enrolment, from one moment to another: a team's has several, and they may change.

    until: of an assessment, when it ends by itself; meanwhile it goes before their own, which rests.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="shares")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares")
    slug = models.SlugField(help_text="The project's, which all its editions share.")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    left_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "slug"],
                condition=models.Q(left_at__isnull=True, until__isnull=True),
                name="one_enrolment_per_project",
            ),
            models.UniqueConstraint(
                fields=["user", "slug"],
                condition=models.Q(left_at__isnull=True, until__isnull=False),
                name="one_assessment_per_project",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.enrolment}"


class Submission(models.Model):
    """What was handed in, once, unchangeable: a milestone, the digest of a tree, its commit, and who did."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="submissions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    tree = models.CharField(max_length=64)
    commit = models.CharField(max_length=64, blank=True, help_text="In the enrolment's repository.")
    via = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="submissions")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "number"], name="numbered_per_enrolment")]

    def __str__(self) -> str:
        return f"{self.enrolment} #{self.number} ({self.kind})"


class Contribution(models.Model):
    """How many of the commits that came with a team's submission are one person's."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="contributions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="contributions")
    commits = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "user"], name="counted_once_per_submission")]

    def __str__(self) -> str:
        return f"{self.commits} of {self.user} in {self.submission}"
