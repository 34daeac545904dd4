"""How work is judged: runs, what they concluded and reported; and checks on the practice world."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from curriculum.models import Project
from people.learners.models.trials import Trial
from people.learners.models.work import Enrolment, Submission
from people.trails import Trail

# Not verdicts, for the run was never judged: its learner handed in again before a worker had taken it, or dropped the
# trial that it was a part of.
SUPERSEDED, DROPPED = "superseded", "dropped"


class RunState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class OwnRuns(models.Manager["Run"]):
    """The runs that stand for their submissions: whoever does not ask for shadows by name never meets one."""

    def get_queryset(self) -> models.QuerySet["Run"]:
        return super().get_queryset().filter(shadow=False)


class Lane(models.Model):
    """Those who wait for workers together, such as a cohort, by name; and when a worker last took a run of theirs."""

    name = models.CharField(primary_key=True, max_length=40, blank=True)
    served_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name or "who learns alone"


class Run(models.Model):
    """One judging of one submission by one edition.

    The row decides who works: a claim is a lease, and its token fences the record.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="runs")
    edition = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="runs")
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, null=True, blank=True, related_name="runs")
    shadow = models.BooleanField(default=False, help_text="Of a trial, and never a part of the learner's record.")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    lane = models.CharField(max_length=40, blank=True, default="", db_default="", help_text="With whom it waits.")
    draw = models.PositiveIntegerField(help_text="Which draw of the learner's world; 0 is their practice world.")
    queued_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(auto_now_add=True, help_text="When a worker was last called for it.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    rests_until = models.DateTimeField(
        null=True, blank=True, help_text="After a fault of ours: what was full or away may be back by then."
    )
    outcome = models.CharField(max_length=10, blank=True)
    sentence = models.TextField(blank=True)
    guilty = models.CharField(max_length=20, blank=True)
    digests = models.JSONField(default=dict)
    superseded_by = models.ForeignKey(
        Submission, on_delete=models.CASCADE, null=True, blank=True, related_name="superseded_runs"
    )

    objects = OwnRuns()
    every: ClassVar[models.Manager["Run"]] = models.Manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="runs_to_sweep"),
            # Whose turn it is, of thousands that wait.
            models.Index(fields=["state", "shadow", "lane", "id"], name="runs_by_lane"),
            # What monitoring counts at each look, and operators read of the last days.
            models.Index(fields=["outcome", "finished_at", "shadow"], name="runs_by_outcome"),
            # All that a page on many learners reads of their runs: without it PostgreSQL reads the whole table.
            models.Index(
                fields=["submission", "shadow", "state", "outcome", "finished_at", "id"], name="runs_of_submissions"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shadow=False) | models.Q(trial__isnull=False), name="a_shadow_has_a_trial"
            ),
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
            models.CheckConstraint(
                condition=models.Q(outcome=SUPERSEDED, superseded_by__isnull=False)
                | ~models.Q(outcome=SUPERSEDED) & models.Q(superseded_by__isnull=True),
                name="superseded_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.submission}"


class Rehearsal(models.Model):
    """What an enrolment asked to have checked last: its saved files, judged on its practice world.

    It is no submission and no run: no standing, gate, budget or evidence knows of it. An enrolment has one, so nobody
    has two judged at once. Like a run's, its row decides who works.
    """

    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="rehearsal")
    edition = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    tree = models.CharField(max_length=64)
    commit = models.CharField(max_length=64)
    lent = models.JSONField(default=list, help_text="The earlier milestones that the reference stands in for.")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    asked_at = models.DateTimeField()
    rung_at = models.DateTimeField(help_text="When a worker was last called for it.")
    finished_at = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    working_on = models.CharField(max_length=20, blank=True)
    step = models.CharField(max_length=500, blank=True)
    verdict = models.JSONField(null=True, blank=True, help_text="As grading writes one down as plain values.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=RunState.RUNNING) | models.Q(lease_until__isnull=False, token__isnull=False),
                name="nothing_rehearses_without_a_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RunState.DONE, verdict__isnull=False)
                | ~models.Q(state=RunState.DONE) & models.Q(verdict__isnull=True),
                name="rehearsed_means_concluded",
            ),
        ]

    def __str__(self) -> str:
        return f"rehearsal of {self.kind} by {self.enrolment}"


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
    plot = models.JSONField(null=True, blank=True, help_text="A small Vega-Lite specification of aggregates.")
    measured = models.FloatField(null=True, blank=True)
    mark = models.FloatField(null=True, blank=True)
    skills = models.JSONField(default=list)
    level = models.PositiveSmallIntegerField()
    points = models.PositiveSmallIntegerField()
    required = models.BooleanField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.name}: {self.answer}"


class RunEvent(models.Model):
    """What a run reported while it ran, and that it is over; rows are only ever added."""

    VERDICT = "verdict"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    milestone = models.CharField(max_length=20)
    kind = models.CharField(
        max_length=10, default="step", help_text="step, output (untrusted text), a check's answer, or verdict."
    )
    text = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.milestone}: {self.text}"


class VerdictMail(models.Model):
    """That somebody was written to about a run: nobody is twice, however often a worker looks."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="verdict_mails")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "user"], name="mailed_once_per_run")]

    def __str__(self) -> str:
        return f"mail to {self.user} about {self.run}"


class AuditLine(Trail):
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
