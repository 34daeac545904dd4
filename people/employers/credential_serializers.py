"""The shapes of credentials, and of what verifying one answers, in the API."""

from typing import Any

from rest_framework import serializers

from people.employers.claiming import Identity
from people.employers.models import Kind


class CredentialSerializer(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    kind = serializers.ChoiceField(Kind.choices)
    of = serializers.CharField(help_text="project/milestone, a project, or a skill.")
    edition = serializers.IntegerField(help_text="Of the project that judged; 0 for a skill.")
    level = serializers.IntegerField(help_text="Of a skill; 0 for all else.")
    title = serializers.CharField()
    issued_at = serializers.DateTimeField()
    suspended = serializers.BooleanField(help_text="What it stands on has regressed, and may come back.")
    revokes_at = serializers.DateTimeField(allow_null=True, help_text="When it is revoked, if what it says is gone.")
    revoked_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="Why it was revoked; empty while it is not.")


class GroundSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(Kind.choices)
    of = serializers.CharField()
    edition = serializers.IntegerField()
    level = serializers.IntegerField()
    title = serializers.CharField()
    suspended = serializers.BooleanField(source="is_suspended", help_text="It has regressed; mend it first.")


class OwnCredentialsSerializer(serializers.Serializer[Any]):
    claimed = CredentialSerializer(many=True)
    claimable = GroundSerializer(many=True)


class ClaimSerializer(serializers.Serializer[dict[str, Any]]):
    kind = serializers.ChoiceField(Kind.choices)
    of = serializers.CharField(max_length=120)
    identity = serializers.ChoiceField(Identity.choices, default=Identity.PSEUDONYM)
    shows_name = serializers.BooleanField(default=False)


class ToVerifySerializer(serializers.Serializer[dict[str, Any]]):
    """One of the three."""

    file = serializers.FileField(required=False, allow_empty_file=True, help_text=".json, .jwt, .png or .svg.")
    link = serializers.CharField(required=False, max_length=2000, help_text="It begins with https://.")
    text = serializers.CharField(required=False, help_text="A document or a token.")


class FindingSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(["yes", "no", "unknown"])
    code = serializers.CharField(help_text="A word for programs; it does not change.")
    about = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField(help_text="The same for people.")


class ReportSerializer(serializers.Serializer[Any]):
    holds = serializers.BooleanField(help_text="The signature holds, and nothing else speaks against it.")
    signature = FindingSerializer()
    issuer = FindingSerializer(help_text="That it is from whom it says; not that anybody vouches for them.")
    validity = FindingSerializer()
    revocation = FindingSerializer()
    document = serializers.DictField(help_text="What it says, believed or not; empty where nothing could be read.")
