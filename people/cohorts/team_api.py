"""The API of teams, for who leads: parses what is asked, and answers."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts.models import Power
from people.cohorts.queries import access_cohort
from people.cohorts.serializers import FormTeamSerializer, LearnerNameSerializer, TeamSerializer
from people.cohorts.teams import find_team, form_team, let_in, let_out, list_teams
from people.learners.models import Enrolment
from people.replays.answering import answer_once


class TeamsView(GenericAPIView[Enrolment]):
    serializer_class = TeamSerializer

    @extend_schema(responses=TeamSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The teams of a cohort that you lead."""
        page = self.paginate_queryset(list_teams(access_cohort(read_user(request), slug))) or []
        return self.get_paginated_response(TeamSerializer(page, many=True).data)

    @extend_schema(request=FormTeamSerializer, responses={201: TeamSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Have one to six learners take a project together. What each had begun alone rests meanwhile."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        asked = read_sent(FormTeamSerializer, request.data)
        made = form_team(leader, *(asked[name] for name in ("project", "name", "learners")))
        return Response(TeamSerializer(find_team(leader, made.pk)).data, status=201)


class TeamMembersView(APIView):
    @extend_schema(request=LearnerNameSerializer, responses=TeamSerializer)
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Let one more learner in; whoever is in it already stays in it."""
        leader = access_cohort(read_user(request), slug, Power.LEAD)
        asked = read_sent(LearnerNameSerializer, request.data)
        let_in(leader, pk, asked["learner"])
        return Response(TeamSerializer(find_team(leader, pk)).data)


class TeamMemberView(APIView):
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, slug: str, pk: int, username: str) -> Response:
        """Let a learner out; what they did in the team stays in their evidence."""
        let_out(access_cohort(read_user(request), slug, Power.LEAD), pk, username)
        return Response(status=204)
