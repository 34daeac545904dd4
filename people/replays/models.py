"""What was answered to requests that may come twice, because their answer was lost on the way."""

from django.conf import settings
from django.db import models


class Replay(models.Model):
    """One request under the key that its sender gave it; no status while it is at work.

    `claimed_at` is whose turn it is: whoever takes over from a process that died sets another, and the first one's work
    is undone should it be alive after all.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="Of the method, the address and what was sent.")
    made_at = models.DateTimeField(db_index=True)
    claimed_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    sealed = models.TextField(blank=True, help_text="The answer: some hold a secret that is shown once.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="a_key_is_one_request_of_a_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}: {self.status or 'at work'}"
