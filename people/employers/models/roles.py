"""What employers need of people, whom they consider, and how many learners reach which level."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from people.employers.models.desks import Employer
from people.employers.models.disclosures import Disclosure


class RoleProfile(models.Model):
    """The levels of skills that one employer requires, and wants, of whoever takes a role."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="roles")
    slug = models.SlugField()
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    occupation = models.CharField(max_length=200, blank=True, help_text="Its address in ESCO.")
    required = models.JSONField(default=dict, help_text="Skill: level.")
    wanted = models.JSONField(default=dict, help_text="Skill: level.")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [models.UniqueConstraint(fields=["employer", "slug"], name="one_role_of_a_name")]

    def __str__(self) -> str:
        return self.title


class Candidate(models.Model):
    """A disclosure that its learner sent to an employer, which keeps it. It holds nothing of what is shown."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="candidates")
    disclosure = models.ForeignKey(Disclosure, on_delete=models.CASCADE, related_name="candidates")
    note = models.CharField(max_length=200, blank=True, help_text="The employer's own; the learner does not see it.")
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    kept_at = models.DateTimeField(default=timezone.now, editable=False)
    end_told_at = models.DateTimeField(null=True, blank=True, help_text="When webhooks were told that it is over.")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["employer", "disclosure"], name="one_candidate_per_link")]

    def __str__(self) -> str:
        return f"candidate {self.pk} of {self.employer}"


class Tally(models.Model):
    """How many learners of this instance are at which level of a skill; counted by night, and of nobody by name."""

    skill = models.SlugField(unique=True)
    at = models.DateTimeField()
    counts = models.JSONField(default=list, help_text="Learners with evidence in it, by level from 0 to 5.")

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"tally of {self.skill}"
