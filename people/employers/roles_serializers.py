"""What the API of roles, candidates and matches tells and takes. The rooms say what may be; here only shapes."""

from typing import Any

from rest_framework import serializers

from people.employers.matching import Fit, Line

FITS = [(fit.value, fit.value) for fit in Fit]


class LevelsField(serializers.DictField):
    child = serializers.IntegerField(min_value=1, max_value=5)


class ProfileSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField(read_only=True)
    title = serializers.CharField(max_length=120)
    summary = serializers.CharField(max_length=1000, default="", allow_blank=True)
    occupation = serializers.CharField(max_length=200, default="", allow_blank=True, help_text="Its address in ESCO.")
    required = LevelsField(default=dict, help_text="Skill: level from 1 to 5.")  # type: ignore[assignment]
    wanted = LevelsField(default=dict, help_text="Skill: level from 1 to 5.")
    is_ready = serializers.BooleanField(read_only=True, default=False, help_text="It came with Milepost.")


class ImportSerializer(serializers.Serializer[Any]):
    """One of both."""

    yaml = serializers.CharField(default="", allow_blank=True, trim_whitespace=False, max_length=20_000)
    occupation = serializers.CharField(default="", allow_blank=True, max_length=500, help_text="Its address in ESCO.")


class KeptSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    note = serializers.CharField()
    is_open = serializers.BooleanField(help_text="False once the link is dead: then nothing of it is told.")
    name = serializers.CharField(help_text="As whoever sent the link shows themselves.")


class CandidateNoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(default="", allow_blank=True, max_length=200)


class KeepSerializer(CandidateNoteSerializer):
    link = serializers.CharField(max_length=500, help_text="The link that a learner sent.")


class PercentileSerializer(serializers.Serializer[Any]):
    """Of so many learners of this instance with evidence in the skill, on this day, so many are there or above."""

    learners = serializers.IntegerField()
    at = serializers.DateTimeField()
    percent = serializers.IntegerField()


class CloserSerializer(serializers.Serializer[Any]):
    project = serializers.SlugField()
    milestone = serializers.CharField(source="kind")
    checks = serializers.SerializerMethodField()

    def get_checks(self, closer: Any) -> list[dict[str, Any]]:
        return [{"level": level, "check": check, "question": question} for level, check, question in closer.checks]


class ProofSerializer(serializers.Serializer[Any]):
    check_name = serializers.CharField(source="check")
    level = serializers.IntegerField(source="shows", help_text="The level that it counts for.")
    project = serializers.CharField()
    milestone = serializers.CharField()
    shown_at = serializers.DateTimeField()
    regressed = serializers.BooleanField()


class FitLineSerializer(serializers.Serializer[Line]):
    skill = serializers.SlugField()
    needed = serializers.IntegerField()
    is_required = serializers.BooleanField()
    fit = serializers.ChoiceField(choices=FITS)
    shown = serializers.IntegerField(allow_null=True, help_text="Null where nothing of the skill was shared.")
    suspended = serializers.BooleanField()
    evidence = ProofSerializer(many=True)
    closers = CloserSerializer(many=True)
    needs_person = serializers.BooleanField(help_text="Level 5: a second business, and words that somebody signs.")
    standing = PercentileSerializer(allow_null=True)


class MatchedSerializer(serializers.Serializer[Any]):
    candidate = KeptSerializer(source="kept")
    lines = FitLineSerializer(many=True)
