"""What the API of assessments tells and takes. The rooms say what may be; here only shapes are checked."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from people.employers.inviting import Invited, sign
from people.employers.levels import Evidence, SkillLevel
from people.employers.models import Assessment, DomainFile, Invite, MoreTime
from people.employers.reporting import Moment, Report, Tries

STATES = ("open", "expired", "revoked", "under-way", "over", "shared", "declined", "withdrawn")


class MakeAssessmentSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    project = serializers.SlugField()
    kinds = serializers.ListField(child=serializers.CharField(max_length=20), max_length=20)
    domain = serializers.CharField(max_length=80, help_text='A ready-made one\'s name, or "file:" and a number.')
    minutes = serializers.IntegerField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    notes = serializers.CharField(max_length=4000, default="", allow_blank=True)


class AssessmentSerializer(serializers.ModelSerializer[Assessment]):
    project = serializers.SlugField(source="project.slug")
    edition = serializers.IntegerField(source="project.number")
    domain = serializers.CharField(source="domain_name")

    class Meta:
        model = Assessment
        fields = (
            "id",
            "title",
            "project",
            "edition",
            "kinds",
            "domain",
            "minutes",
            "opens_at",
            "closes_at",
            "notes",
            "made_at",
        )


class MakeInviteSerializer(serializers.Serializer[Any]):
    candidate = serializers.CharField(max_length=120, help_text="Whom it is for; you alone read that.")
    email = serializers.EmailField(default="", allow_blank=True)
    expires_at = serializers.DateTimeField()


class GiveTimeSerializer(serializers.Serializer[Any]):
    """Minutes, or percent of the whole box as an accommodation."""

    minutes = serializers.IntegerField(default=0)
    percent = serializers.IntegerField(default=0)
    reason = serializers.CharField(max_length=1000)


class MoreTimeSerializer(serializers.ModelSerializer[MoreTime]):
    by = serializers.CharField(allow_null=True)

    class Meta:
        model = MoreTime
        fields = ("minutes", "percent", "reason", "by", "at")


class AssessmentInviteSerializer(serializers.ModelSerializer[Invite]):
    """A link and its box. What the candidate does meanwhile is not told."""

    candidate = serializers.CharField(source="label")
    state = serializers.ChoiceField(choices=STATES, read_only=True)
    address = serializers.SerializerMethodField(help_text="The path of the link; it is for one person.")
    more_time = MoreTimeSerializer(many=True)

    class Meta:
        model = Invite
        fields = ("id", "candidate", "email", "state", "address", "expires_at", "begun_at", "ends_at", "more_time")

    def get_address(self, invite: Invite) -> str:
        return reverse("frontend:invited", args=[sign(invite)])


class InvitedSerializer(serializers.Serializer[Invited]):
    """What a candidate is told before they begin. why_not: why nobody may begin by it."""

    employer = serializers.CharField(source="assessment.employer.title")
    title = serializers.CharField(source="assessment.title")
    project = serializers.CharField(source="assessment.project.title")
    kinds = serializers.ListField(child=serializers.CharField(), source="assessment.kinds")
    lent = serializers.ListField(
        child=serializers.CharField(), help_text="Milestones before them, which the reference does."
    )
    domain = serializers.CharField(source="assessment.domain_name")
    minutes = serializers.IntegerField(help_text="How long the box is, with what was added for you.")
    notes = serializers.CharField(source="assessment.notes")
    expires_at = serializers.DateTimeField(source="invite.expires_at")
    why_not = serializers.CharField()


class OwnAssessmentSerializer(serializers.Serializer[Invite]):
    """An assessment of yours, and what you said of its report."""

    id = serializers.IntegerField()
    employer = serializers.CharField(source="assessment.employer.title")
    title = serializers.CharField(source="assessment.title")
    project = serializers.SlugField(source="assessment.project.slug")
    kinds = serializers.ListField(child=serializers.CharField(), source="assessment.kinds")
    state = serializers.ChoiceField(choices=STATES)
    begun_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SaySerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=("consent", "decline", "withdraw"))


class _ProofSerializer(serializers.Serializer[Evidence]):
    check = serializers.CharField()
    milestone = serializers.CharField()
    level = serializers.IntegerField()
    shows = serializers.IntegerField(help_text="The level that it counts for, with the help that was taken.")
    shown_at = serializers.DateTimeField()
    edition = serializers.IntegerField()
    hints = serializers.IntegerField(source="aid.hints")
    read_reference = serializers.BooleanField(source="aid.reference")
    lent = serializers.ListField(child=serializers.CharField())


class _AssessedSkillSerializer(serializers.Serializer[SkillLevel]):
    skill = serializers.CharField()
    level = serializers.IntegerField()
    suspended = serializers.BooleanField()
    evidence = _ProofSerializer(many=True)


class _MomentSerializer(serializers.Serializer[Moment]):
    at = serializers.DateTimeField()
    what = serializers.ChoiceField(choices=("begun", "commit", "run", "time", "ended"))
    text = serializers.CharField()
    milestone = serializers.CharField(source="kind")
    outcome = serializers.CharField()
    number = serializers.IntegerField()
    commit = serializers.CharField()


class _TriesSerializer(serializers.Serializer[Tries]):
    milestone = serializers.CharField(source="kind")
    check = serializers.CharField()
    question = serializers.CharField()
    level = serializers.IntegerField()
    tries = serializers.IntegerField()
    held = serializers.BooleanField()


class AssessmentReportSerializer(serializers.Serializer[Report]):
    """Skills, levels and evidence of this assessment alone, and how the work went; there is no score in it."""

    candidate = serializers.CharField(source="invite.user")
    title = serializers.CharField(source="assessment.title")
    begun_at = serializers.DateTimeField(source="invite.begun_at")
    ends_at = serializers.DateTimeField(source="invite.ends_at")
    waiting = serializers.IntegerField(help_text="How many runs have no verdict yet.")
    skills = _AssessedSkillSerializer(many=True, source="levels")
    milestones = serializers.SerializerMethodField()
    line = _MomentSerializer(many=True)
    tries = _TriesSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())

    def get_milestones(self, report: Report) -> list[dict[str, str]]:
        return [{"kind": one.kind, "state": standing.state} for one, standing in report.milestones]


class AddDomainFileSerializer(serializers.Serializer[Any]):
    project = serializers.SlugField()
    name = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=70_000, trim_whitespace=False)


class DomainFileSerializer(serializers.ModelSerializer[DomainFile]):
    """An employer's own telling of a project's data, and what the linter found."""

    project = serializers.SlugField(source="project.slug")
    edition = serializers.IntegerField(source="project.number")

    class Meta:
        model = DomainFile
        fields = (
            "id",
            "name",
            "project",
            "edition",
            "digest",
            "state",
            "progress",
            "faults",
            "report",
            "added_at",
            "measured_at",
        )
