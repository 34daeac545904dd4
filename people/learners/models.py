"""Learners' work: enrolments, submissions, runs, conclusions; rehearsals; what helped, and what leaders said of it.

Only intake, trials, rehearsals, helping, overriding and the ledger write here.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models import Project
from people.accounts.models import User


class Enrolment(models.Model):
    """One learner or team taking one project, pinned to one edition of it. Their worlds are drawn from `key`.

    Whose it is, its shares say; `user` is who began it.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments")
    team = models.CharField(max_length=60, blank=True, help_text="What the team is called; empty for one learner.")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="enrolments")
    domain = models.CharField(max_length=60)
    seat = models.PositiveIntegerField(
        default=0, help_text="Counts the learners of a project; neighbours get mechanisms that differ in many places."
    )
    started_at = models.DateTimeField(auto_now_add=True)

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
    """One person's part in an enrolment, from one moment to another: a team's has several, and they may change."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="shares")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares")
    slug = models.SlugField(help_text="The project's, which all its editions share.")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "slug"], condition=models.Q(left_at__isnull=True), name="one_enrolment_per_project"
            )
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


class Trial(models.Model):
    """Another edition, tried on what was handed in and judged before: for one learner who may move, or for many.

    Its runs are shadows: they stand for nothing, until the learner moves over to the edition.
    """

    class Policy(models.TextChoices):
        PASSED = "passed", "the newest pass of each milestone"
        JUDGED = "judged", "the newest pass and the newest refusal of each milestone"

    edition = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="trials")
    policy = models.CharField(max_length=10, choices=Policy.choices, default=Policy.PASSED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="trials")
    asked_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"trial {self.pk} of {self.edition}"


class Tried(models.Model):
    """One enrolment in a trial: the edition that it was in before, and how it ended: moved over, or dropped."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="tried")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="tried")
    before = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    noted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the learner said that they know of the move, if another moved them."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "enrolment"], name="tried_once_per_trial"),
            models.CheckConstraint(
                condition=models.Q(moved_at__isnull=True) | models.Q(dropped_at__isnull=True), name="moved_or_dropped"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment} in {self.trial}"


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


class Run(models.Model):
    """One judging of one submission by one edition.

    The row decides who works: a claim is a lease, and its token fences the record.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="runs")
    edition = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="runs")
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, null=True, blank=True, related_name="runs")
    shadow = models.BooleanField(default=False, help_text="Of a trial, and never a part of the learner's record.")
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
    superseded_by = models.ForeignKey(
        Submission, on_delete=models.CASCADE, null=True, blank=True, related_name="superseded_runs"
    )

    objects = OwnRuns()
    every: ClassVar[models.Manager["Run"]] = models.Manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="runs_to_sweep"),
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


class Help(models.Model):
    """What help a learner took at a milestone, and when. Rows are only ever added: what was read stays read."""

    class What(models.TextChoices):
        HINT = "hint"
        REFERENCE = "reference"

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="help")
    kind = models.CharField(max_length=20)
    what = models.CharField(max_length=10, choices=What.choices)
    check_name = models.CharField(max_length=80, blank=True)
    tier = models.PositiveSmallIntegerField(default=0, help_text="Of a hint: 1 is the nudge.")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "kind", "what", "check_name", "tier"], name="taken_once")
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.check_name} {self.tier} at {self.kind} of {self.enrolment}"


class Override(models.Model):
    """A leader's word beside the machine's, which stays: what a submission's verdict, or one check in it, counts as."""

    class Outcome(models.TextChoices):
        PASSED = "passed", _("Passed")
        HELD = "held", _("Holds")
        FAILED = "failed", _("Not passed")

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="overrides")
    check_name = models.CharField(max_length=80, blank=True, help_text="Empty: the word is on the verdict.")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    machine = models.CharField(max_length=10, help_text="What the machine had said when this was said.")
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When its learner read it.")
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "check_name"], condition=models.Q(undone_at=None), name="one_word_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.by}: {self.check_name or 'the verdict'} of {self.submission} is {self.outcome}"


class Loan(models.Model):
    """A milestone that the reference does for a learner until they pass it themselves, or give it back.

    override: the word by which it was passed over, if that is why; the loan ends with it.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="loans")
    kind = models.CharField(max_length=20)
    lent_at = models.DateTimeField(auto_now_add=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    override = models.ForeignKey(Override, on_delete=models.SET_NULL, null=True, blank=True, related_name="loans")
    artefact = models.CharField(
        max_length=64, blank=True, help_text="What the reference makes of the practice world, once it is made."
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "kind"], condition=models.Q(returned_at__isnull=True), name="lent_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} lent to {self.enrolment}"


class Permit(models.Model):
    """What an instructor lets a learner do before its time, at one milestone of a project in any edition."""

    class What(models.TextChoices):
        REFERENCE = "reference", _("Read the reference early")
        LOAN = "loan", _("Go on without it at once")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="permits")
    slug = models.SlugField()
    kind = models.CharField(max_length=20)
    what = models.CharField(max_length=10, choices=What.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="permits_given")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "kind", "what", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "slug", "kind", "what"], name="permitted_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.what} at {self.kind} of {self.slug}"
