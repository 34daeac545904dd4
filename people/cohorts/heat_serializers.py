"""What the API tells of a cohort at a glance: cells, what stops it, who is at risk, and the signals that say so."""

from typing import Any

from rest_framework import serializers

from people.learners.serializers import SentenceField


class StopSerializer(serializers.Serializer[Any]):
    milestone = serializers.CharField(source="kind", help_text="The one to which the check belongs.")
    check_name = serializers.CharField(source="check", help_text="did-not-run where the code stopped by itself.")
    question = serializers.CharField()
    sentence = SentenceField()


class CellSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    state = serializers.CharField(help_text="As in GET /api/enrolments.")
    submission = serializers.IntegerField(source="submission_id", allow_null=True, help_text="The newest.")
    refusals = serializers.IntegerField(help_text="How often what was handed in for it did not pass.")
    stops = StopSerializer(many=True)
    override = serializers.CharField(
        source="word.by", default=None, allow_null=True, help_text="Who set the state, where a leader did."
    )


class HeatRowSerializer(serializers.Serializer[Any]):
    learner = serializers.CharField(help_text="Username.")
    name = serializers.CharField()
    section = serializers.CharField(help_text="Empty where they are in none.")
    last_at = serializers.DateTimeField(allow_null=True, help_text="When they handed in last in this project.")
    cells = CellSerializer(many=True, help_text="None while they are not enrolled.")


class CheckedRowSerializer(serializers.Serializer[Any]):
    learner = serializers.CharField(help_text="Username.")
    name = serializers.CharField()
    section = serializers.CharField()
    submission = serializers.IntegerField(allow_null=True, help_text="Whose judgement it is.")
    answers = serializers.DictField(
        child=serializers.CharField(), help_text="By check: held, failed, not asked, broken or unjudged."
    )


class StopperSerializer(serializers.Serializer[Any]):
    milestone = serializers.CharField(source="kind")
    check_name = serializers.CharField(source="check", help_text="did-not-run where the code stopped by itself.")
    question = serializers.CharField()
    stopped = serializers.IntegerField(help_text="How many learners it stops now.")
    ever = serializers.IntegerField(help_text="How many it ever stopped.")
    past = serializers.IntegerField(help_text="How many of those have passed its milestone since.")
    tries = serializers.FloatField(allow_null=True, help_text="How many tries that took, as the median.")
    share = serializers.IntegerField(help_text="Per cent of all stops of now that are its own, or of one before it.")


class SignalSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="idle, in-a-row, attempts or due.")
    sentence = serializers.CharField()


class AtRiskSerializer(serializers.Serializer[Any]):
    learner = serializers.CharField(source="person.username")
    name = serializers.CharField(source="person.name")
    section = serializers.CharField(source="person.section")
    signals = SignalSerializer(many=True)


class ThresholdsSerializer(serializers.Serializer[Any]):
    """From when on each signal rings; null, or false, where it is switched off."""

    idle_days = serializers.IntegerField(allow_null=True, required=False, help_text="1 to 365.")
    failed_in_a_row = serializers.IntegerField(allow_null=True, required=False, help_text="2 to 50.")
    attempts_used = serializers.BooleanField(allow_null=True, required=False)
    due_days = serializers.IntegerField(allow_null=True, required=False, help_text="0 to 60.")
