"""Learners' work: enrolments, submissions, runs and their conclusions. Only intake and the ledger write here."""

import uuid

from django.conf import settings
from django.db import models

from curriculum.models import Project


class Enrolment(models.Model):
    """One learner taking one project, pinned to one edition of it. Their worlds are drawn from `key`."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="enrolments")
    domain = models.CharField(max_length=60)
    started_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "project"], name="one_enrolment_per_project")]

    def __str__(self) -> str:
        return f"{self.user} in {self.project.slug}"


class Submission(models.Model):
    """What was handed in, once, unchangeable: a milestone and the digest of a tree."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="submissions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    tree = models.CharField(max_length=64)
    via = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "number"], name="numbered_per_enrolment")]

    def __str__(self) -> str:
        return f"{self.enrolment} #{self.number} ({self.kind})"


class RunState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Run(models.Model):
    """One judging of one submission. The row decides who works: a claim is a lease, and its token fences the record."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    draw = models.PositiveIntegerField(help_text="Which draw of the learner's world; 0 is their practice world.")
    queued_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(auto_now_add=True, help_text="When a worker was last called for it.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=10, blank=True)
    sentence = models.TextField(blank=True)
    guilty = models.CharField(max_length=20, blank=True)
    digests = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "lease_until"], name="runs_to_sweep")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=RunState.RUNNING, lease_until__isnull=False, token__isnull=False)
                | ~models.Q(state=RunState.RUNNING),
                name="nothing_runs_without_a_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RunState.DONE) & ~models.Q(outcome="")
                | ~models.Q(state=RunState.DONE) & models.Q(outcome=""),
                name="done_means_concluded",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.submission}"


class Judgement(models.Model):
    """What a run concluded on one milestone of the chain."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="judgements")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10)
    sentence = models.TextField(blank=True)
    artefact = models.CharField(max_length=64, blank=True)
    found_by_digest = models.BooleanField(default=False)
    cpu_s = models.FloatField(default=0)
    wall_s = models.FloatField(default=0)
    memory_mb = models.FloatField(default=0)
    limits = models.JSONField(default=dict)
    output = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "kind"], name="judged_once_per_run")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.run}: {self.outcome}"


class CheckAnswer(models.Model):
    """One check's answer in one run: the smallest piece of evidence."""

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="answers")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    question = models.TextField()
    answer = models.CharField(max_length=10)
    sentence = models.TextField(blank=True)
    expected = models.TextField(blank=True)
    found = models.TextField(blank=True)
    details = models.JSONField(default=list)
    skills = models.JSONField(default=list)
    level = models.PositiveSmallIntegerField()
    points = models.PositiveSmallIntegerField()
    required = models.BooleanField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.name}: {self.answer}"


class RunEvent(models.Model):
    """What a run reported while it ran; rows are only ever added."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    milestone = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.milestone}: {self.text}"


class AuditLine(models.Model):
    """Who did what to a run, and when; rows are only ever added."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=80)
    verb = models.CharField(max_length=40)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="audit")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} run {self.run_id}"
