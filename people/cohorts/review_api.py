"""The API of reviewing: comments on lines and overrides, for who leads; comments and answers, for whose work it is."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts import reviewing
from people.cohorts.comments import access_override, access_own_thread, access_thread, list_threads
from people.cohorts.models import Comment, Membership, Power
from people.cohorts.queries import access_cohort, access_member_submission
from people.learners.models import Override, Submission
from people.learners.queries import access_submission
from people.learners.serializers import OverrideSerializer
from people.learners.words import list_overrides
from people.replays.answering import answer_once

MOST_LINES = 2**31 - 1


class SaidSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    author = serializers.CharField(allow_null=True)
    text = serializers.CharField(help_text="Untrusted text.")
    at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField(allow_null=True, help_text="When the learner read it.")


class ThreadSerializer(SaidSerializer):
    submission = serializers.IntegerField(source="submission_id")
    path = serializers.CharField()
    line = serializers.IntegerField(help_text="Of the file as it was handed in, from 1.")
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_by = serializers.CharField(allow_null=True)
    answers = SaidSerializer(many=True, source="answers.all")


class TextSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=reviewing.LONGEST_COMMENT)


class CommentSerializer(TextSerializer):
    path = serializers.CharField(max_length=200)
    line = serializers.IntegerField(min_value=1, max_value=MOST_LINES)


class WantedOverrideSerializer(serializers.Serializer[Any]):
    check = serializers.CharField(
        default="", allow_blank=True, max_length=80, help_text="The name of a check; empty for the verdict."
    )
    outcome = serializers.ChoiceField(
        Override.Outcome.choices, help_text="passed or failed for a verdict; held or failed for a check."
    )
    reason = serializers.CharField(max_length=2000)


class MemberCommentsView(APIView):
    @extend_schema(responses=ThreadSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """The threads about a submission of a learner whom you lead, by file and line."""
        _leader, submission = access_work(request, slug, pk, Power.LOOK)
        return Response(ThreadSerializer(list_threads(submission), many=True).data)

    @extend_schema(request=CommentSerializer, responses={201: ThreadSerializer})
    @answer_once
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Comment on a line of a file, as it was handed in."""
        leader, submission = access_work(request, slug, pk, Power.REVIEW)
        asked = read_sent(CommentSerializer, request.data)
        said = reviewing.comment(leader, submission, asked["path"], asked["line"], asked["text"])
        return Response(ThreadSerializer(said).data, status=201)


class AnswersView(APIView):
    @extend_schema(request=TextSerializer, responses={201: SaidSerializer})
    @answer_once
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Answer in a thread."""
        leader, thread = access_said(request, slug, pk)
        said = reviewing.answer_as_leader(leader, thread, read_sent(TextSerializer, request.data)["text"])
        return Response(SaidSerializer(said).data, status=201)


class ResolutionView(APIView):
    @extend_schema(request=None, responses=ThreadSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Resolve a thread; twice is no harm."""
        leader, thread = access_said(request, slug, pk)
        reviewing.resolve(leader, thread)
        return Response(ThreadSerializer(access_thread(leader, pk)).data)

    @extend_schema(responses={200: ThreadSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Open a thread again; twice is no harm."""
        leader, thread = access_said(request, slug, pk)
        reviewing.reopen(leader, thread)
        return Response(ThreadSerializer(access_thread(leader, pk)).data)


class OverridesView(APIView):
    @extend_schema(responses=OverrideSerializer(many=True))
    def get(self, request: Request, slug: str, pk: int) -> Response:
        """What leaders said of a submission beside the machine, undone or not, oldest first."""
        _leader, submission = access_work(request, slug, pk, Power.LOOK)
        return Response(OverrideSerializer(list_overrides(submission), many=True).data)

    @extend_schema(request=WantedOverrideSerializer, responses={201: OverrideSerializer})
    @answer_once
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Let the verdict, or one check, count as something else than the machine says, which stays beside it."""
        leader, submission = access_work(request, slug, pk, Power.LEAD)
        asked = read_sent(WantedOverrideSerializer, request.data)
        said = reviewing.override(leader, submission, asked["check"], asked["outcome"], asked["reason"])
        return Response(OverrideSerializer(said).data, status=201)


class OverrideView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Undo an override: it stays in the record, and the machine's answer counts again. Twice is no harm."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        reviewing.undo(leader, access_override(leader, pk))
        return Response(status=204)


class OwnCommentsView(APIView):
    @extend_schema(responses=ThreadSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The threads about a submission of yours, by file and line."""
        submission = access_submission(read_user(request), pk)
        return Response(ThreadSerializer(list_threads(submission), many=True).data)


class OwnAnswersView(APIView):
    @extend_schema(request=TextSerializer, responses={201: SaidSerializer})
    @answer_once
    def post(self, request: Request, pk: int, comment: int) -> Response:
        """Answer in a thread about a submission of yours."""
        user = read_user(request)
        thread = access_own_thread(user, pk, comment)
        said = reviewing.answer(user, thread, read_sent(TextSerializer, request.data)["text"])
        return Response(SaidSerializer(said).data, status=201)


def access_work(request: Request, slug: str, pk: int, power: Power) -> tuple[Membership, Submission]:
    leader = access_cohort(read_user(request), slug, power)
    return leader, access_member_submission(leader, pk)


def access_said(request: Request, slug: str, pk: int) -> tuple[Membership, Comment]:
    leader = access_cohort(read_user(request), slug, Power.REVIEW)
    return leader, access_thread(leader, pk)
