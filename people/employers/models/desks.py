"""Who reads evidence for a living: employers, the people who act for them, and what those did."""

from enum import IntEnum
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.trails import Trail


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    RECRUITER = "recruiter", _("Recruiter")
    READER = "reader", _("Reader")


class Power(IntEnum):
    """What somebody may do for an employer; each includes the ones before it."""

    READ = 1
    HIRE = 2
    OWN = 3


POWERS: Final = {Role.READER: Power.READ, Role.RECRUITER: Power.HIRE, Role.OWNER: Power.OWN}


class Employer(models.Model):
    """A firm that says what its roles need, and reads what candidates have shown."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    website = models.URLField(blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.title


class Post(models.Model):
    """One person's part in one employer."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="posts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts")
    role = models.CharField(max_length=10, choices=Role.choices)
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["employer", "user"], name="one_post_per_employer")]

    def __str__(self) -> str:
        return f"{self.user} at {self.employer}"

    @property
    def power(self) -> Power:
        return POWERS[Role(self.role)]


class EmployerLine(Trail):
    """Who did what for an employer, and when; rows are only ever added."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="diary")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    about = models.CharField(max_length=120, blank=True, help_text="What it was done to, as its page calls it.")
    whom = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", help_text="Or to whom."
    )
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.whom or self.about}"
