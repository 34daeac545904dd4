"""What helps a learner, or speaks for them: hints, loans, permits, and the words of who leads."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.learners.models.work import Enrolment, Submission


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
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="permits_given")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug", "kind", "what", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "slug", "kind", "what"], name="permitted_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.what} at {self.kind} of {self.slug}"
