"""Published copies of project packages, and the tracks that order them. Only publish.py writes these rows."""

from django.db import models


class Project(models.Model):
    """One package at one digest. Enrolments point here, so a newer edition never changes what they are judged by."""

    slug = models.SlugField()
    number = models.PositiveIntegerField(default=1, help_text="Counts the editions of a project, from 1.")
    digest = models.CharField(max_length=64)
    tree = models.CharField(max_length=64, help_text="Digest in the store of the whole package folder.")
    starter = models.CharField(max_length=64, help_text="Digest in the store of the starter.")
    is_current = models.BooleanField(default=True)
    title = models.CharField(max_length=120)
    version = models.CharField(max_length=20)
    summary = models.TextField()
    stakeholder = models.TextField()
    story = models.TextField()
    skills = models.JSONField(default=list)
    domains = models.JSONField(default=list)
    published_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "digest"], name="one_row_per_edition"),
            models.UniqueConstraint(fields=["slug", "number"], name="one_number_per_edition"),
            models.UniqueConstraint(fields=["slug"], condition=models.Q(is_current=True), name="one_current_edition"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class Milestone(models.Model):
    """One gate of a published project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    summary = models.TextField()
    minutes = models.PositiveIntegerField()
    brief = models.TextField()
    hints = models.TextField(blank=True)
    command = models.TextField()
    produces = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    questions = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["project", "kind"], name="one_milestone_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.project.slug}: {self.kind}"


class Track(models.Model):
    """An ordered list of projects for one job. `slugs` keeps the order and survives new editions."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    summary = models.TextField()
    slugs = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.title
