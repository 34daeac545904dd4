"""What the API of dates tells and takes."""

from datetime import UTC

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from people.cohorts.clocks import YEARS
from people.cohorts.extensions import LONGEST_REASON
from people.cohorts.models import Extension

FIRST, LAST = YEARS[0], YEARS[-1]


class InstantField(serializers.DateTimeField):
    """An instant: told in UTC; taken with its zone only, for a time without one is a different time for everybody."""

    default_error_messages = {
        "no-zone": _("Say in which zone: end it with Z, or with an offset such as +01:00."),
        "out-of-range": _("Choose a year from {first} to {last}."),
    }

    def __init__(self, **more: object) -> None:
        super().__init__(default_timezone=UTC, **more)  # type: ignore[arg-type]

    def enforce_timezone(self, value):  # type: ignore[no-untyped-def]
        if value.tzinfo is None:
            self.fail("no-zone")
        if value.year not in YEARS:
            self.fail("out-of-range", first=FIRST, last=LAST)
        return super().enforce_timezone(value)


class MilestoneDatesSerializer(serializers.Serializer[object]):
    milestone = serializers.CharField(help_text='"project/milestone".')
    opens_at = InstantField(allow_null=True)
    due_at = InstantField(allow_null=True)
    closes_at = InstantField(allow_null=True)


class LateRulesSerializer(serializers.Serializer[object]):
    zone = serializers.CharField(max_length=60)
    late_percent = serializers.IntegerField(help_text="What each day begun after the due date costs.")
    late_days = serializers.IntegerField(
        allow_null=True, help_text="For so many days late work counts; null: for ever."
    )


class CohortDatesSerializer(LateRulesSerializer):
    seen = serializers.CharField(help_text="A mark of these dates, to be sent back with a change of them.")
    dates = MilestoneDatesSerializer(many=True)


class SetDatesSerializer(serializers.Serializer[object]):
    dates = MilestoneDatesSerializer(many=True, allow_empty=False)
    seen = serializers.CharField(required=False, default="", allow_blank=True)


class ShiftSerializer(serializers.Serializer[object]):
    days = serializers.IntegerField(help_text="Back, if negative.")
    seen = serializers.CharField(required=False, default="", allow_blank=True)


class ExtensionAskedSerializer(serializers.Serializer[object]):
    milestone = serializers.CharField(help_text='"project/milestone".')
    learner = serializers.CharField(help_text="A username.")
    due_at = InstantField()
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ExtensionSerializer(serializers.ModelSerializer[Extension]):
    learner = serializers.CharField(source="membership.user.username")
    milestone = serializers.SerializerMethodField(help_text='"project/milestone".')
    due_at = InstantField()
    granted_by = serializers.CharField(source="granted_by.username", allow_null=True, default=None)

    class Meta:
        model = Extension
        fields = ("id", "learner", "milestone", "due_at", "reason", "granted_by", "granted_at", "withdrawn_at")

    def get_milestone(self, extension: Extension) -> str:
        return f"{extension.slug}/{extension.kind}"


class FeedSerializer(serializers.Serializer[object]):
    address = serializers.CharField(help_text="Of a calendar in the format of RFC 5545; whoever has it reads it.")


class OwnDatesSerializer(serializers.Serializer[object]):
    milestone = serializers.CharField(help_text='"project/milestone".')
    opens_at = InstantField(source="dates.opens_at", allow_null=True)
    due_at = InstantField(source="dates.due_at", allow_null=True)
    closes_at = InstantField(source="dates.closes_at", allow_null=True)
    is_extended = serializers.BooleanField(source="dates.is_extended")
