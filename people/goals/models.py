"""What learners set out to do each week: theirs to pick, and nobody else's to see."""

from django.conf import settings
from django.db import models

MOST = 7


class Unit(models.TextChoices):
    DAYS = "days"
    MILESTONES = "milestones"


class Goal(models.Model):
    """So many days to hand in on, or milestones to pass, each week; and whether a mail may remind of it.

    Without a unit it was dropped: all that is still known is the week last reminded of, so that no second mail comes.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="goal")
    unit = models.CharField(max_length=10, choices=Unit.choices, blank=True)
    number = models.PositiveSmallIntegerField()
    reminds = models.BooleanField(default=False)
    reminded_week = models.DateField(null=True, blank=True, help_text="The Monday of the week last reminded of.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1, number__lte=MOST), name="a_week_has_seven_days")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.number} {self.unit} a week"
