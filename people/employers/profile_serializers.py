"""How the API tells levels, evidence, stories, disclosures and rationales; and what it reads to make them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from people.employers import countersigning, disclosing
from people.employers.alignments import list_alignments
from people.employers.levels import Evidence, SkillLevel
from people.employers.models import Countersign


class PartSerializer(serializers.Serializer[Any]):
    commits = serializers.IntegerField()
    of = serializers.IntegerField()
    people = serializers.IntegerField()


class SourceSerializer(serializers.Serializer[Any]):
    commit = serializers.CharField()
    draw = serializers.IntegerField(help_text="Which draw of the learner's world.")
    tries = serializers.IntegerField(help_text="The how-manieth try it was.")
    digests = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_digests(self, source: Any) -> dict[str, str]:
        return dict(source.digests)


class EvidenceSerializer(serializers.Serializer[Any]):
    check = serializers.CharField()
    question = serializers.CharField()
    level = serializers.IntegerField(help_text="That the check is made for.")
    shows = serializers.IntegerField(help_text="That it counts for; help, a loan or a word make it less.")
    project = serializers.CharField(source="slug")
    domain = serializers.CharField()
    milestone = serializers.CharField()
    edition = serializers.IntegerField()
    shown_at = serializers.DateTimeField()
    regressed = serializers.BooleanField()
    hints = serializers.IntegerField(source="aid.hints")
    reference = serializers.BooleanField(source="aid.reference", help_text="Whether it was read before.")
    lent = serializers.ListField(child=serializers.CharField(), help_text="What the reference stood in for.")
    part = PartSerializer(allow_null=True, help_text="Of a team's commits.")
    hangs_on = SourceSerializer(source="source")


class AlignmentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    url = serializers.CharField()
    framework = serializers.CharField()


class SkillLevelSerializer(serializers.Serializer[Any]):
    skill = serializers.CharField()
    level = serializers.IntegerField()
    suspended = serializers.BooleanField(help_text="Whether a regression makes it less than it was.")
    was = serializers.IntegerField(help_text="What it would be if nothing had regressed.")
    lacks = serializers.ListField(child=serializers.CharField(), help_text="What keeps level 4 from level 5.")
    alignments = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()

    @extend_schema_field(AlignmentSerializer(many=True))
    def get_alignments(self, level: SkillLevel) -> Any:
        return AlignmentSerializer(list_alignments(level.skill), many=True).data

    @extend_schema_field(EvidenceSerializer(many=True))
    def get_evidence(self, level: SkillLevel) -> Any:
        machine: list[Evidence] = [item for item in level.evidence if not item.word]
        return EvidenceSerializer(machine, many=True).data


class ProvedSerializer(serializers.Serializer[Any]):
    check = serializers.CharField()
    question = serializers.CharField()
    level = serializers.IntegerField()
    skills = serializers.ListField(child=serializers.CharField())
    measured = serializers.FloatField(allow_null=True)
    mark = serializers.FloatField(allow_null=True)


class MendSerializer(serializers.Serializer[Any]):
    broke_at = serializers.DateTimeField()
    handed_in = serializers.CharField(help_text="The milestone that was worked on then.")
    mended_at = serializers.DateTimeField(allow_null=True)


class ChapterSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    begun_at = serializers.DateTimeField(allow_null=True)
    passed_at = serializers.DateTimeField(allow_null=True)
    tries = serializers.IntegerField()
    proved = ProvedSerializer(many=True)
    artefact = serializers.CharField(help_text="Digest of what it handed on.")
    commit = serializers.CharField()
    mends = MendSerializer(many=True)
    hints = serializers.IntegerField()
    reference = serializers.BooleanField()
    lent = serializers.ListField(child=serializers.CharField())
    part = PartSerializer(allow_null=True)
    by_word = serializers.BooleanField(help_text="Whether a leader's word let it pass.")


class ProjectStorySerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    domain = serializers.CharField()
    edition = serializers.IntegerField()
    begun_at = serializers.DateTimeField()
    team = serializers.BooleanField()
    is_whole = serializers.BooleanField(help_text="Whether the chain holds from end to end today.")
    chapters = ChapterSerializer(many=True)


class WantedDisclosureSerializer(serializers.Serializer[Any]):
    skills = serializers.ListField(child=serializers.SlugField(), default=list)
    projects = serializers.ListField(child=serializers.SlugField(), default=list)
    shows_evidence = serializers.BooleanField(default=True)
    shows_name = serializers.BooleanField(default=True)
    days = serializers.IntegerField(default=disclosing.USUAL_DAYS, min_value=1, max_value=disclosing.MOST_DAYS)
    meant_for = serializers.CharField(default="", allow_blank=True, max_length=disclosing.LONGEST_NOTE)


class DisclosureSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    token = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    projects = serializers.ListField(child=serializers.CharField())
    shows_evidence = serializers.BooleanField()
    shows_name = serializers.BooleanField()
    meant_for = serializers.CharField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    is_open = serializers.BooleanField()
    opened = serializers.IntegerField(help_text="How often, without your own looks.")


class LookSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    page = serializers.CharField()
    employer = serializers.CharField(allow_null=True, help_text="For whom, if the viewer acts for an employer.")
    has_account = serializers.SerializerMethodField()

    def get_has_account(self, look: Any) -> bool:
        return look.viewer_id is not None


class DisclosureWithLooksSerializer(DisclosureSerializer):
    looks = LookSerializer(many=True)


class ShownSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(source="label", help_text="A name, or a pseudonym.")
    is_named = serializers.BooleanField()
    shows_evidence = serializers.BooleanField()
    expires_at = serializers.DateTimeField()
    levels = SkillLevelSerializer(many=True)
    stories = ProjectStorySerializer(many=True)


class WantedRationaleSerializer(serializers.Serializer[Any]):
    skill = serializers.SlugField()
    text = serializers.CharField(
        min_length=countersigning.SHORTEST_TEXT, max_length=countersigning.LONGEST_TEXT, help_text="Markdown."
    )


class CountersignSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(Countersign.Outcome.choices)
    reason = serializers.CharField()
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    undone_by = serializers.CharField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)


class RationaleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    learner = serializers.CharField(source="user.username")
    skill = serializers.CharField()
    text = serializers.CharField(help_text="Untrusted Markdown.")
    asked_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    words = CountersignSerializer(many=True, source="words.all")


class RationaleAnswerSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(Countersign.Outcome.choices)
    reason = serializers.CharField(min_length=countersigning.SHORTEST_REASON, max_length=countersigning.LONGEST_REASON)
