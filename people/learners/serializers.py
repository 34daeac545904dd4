"""The shapes of what the API says. No logic: what is shown is what the rows and queries hold."""

from typing import Any

from rest_framework import serializers

from grading.judging import OUTPUT
from people.learners.models import RunEvent
from people.learners.retelling import retell


class SentenceField(serializers.CharField):
    """What was written down in English, in the language of whoever asks, where the sentence is one of ours."""

    def to_representation(self, value: str) -> str:
        return retell(super().to_representation(value))


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
    number = serializers.IntegerField(help_text="Counts the editions of the project, from 1.")
    version = serializers.CharField()
    digest = serializers.CharField()


class ProjectSerializer(EditionSerializer):
    summary = serializers.CharField()
    stakeholder = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    domains = serializers.ListField(child=serializers.CharField(), help_text="The businesses that its data may be of.")
    milestones = MilestoneSerializer(many=True, source="milestones.all")


class StorySerializer(ProjectSerializer):
    story = serializers.CharField(help_text="Markdown.")
    milestones = BriefSerializer(many=True, source="milestones.all")


class AttemptsSerializer(serializers.Serializer[Any]):
    left = serializers.IntegerField()
    size = serializers.IntegerField(help_text="How many there are when all have come back.")
    next_at = serializers.DateTimeField(allow_null=True, help_text="When one more comes back; null if none is missing.")


class WordSerializer(serializers.Serializer[Any]):
    outcome = serializers.CharField(help_text="What it counts as: passed or failed; of a check, held or failed.")
    machine = serializers.CharField(help_text="What the machine had said.")
    by = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class OverrideSerializer(WordSerializer):
    id = serializers.IntegerField(source="pk")
    check = serializers.CharField(source="check_name", help_text="Empty where it is the verdict that is overridden.")
    undone_by = serializers.CharField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True, help_text="null while it is in force.")


class StandingSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    state = serializers.CharField(
        help_text="locked, open, queued, running, passed, failed, broken, regressed, void, or lent: the reference "
        "stands in for it until it passes."
    )
    opener = serializers.CharField(allow_null=True, help_text="The milestone whose pass opens this one.")
    submission = serializers.IntegerField(source="submission_id", allow_null=True)
    passed_at = serializers.DateTimeField(allow_null=True)
    passed_in = serializers.IntegerField(
        allow_null=True, help_text="The number of the edition that it passed in, while your own has not passed it."
    )
    asks_more = SentenceField(help_text="What your edition said of the work that passed in that one.")
    lent_at = serializers.DateTimeField(allow_null=True)
    wrong_tries = serializers.IntegerField(help_text="Different trees that were judged and did not pass.")
    attempts = AttemptsSerializer(allow_null=True, help_text="null where attempts are not counted.")
    word = WordSerializer(
        allow_null=True, help_text="What somebody who leads said instead of the machine, where that is what counts."
    )


class CheckHintsSerializer(serializers.Serializer[Any]):
    check = serializers.CharField(help_text="The name of the check.")
    question = serializers.CharField()
    opened = serializers.ListField(child=serializers.CharField(), help_text="The hints that you have opened: Markdown.")
    all = serializers.IntegerField(help_text="How many hints this check has.")
    next = serializers.IntegerField(allow_null=True, help_text="The hint to open next; null when all are open.")
    cost = serializers.CharField(help_text="What opening the next one does to your evidence.")


class TierSerializer(serializers.Serializer[Any]):
    tier = serializers.IntegerField(min_value=1, help_text="Which hint to open: they are opened in their order.")


class LoanSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    lent_at = serializers.DateTimeField()


class EnrolSerializer(serializers.Serializer[Any]):
    domain = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Which business; the project's first unless given."
    )


class OfferSerializer(serializers.Serializer[Any]):
    edition = EditionSerializer()
    state = serializers.CharField(help_text="new, judging or judged: how far your own trial of it is.")
    page = serializers.CharField(help_text="Where to read what changed, to try it, and to move over.")


class ProspectSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    submission = serializers.IntegerField(source="run.submission_id", help_text="The newest that passed.")
    passed_in = serializers.IntegerField(source="run.edition.number", help_text="The edition that it passed in.")
    state = serializers.CharField(
        help_text="What the other edition says: queued, running, a verdict; untried, if it passed since; gone, if that "
        "edition has no such milestone."
    )
    sentence = serializers.CharField()
    unmet = serializers.ListField(child=serializers.CharField(), help_text="The required checks that do not hold.")


class OutlookSerializer(serializers.Serializer[Any]):
    edition = EditionSerializer()
    is_tried = serializers.BooleanField()
    is_judged = serializers.BooleanField(help_text="Whether you may move over.")
    milestones = ProspectSerializer(many=True, source="prospects")


class EnrolmentSerializer(serializers.Serializer[Any]):
    project = EditionSerializer()
    domain = serializers.CharField()
    started_at = serializers.DateTimeField()
    page = serializers.CharField(help_text="The address of its page.")
    repository = serializers.CharField(help_text="Where to clone from and push to; an access token is the password.")
    next = serializers.CharField(allow_null=True, help_text="The milestone to work on now; null when all have passed.")
    milestones = StandingSerializer(many=True)
    offer = OfferSerializer(allow_null=True, help_text="The current edition, when you are in another.")


class RunSerializer(serializers.Serializer[Any]):
    state = serializers.CharField(help_text="queued, running or done.")
    outcome = serializers.CharField(
        help_text="passed, failed, broken or void; superseded if it was never judged; empty until the run is done."
    )
    superseded_by = serializers.IntegerField(
        source="superseded_by_id", allow_null=True, help_text="The submission that is judged instead of this one."
    )
    sentence = SentenceField()
    edition = serializers.IntegerField(source="edition.number", help_text="The edition that judged, or will judge.")
    guilty = serializers.CharField(help_text="The milestone to mend, when it is another than the one handed in.")
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    question = SentenceField()
    answer = serializers.CharField(help_text="held, failed or not asked.")
    sentence = SentenceField()
    expected = serializers.CharField()
    found = serializers.CharField()
    details = serializers.ListField(child=serializers.DictField())
    plot = serializers.DictField(allow_null=True, help_text="A Vega-Lite specification with its rows in it, or null.")
    measured = serializers.FloatField(allow_null=True, help_text="What was measured, where the check has a mark.")
    mark = serializers.FloatField(allow_null=True, help_text="What it is measured against.")
    skills = serializers.ListField(child=serializers.CharField())
    level = serializers.IntegerField()
    points = serializers.IntegerField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class JudgementSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    outcome = serializers.CharField(help_text="As of a run; or lent: not judged, the reference stood in for it.")
    sentence = SentenceField()
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
    commit = serializers.CharField(source="submission.commit", help_text="The commit in your repository.")
    via = serializers.CharField(source="submission.via")
    created_at = serializers.DateTimeField(source="submission.created_at")
    url = serializers.CharField()
    events = serializers.CharField(help_text="Where to follow the run.")
    page = serializers.CharField(help_text="The address of its page.")
    run = RunSerializer()


class HelpSerializer(serializers.Serializer[Any]):
    what = serializers.CharField(help_text="hint, or reference: read before this was handed in.")
    check = serializers.CharField(source="check_name", help_text="Of a hint.")
    tier = serializers.IntegerField(help_text="Of a hint: 1 is the nudge, which costs nothing.")
    at = serializers.DateTimeField()


class FullSubmissionSerializer(SubmissionSerializer):
    run = FullRunSerializer()
    help = HelpSerializer(many=True, help_text="What had helped with its milestone before it was handed in.")
    overrides = OverrideSerializer(many=True, help_text="What leaders said beside the machine, which stays.")


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2000, help_text="The message of its commit."
    )


class HandInSerializer(MessageSerializer):
    tree = serializers.FileField(help_text="A zip of the project folder.")


class EventSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    milestone = serializers.CharField()
    kind = serializers.CharField(help_text="step, output (untrusted text), held, failed or not asked.")
    text = serializers.CharField()

    def to_representation(self, event: RunEvent) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(event)
        return told if event.kind == OUTPUT else {**told, "text": retell(told["text"])}


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
    project = serializers.CharField(default="", allow_blank=True, help_text="Only what was handed in for this project.")
