"""What the API of learning platforms tells and takes. The rooms say what may be; here only shapes are checked."""

from typing import Any

from rest_framework import serializers

from people.lti.models import LONGEST_URL, Platform, SyncLine


class WantedSerializer(serializers.Serializer[Any]):
    site_url = serializers.CharField(max_length=LONGEST_URL, help_text="Where its pages are, which may frame ours.")
    issuer = serializers.CharField(max_length=255, help_text="Also called platform id.")
    client_id = serializers.CharField(max_length=255)
    deployment_id = serializers.CharField(max_length=255)
    auth_url = serializers.CharField(max_length=LONGEST_URL, help_text="Of authentication requests.")
    token_url = serializers.CharField(max_length=LONGEST_URL, help_text="Of access tokens.")
    jwks_url = serializers.CharField(max_length=LONGEST_URL, help_text="Of its public keys.")
    audience = serializers.CharField(
        max_length=LONGEST_URL, default="", allow_blank=True, help_text="Of requests for a token, if another."
    )
    instructors_lead = serializers.BooleanField(
        default=False, help_text="Whether whoever teaches its course leads the cohort here."
    )


class AddressesSerializer(serializers.Serializer[Any]):
    login = serializers.CharField(help_text="Login initiation address.")
    launch = serializers.CharField(help_text="Redirection address, target link and deep linking.")
    keys = serializers.CharField(help_text="Public keyset address.")


class PlatformSerializer(serializers.ModelSerializer[Platform]):
    is_bound = serializers.BooleanField(
        source="context_id", help_text="To the course in which an instructor first opened a link."
    )
    addresses = AddressesSerializer(help_text="What to enter there.")

    class Meta:
        model = Platform
        fields = (
            "id",
            "site_url",
            "issuer",
            "client_id",
            "deployment_id",
            "auth_url",
            "token_url",
            "jwks_url",
            "audience",
            "instructors_lead",
            "registered_at",
            "is_bound",
            "addresses",
        )


class IdentitySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(source="*", help_text="As the platform says. Untrusted text.")
    username = serializers.CharField(source="user.username", default=None, allow_null=True, help_text="Once they came.")


class RosterOfPlatformSerializer(serializers.Serializer[Any]):
    come = IdentitySerializer(many=True)
    expected = IdentitySerializer(many=True, help_text="In its course, and not here yet.")
    gone = IdentitySerializer(many=True, help_text="Not in its course any more.")


class SentAgainSerializer(serializers.Serializer[Any]):
    scores = serializers.IntegerField(help_text="How many are sent again.")


class SyncLineSerializer(serializers.ModelSerializer[SyncLine]):
    what = serializers.ChoiceField(SyncLine.What.choices)
    outcome = serializers.ChoiceField(SyncLine.Outcome.choices)
    platform = serializers.IntegerField(source="platform_id")
    who = serializers.CharField(source="identity", allow_null=True, help_text="As the platform says. Untrusted text.")

    class Meta:
        model = SyncLine
        fields = ("at", "platform", "what", "outcome", "who", "place", "text")
