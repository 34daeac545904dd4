"""What the API of a cohort's people tells and takes. The rooms say what may be; here only shapes are checked."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from people.cohorts.invitations import find_closing, sign
from people.cohorts.models import POWERS, Invitation, Membership, Reservation, Section
from people.cohorts.rosters import FATES, Plan

ROLES = [(role.value, role.label) for role in POWERS]
SHOWN = 500


class TermsSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    projects = serializers.ListField(child=serializers.SlugField(), default=list, help_text="Their slugs, in order.")
    track = serializers.SlugField(default="", allow_blank=True, help_text="All its published projects come first.")
    zone = serializers.CharField(default="", allow_blank=True, help_text="Such as Europe/Berlin; UTC if empty.")


class TitleSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=60)


class SectionSerializer(serializers.ModelSerializer[Section]):
    learners = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Section
        fields = ("id", "title", "learners")


class RoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES)
    sections = serializers.ListField(
        child=serializers.CharField(), default=list, help_text="Titles of the sections that an assistant sees."
    )


class AppointSerializer(RoleSerializer):
    account = serializers.CharField(max_length=254, help_text="A user name, or an e-mail address that is confirmed.")


class LeaderSerializer(serializers.Serializer[Membership]):
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user")
    role = serializers.ChoiceField(choices=ROLES)
    sections = serializers.ListField(
        child=serializers.CharField(), source="assists.all", help_text="Those that an assistant sees."
    )


class MemberSerializer(serializers.Serializer[Membership]):
    """What everybody who leads sees of a learner."""

    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user")
    section = serializers.CharField(source="section.title", default="")
    joined_at = serializers.DateTimeField()


class KnownMemberSerializer(MemberSerializer):
    """And what only owners and instructors do."""

    external_id = serializers.CharField(required=False)
    extra_percent = serializers.IntegerField(required=False)


class AmendSerializer(serializers.Serializer[Any]):
    section = serializers.CharField(max_length=60, required=False, allow_blank=True, help_text="A title, or nothing.")
    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    extra_percent = serializers.IntegerField(min_value=0, max_value=400, required=False)


class FindSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(default="", allow_blank=True, help_text="Letters of a name.")
    section = serializers.CharField(default="", allow_blank=True, help_text="The title of a section.")


class InviteSerializer(serializers.Serializer[Any]):
    expires_at = serializers.DateTimeField()
    cap = serializers.IntegerField(min_value=1, help_text="How many people may come in by it.")
    section = serializers.CharField(default="", allow_blank=True, help_text="The title of a section.")


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """The address is the secret: whoever has it may come in."""

    url = serializers.SerializerMethodField()
    closed = serializers.SerializerMethodField(help_text="Why nobody comes in by it; empty while they do.")
    section = serializers.CharField(source="section.title", default="")

    class Meta:
        model = Invitation
        fields = ("id", "url", "section", "expires_at", "cap", "used", "revoked_at", "closed")

    def get_url(self, one: Invitation) -> str:
        return str(self.context["request"].build_absolute_uri(reverse("frontend:join", args=[sign(one)])))

    def get_closed(self, one: Invitation) -> str:
        closing = find_closing(one)
        return closing[0] if closing else ""


class ReservationSerializer(serializers.ModelSerializer[Reservation]):
    section = serializers.CharField(source="section.title", default="")

    class Meta:
        model = Reservation
        fields = ("id", "username", "email", "section", "external_id", "extra_percent", "made_at")


class UploadSerializer(serializers.Serializer[Any]):
    roster = serializers.FileField(help_text="CSV; its first row names the columns.")


class PlannedSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="As a spreadsheet counts: the first row names the columns.")
    name = serializers.CharField()
    fate = serializers.ChoiceField(choices=FATES)
    reason = serializers.CharField()


class CountsSerializer(serializers.Serializer[Any]):
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    invalid = serializers.IntegerField()


class PlanSerializer(serializers.Serializer[Plan]):
    encoding = serializers.CharField()
    counts = serializers.SerializerMethodField()
    sections = serializers.ListField(child=serializers.CharField(), help_text="Those that it opens.")
    ignored = serializers.ListField(child=serializers.CharField(), help_text="Columns that are none of ours.")
    unnamed = serializers.IntegerField(help_text="Learners here who are not in the file, and stay.")
    rows = serializers.SerializerMethodField(help_text=f"Invalid rows first; of each fate the first {SHOWN}.")

    @extend_schema_field(CountsSerializer)
    def get_counts(self, plan: Plan) -> dict[str, int]:
        return {fate: plan.count(fate) for fate in FATES}

    @extend_schema_field(PlannedSerializer(many=True))
    def get_rows(self, plan: Plan) -> Any:
        shown = [row for fate in reversed(FATES) for row in plan.pick(fate)[:SHOWN]]
        return PlannedSerializer(shown, many=True).data


class LedBySerializer(serializers.Serializer[Any]):
    """A cohort as somebody sees it who learns in it, or may."""

    slug = serializers.SlugField(source="cohort.slug")
    title = serializers.CharField(source="cohort.title")
    projects = serializers.ListField(child=serializers.SlugField(), source="cohort.project_slugs")
    section = serializers.CharField(source="section.title", default="")
    led_by = serializers.SerializerMethodField(help_text="Who sees what is handed in for its projects.")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_led_by(self, part: Any) -> list[str]:
        return [str(one.user) for one in part.cohort.leaders]


class PlaceSerializer(LedBySerializer):
    id = serializers.IntegerField()
