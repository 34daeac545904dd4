"""People who learn together, who leads them, when things are due, and what leaders did.

What leaders did is only ever added to: taking something back is a row, or a moment in the row, of its own.
"""

import uuid
from enum import IntEnum
from typing import Final

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.learners.models import Submission, Trial
from people.trails import Trail


class Role(models.TextChoices):
    LEARNER = "learner", _("Learner")
    OWNER = "owner", _("Owner")
    INSTRUCTOR = "instructor", _("Instructor")
    ASSISTANT = "assistant", _("Assistant")
    OBSERVER = "observer", _("Observer")


class Power(IntEnum):
    """What somebody who leads may do; each includes the ones before it."""

    LOOK = 1
    REVIEW = 2
    LEAD = 3
    OWN = 4


POWERS: Final = {
    Role.OBSERVER: Power.LOOK,
    Role.ASSISTANT: Power.REVIEW,
    Role.INSTRUCTOR: Power.LEAD,
    Role.OWNER: Power.OWN,
}


class Cohort(models.Model):
    """A group that takes the same projects, named by slug so that a new edition needs no edit here."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    project_slugs = models.JSONField(default=list)
    zone = models.CharField(max_length=60, blank=True, help_text="In which its dates are set and shown; or UTC.")
    late_percent = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(100)], help_text="What each day begun after the due date costs."
    )
    late_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="For so many days late work still counts; for ever if empty."
    )
    weights = models.JSONField(default=dict, help_text='Of "project/milestone" in the total; 1 where nothing is said.')
    signals = models.JSONField(default=dict, blank=True, help_text="From when on which signal of a learner rings.")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, help_text="Since then its leaders only read.")

    def __str__(self) -> str:
        return self.title


class Section(models.Model):
    """A part of a cohort, such as a table, a tutorial or a town."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="sections")
    title = models.CharField(max_length=60)

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["cohort", "title"], name="one_section_of_a_title")]

    def __str__(self) -> str:
        return self.title


class Membership(models.Model):
    """One person's part in one cohort."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    section = models.ForeignKey(
        Section, on_delete=models.SET_NULL, null=True, blank=True, related_name="members", help_text="Of a learner."
    )
    assists = models.ManyToManyField(
        Section, blank=True, related_name="assistants", help_text="The sections that an assistant sees."
    )
    external_id = models.CharField(max_length=120, blank=True, help_text="What the school calls this person.")
    extra_percent = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(400)],
        help_text="More time for every milestone, as a rule.",
    )
    is_test = models.BooleanField(default=False, help_text="A learner that no statistics count.")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="one_role_per_cohort"),
            models.UniqueConstraint(
                fields=["cohort", "external_id"],
                condition=~models.Q(external_id=""),
                name="one_member_of_an_external_id",
            ),
            models.UniqueConstraint(
                fields=["cohort"], condition=models.Q(is_test=True), name="one_test_learner_per_cohort"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.role} in {self.cohort}"

    @property
    def power(self) -> Power | None:
        """What they may do here as a leader: in an archived cohort, look. None for a learner."""
        power = POWERS.get(Role(self.role))
        return Power.LOOK if power and self.cohort.archived_at else power


class Invitation(models.Model):
    """A link by which people become learners of a cohort, until it expires, is used up or is revoked."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="invitations")
    section = models.ForeignKey(Section, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    cap = models.PositiveIntegerField(help_text="How many people may come in by it.")
    used = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(used__lte=models.F("cap")), name="used_no_more_than_its_cap")
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.cohort}"


class Reservation(models.Model):
    """A place that a roster keeps for somebody until they take it: nobody becomes a learner of a cohort unasked.

    It is for the account `user`; if the roster named none, for who has confirmed `email`; without one, for `username`.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="reservations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="reservations"
    )
    username = models.CharField(max_length=150, blank=True, help_text="As the roster says, in small letters.")
    email = models.EmailField(blank=True, help_text="As the roster says, in small letters.")
    section = models.ForeignKey(Section, on_delete=models.SET_NULL, null=True, blank=True, related_name="reservations")
    external_id = models.CharField(max_length=120, blank=True)
    extra_percent = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(400)])
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["username", "email", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cohort", "user"], name="one_reservation_of_an_account"),
            *(
                models.UniqueConstraint(
                    fields=["cohort", field], condition=~models.Q(**{field: ""}), name=f"one_reservation_of_{name}"
                )
                for field, name in (("username", "a_name"), ("email", "an_address"), ("external_id", "an_external_id"))
            ),
            models.CheckConstraint(condition=~models.Q(username="", email=""), name="a_reservation_is_for_somebody"),
        ]

    def __str__(self) -> str:
        return self.username or self.email


class Roster(models.Model):
    """A list of learners that a leader has uploaded, kept as they sent it until they apply or drop it."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="rosters")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    encoding = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "made_by"], name="one_roster_of_a_leader")]

    def __str__(self) -> str:
        return f"roster of {self.cohort} by {self.made_by}"


class Timing(models.Model):
    """When a milestone opens, is due and closes for a cohort: instants, each of which may be left out."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="timings")
    slug = models.SlugField()
    kind = models.CharField(max_length=20)
    opens_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["slug", "pk"]
        constraints = [models.UniqueConstraint(fields=["cohort", "slug", "kind"], name="timed_once_per_cohort")]

    def __str__(self) -> str:
        return f"{self.slug}/{self.kind} in {self.cohort}"


class Extension(models.Model):
    """More time for one learner at one milestone; the newest that was not taken back counts."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="extensions")
    slug = models.SlugField()
    kind = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    reason = models.TextField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.membership.user} has {self.slug}/{self.kind} until {self.due_at}"


class Feed(models.Model):
    """A secret address at which a calendar reads due dates: a learner's own, or those of a cohort that they lead."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "cohort"], name="one_feed_per_cohort", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"calendar of {self.user}" + (f" for {self.cohort}" if self.cohort else "")


class Regrade(models.Model):
    """Another edition, tried on what a cohort's learners handed in, until their leaders decide who moves over."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="regrades")
    trial = models.OneToOneField(Trial, on_delete=models.CASCADE, related_name="regrade")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.trial.edition} in {self.cohort}"


class Comment(models.Model):
    """What somebody said about one line of a submission, or, with a parent, in answer to it. It is never changed.

    It stays with its submission. What begins a thread is resolved and opened again.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="comments")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="answers")
    path = models.CharField(max_length=200)
    line = models.PositiveIntegerField(help_text="Of the file as it was handed in, from 1.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When its learner read it.")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.author} on {self.path}:{self.line} of {self.submission}"


class CohortLine(Trail):
    """Who did what in a cohort, and when; rows are only ever added."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    place = models.CharField(max_length=80, blank=True, help_text='"project/milestone", where it is about one.')
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} in {self.cohort}"


class Likeness(models.Model):
    """How alike the code of one milestone's submissions was found when somebody last asked; it judges nobody."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="likenesses")
    slug = models.SlugField()
    kind = models.CharField(max_length=20)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Empty while a worker compares.")
    inputs = models.CharField(max_length=64, blank=True, help_text="Digest of all that the report hangs on.")
    report = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "likenesses"
        constraints = [models.UniqueConstraint(fields=["cohort", "slug", "kind"], name="one_likeness_per_milestone")]

    def __str__(self) -> str:
        return f"likeness of {self.slug}/{self.kind} in {self.cohort}"
