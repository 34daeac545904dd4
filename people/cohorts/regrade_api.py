"""The API of regrades: begin one, read who would move, apply it, drop it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts import regrading
from people.cohorts.models import Membership, Power
from people.cohorts.movers import WAYS, Policy, read_prospect
from people.cohorts.queries import access_cohort
from people.learners.serializers import EditionSerializer
from people.replays.answering import answer_once


class ReasonSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="The milestone whose check it is.")
    question = serializers.CharField()
    sentence = serializers.CharField()
    is_now = serializers.BooleanField(help_text="Whether the other edition refuses by it, or the old one did.")


class MoverSerializer(serializers.Serializer[Any]):
    learner = serializers.CharField(help_text="Their name, or their team's.")
    people = serializers.ListField(child=serializers.CharField(), source="usernames")
    kind = serializers.CharField()
    way = serializers.ChoiceField(choices=WAYS, help_text="void: we could not judge it there.")
    submission = serializers.IntegerField(source="now.submission_id")
    before = serializers.CharField(source="before.outcome")
    now = serializers.CharField(source="now.outcome", help_text="What the other edition says of the same submission.")
    sentence = serializers.CharField()
    reasons = ReasonSerializer(many=True)


class TallySerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    question = serializers.CharField()
    down = serializers.IntegerField()
    up = serializers.IntegerField()


class TotalsSerializer(serializers.Serializer[Any]):
    up = serializers.IntegerField()
    down = serializers.IntegerField()
    same = serializers.IntegerField()
    void = serializers.IntegerField()


class ChoiceSerializer(serializers.Serializer[Any]):
    policy = serializers.ChoiceField(choices=Policy.choices)
    learners = serializers.IntegerField(help_text="How many would move.")


class RegradeSerializer(serializers.Serializer[Any]):
    edition = EditionSerializer()
    begun_by = serializers.CharField(source="regrade.trial.asked_by", allow_null=True)
    begun_at = serializers.DateTimeField(source="regrade.trial.asked_at")
    asked = serializers.IntegerField(source="progress.asked", help_text="How many runs it takes.")
    judged = serializers.IntegerField(source="progress.judged")
    is_judged = serializers.BooleanField(source="progress.is_judged", help_text="Whether it can be applied.")
    totals = TotalsSerializer(help_text="Milestones of learners, as far as they are judged; without test learners.")
    checks = TallySerializer(many=True, source="tallies", help_text="Which checks move them.")
    movers = MoverSerializer(many=True, help_text="Down, void and up; who stays the same is left out.")
    choices = ChoiceSerializer(many=True)


class PolicySerializer(serializers.Serializer[Any]):
    policy = serializers.ChoiceField(
        choices=Policy.choices,
        help_text="Who moves. No pass is lost: what is refused there keeps the one it has.",
    )


class AppliedSerializer(serializers.Serializer[Any]):
    moved = serializers.IntegerField()
    left = serializers.IntegerField(help_text="How many are still undecided: apply another policy, or drop it.")


class RegradeView(APIView):
    @extend_schema(responses=RegradeSerializer)
    def get(self, request: Request, slug: str, project: str) -> Response:
        """The project's regrade that waits for a decision; 409 `no-regrade` if there is none."""
        return Response(_tell(_access(request, slug), project))

    @extend_schema(request=None, responses={202: RegradeSerializer})
    @answer_once
    def post(self, request: Request, slug: str, project: str) -> Response:
        """Have the current edition judge, in the background, what the cohort's learners handed in in an older one."""
        leader = _access(request, slug)
        regrading.begin(leader, project)
        return Response(_tell(leader, project), status=202)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, project: str) -> Response:
        """Drop it: whoever is undecided stays, and what waits is not judged."""
        regrading.drop(_access(request, slug), project)
        return Response(status=204)


class ApplyRegradeView(APIView):
    @extend_schema(request=PolicySerializer, responses=AppliedSerializer)
    def post(self, request: Request, slug: str, project: str) -> Response:
        """Move those over whom the policy lets, once all is judged. The others stay undecided."""
        leader = _access(request, slug)
        asked = read_sent(PolicySerializer, request.data)
        applied = regrading.apply(leader, project, asked["policy"])
        return Response(AppliedSerializer(applied).data)


def _access(request: Request, slug: str) -> Membership:
    return access_cohort(read_user(request), slug, Power.LEAD)


def _tell(leader: Membership, project: str) -> dict[str, Any]:
    prospect = read_prospect(leader, regrading.require_undecided(leader, project))
    told: dict[str, Any] = RegradeSerializer(prospect).data
    return told
