"""Who may come in: users, and the tokens that stand for them on a command line."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from people.trails import Trail


class User(AbstractUser):
    """Anybody with an account. What they may do follows from enrolments and memberships, not from a role field."""

    email = models.EmailField("email address", blank=True)
    language = models.CharField(
        max_length=10, blank=True, help_text="The language that they chose; empty for what their browser asks for."
    )
    zone = models.CharField(max_length=60, blank=True, help_text="Their time zone; empty until they choose one.")
    verdict_mails_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when they want each verdict by mail; empty if they do not."
    )
    digest_mails_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when they want a digest of the cohorts that they lead, each week."
    )
    digested_week = models.DateField(null=True, blank=True, help_text="The Monday of the last digest.")
    # Set for one request, while somebody who leads them looks at their pages: then assessments do not exist.
    is_looked_at = False

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class AccessToken(models.Model):
    """A token's digest: the token itself is shown once and never kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=8, db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    # The database's own word is for tokens that the edition before there were scopes makes: they may do all.
    scopes = models.JSONField(default=list, db_default=["read", "submit", "share", "lead", "hire"])
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AccountLine(Trail):
    """What was done to an account, and when. By its number, which is nobody's name once the account is gone."""

    account = models.PositiveBigIntegerField(db_index=True, help_text="The number of the account.")
    at = models.DateTimeField(auto_now_add=True)
    verb = models.CharField(max_length=60)
    text = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"account {self.account} {self.verb}"
