"""What operators' scripts read: the same as stands on their page."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from people.operators.letters import DISMISS, RING
from people.operators.models import DeadLetter, WorkerReport
from people.operators.sight import Sight
from people.operators.troubles import list_working

DEEDS = (RING, DISMISS)


class TroubleSerializer(serializers.Serializer[Any]):
    severity = serializers.ChoiceField(choices=("down", "warning"))
    code = serializers.CharField(help_text="A word for programs; it does not change.")
    sentence = serializers.CharField()
    remedy = serializers.CharField()


class QueueSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="submissions, trials or rehearsals")
    waiting = serializers.IntegerField()
    running = serializers.IntegerField()
    expired = serializers.IntegerField(help_text="Claimed by a worker that has fallen silent.")
    again = serializers.IntegerField(help_text="Waiting after a void try.")
    oldest_age_seconds = serializers.FloatField(help_text="The signal to scale workers by.")


class DoingSerializer(serializers.Serializer[Any]):
    queue = serializers.CharField()
    pk = serializers.IntegerField()
    about = serializers.CharField(help_text="project/milestone")
    started_at = serializers.DateTimeField(allow_null=True)
    lease_until = serializers.DateTimeField()
    beat_at = serializers.DateTimeField(help_text="When its worker last said that it works on it.")
    tries = serializers.IntegerField()
    step = serializers.CharField()
    worker = serializers.CharField(help_text="As it last reported; empty where it has not yet.")


class WorkerSerializer(serializers.ModelSerializer[WorkerReport]):
    class Meta:
        model = WorkerReport
        exclude = ("id",)


class LetterSerializer(serializers.ModelSerializer[DeadLetter]):
    class Meta:
        model = DeadLetter
        fields = ("id", "task", "arguments", "fault", "error", "count", "first_at", "last_at")


class CohortQueueSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    waiting = serializers.IntegerField()
    oldest_at = serializers.DateTimeField()


class VoidRunSerializer(serializers.Serializer[Any]):
    pk = serializers.IntegerField()
    about = serializers.CharField(help_text="project/milestone")
    finished_at = serializers.DateTimeField()
    cause = serializers.CharField()


class VoidCauseSerializer(serializers.Serializer[Any]):
    cause = serializers.CharField()
    runs = VoidRunSerializer(many=True)


class SightSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    sentence = serializers.CharField(help_text="All is well, or the worst of what is not.")
    troubles = TroubleSerializer(many=True)
    queues = QueueSerializer(many=True)
    cohorts = CohortQueueSerializer(many=True)
    doing = DoingSerializer(many=True)
    working = serializers.IntegerField(help_text="Workers that report.")
    workers = WorkerSerializer(many=True)
    beat_at = serializers.DateTimeField(allow_null=True)
    voids = VoidCauseSerializer(many=True, help_text="Of the last seven days, by cause.")
    dead_letters = LetterSerializer(many=True)


class DeedSerializer(serializers.Serializer[Any]):
    deed = serializers.ChoiceField(choices=DEEDS, help_text="ring for the task again, or dismiss it")


def describe_sight(sight: Sight) -> dict[str, Any]:
    vitals = sight.vitals
    told = {
        "at": vitals.now,
        "sentence": sight.sentence,
        "troubles": sight.troubles,
        "queues": [{**asdict(one), "oldest_age_seconds": one.age(vitals.now)} for one in vitals.queues],
        "cohorts": sight.cohorts,
        "doing": sight.doing,
        "working": len(list_working(vitals)),
        "workers": vitals.workers,
        "beat_at": vitals.beat_at,
        "voids": sight.voids,
        "dead_letters": sight.letters,
    }
    return dict(SightSerializer(told).data)
