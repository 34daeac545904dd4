"""The shapes of what the API says. No logic: what is shown is what the rows and queries hold."""

from typing import Any

from rest_framework import serializers


class QuestionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    question = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    level = serializers.IntegerField()
    points = serializers.IntegerField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class MilestoneSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    position = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField()
    minutes = serializers.IntegerField()
    command = serializers.CharField()
    produces = serializers.DictField(child=serializers.FloatField(), help_text="File name and its most megabytes.")
    limits = serializers.DictField(child=serializers.FloatField())
    checks = QuestionSerializer(many=True, source="questions")


class BriefSerializer(MilestoneSerializer):
    brief = serializers.CharField(help_text="Markdown; {{ checks }} stands for the list of checks.")


class EditionSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    version = serializers.CharField()
    digest = serializers.CharField()


class ProjectSerializer(EditionSerializer):
    summary = serializers.CharField()
    stakeholder = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    milestones = MilestoneSerializer(many=True, source="milestones.all")


class StorySerializer(ProjectSerializer):
    story = serializers.CharField(help_text="Markdown.")
    milestones = BriefSerializer(many=True, source="milestones.all")


class StandingSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    state = serializers.CharField(help_text="locked, open, queued, running, passed, failed, broken, regressed or void.")
    opener = serializers.CharField(allow_null=True, help_text="The milestone whose pass opens this one.")
    submission = serializers.IntegerField(source="submission_id", allow_null=True)
    passed_at = serializers.DateTimeField(allow_null=True)


class EnrolmentSerializer(serializers.Serializer[Any]):
    project = EditionSerializer()
    domain = serializers.CharField()
    started_at = serializers.DateTimeField()
    page = serializers.CharField(help_text="The address of its page.")
    next = serializers.CharField(allow_null=True, help_text="The milestone to work on now; null when all have passed.")
    milestones = StandingSerializer(many=True)


class RunSerializer(serializers.Serializer[Any]):
    state = serializers.CharField(help_text="queued, running or done.")
    outcome = serializers.CharField(help_text="passed, failed, broken or void; empty until the run is done.")
    sentence = serializers.CharField()
    guilty = serializers.CharField(help_text="The milestone to mend, when it is another than the one handed in.")
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    question = serializers.CharField()
    answer = serializers.CharField(help_text="held, failed or not asked.")
    sentence = serializers.CharField()
    expected = serializers.CharField()
    found = serializers.CharField()
    details = serializers.ListField(child=serializers.DictField())
    skills = serializers.ListField(child=serializers.CharField())
    level = serializers.IntegerField()
    points = serializers.IntegerField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class JudgementSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    outcome = serializers.CharField()
    sentence = serializers.CharField()
    artefact = serializers.CharField()
    found_by_digest = serializers.BooleanField()
    cpu_s = serializers.FloatField()
    wall_s = serializers.FloatField()
    memory_mb = serializers.FloatField()
    limits = serializers.DictField(child=serializers.FloatField())
    output = serializers.CharField(help_text="The last that the code printed: untrusted text.")
    checks = AnswerSerializer(many=True, source="answers.all")


class FullRunSerializer(RunSerializer):
    digests = serializers.DictField(child=serializers.CharField(), help_text="All that the verdict hangs on.")
    chain = JudgementSerializer(many=True, source="judgements.all")


class SubmissionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="submission.pk")
    number = serializers.IntegerField(source="submission.number", help_text="Counted per enrolment.")
    project = serializers.CharField(source="submission.enrolment.project.slug")
    kind = serializers.CharField(source="submission.kind")
    tree = serializers.CharField(source="submission.tree", help_text="The digest of what was handed in.")
    via = serializers.CharField(source="submission.via")
    created_at = serializers.DateTimeField(source="submission.created_at")
    url = serializers.CharField()
    events = serializers.CharField(help_text="Where to follow the run.")
    page = serializers.CharField(help_text="The address of its page.")
    run = RunSerializer()


class FullSubmissionSerializer(SubmissionSerializer):
    run = FullRunSerializer()


class HandInSerializer(serializers.Serializer[Any]):
    tree = serializers.FileField(help_text="A zip of the project folder.")


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    milestone = serializers.CharField()
    text = serializers.CharField()


class WatchSerializer(serializers.Serializer[Any]):
    state = serializers.CharField(help_text="queued, running or done.")
    outcome = serializers.CharField()
    waiting_before = serializers.IntegerField(help_text="How many runs wait in front of this one.")
    events = EventSerializer(many=True)


class AfterSerializer(serializers.Serializer[Any]):
    after = serializers.IntegerField(
        default=0, min_value=0, max_value=2**63 - 1, help_text="The last id you have seen."
    )


class WhichSerializer(serializers.Serializer[Any]):
    project = serializers.CharField(default="", help_text="Only what was handed in for this project.")
