"""People who learn together, and who leads them."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    LEARNER = "learner"
    INSTRUCTOR = "instructor"


class Cohort(models.Model):
    """A group that takes the same projects, named by slug so that a new edition needs no edit here."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    project_slugs = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """One person's part in one cohort."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "user"], name="one_role_per_cohort")]

    def __str__(self) -> str:
        return f"{self.user}, {self.role} in {self.cohort}"
