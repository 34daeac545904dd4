"""The API of roles, candidates and how they match: parses what is asked, and answers."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.employers import candidates, roles
from people.employers.comparing import compare_candidates, match_candidate, match_oneself
from people.employers.desks import access_employer
from people.employers.models import Candidate, Post, Power
from people.employers.occupations import find_occupation
from people.employers.role_files import Profile, parse_profile, read_ready, write_yaml
from people.employers.roles_serializers import (
    CandidateNoteSerializer,
    FitLineSerializer,
    ImportSerializer,
    KeepSerializer,
    KeptSerializer,
    MatchedSerializer,
    ProfileSerializer,
)
from people.replays.answering import answer_once

CHOSEN = OpenApiParameter("candidate", int, many=True, required=True, description="At most six; their order is kept.")


def _hire(request: Request, slug: str, power: Power = Power.READ) -> Post:
    return access_employer(read_user(request), slug, power)


def _read_profile(request: Request) -> Profile:
    return Profile(**read_sent(ProfileSerializer, request.data))


class RolesView(APIView):
    parser_classes = (JSONParser,)

    @extend_schema(responses=ProfileSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The employer's own roles, and those that come with Milepost."""
        return Response(ProfileSerializer(roles.list_profiles(_hire(request, slug)), many=True).data)

    @extend_schema(request=ProfileSerializer, responses={201: ProfileSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Keep a role of the employer's own."""
        made = roles.keep_role(_hire(request, slug, Power.HIRE), _read_profile(request))
        return Response(ProfileSerializer(roles.tell_profile(made)).data, status=201)


class ImportRoleView(APIView):
    @extend_schema(request=ImportSerializer, responses={201: ProfileSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Keep a role as YAML says it, or as an occupation of ESCO has it: with our skills at level 3."""
        post = _hire(request, slug, Power.HIRE)
        told = read_sent(ImportSerializer, request.data)
        profile = parse_profile(told["yaml"]) if told["yaml"] else find_occupation(told["occupation"]).profile
        return Response(ProfileSerializer(roles.tell_profile(roles.keep_role(post, profile))).data, status=201)


class RoleView(APIView):
    parser_classes = (JSONParser,)

    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request, slug: str, role: str) -> Response:
        """What a role needs: one of the employer's own, or one that comes with Milepost."""
        return Response(ProfileSerializer(roles.find_profile(_hire(request, slug), role)).data)

    @extend_schema(request=ProfileSerializer, responses=ProfileSerializer)
    def put(self, request: Request, slug: str, role: str) -> Response:
        """Change one of the employer's own; its address stays."""
        made = roles.change_role(_hire(request, slug, Power.HIRE), role, _read_profile(request))
        return Response(ProfileSerializer(roles.tell_profile(made)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, role: str) -> Response:
        """Delete one of the employer's own."""
        roles.delete_role(_hire(request, slug, Power.HIRE), role)
        return Response(status=204)


class RoleFileView(APIView):
    @extend_schema(responses={(200, "application/yaml"): OpenApiTypes.OBJECT})
    def get(self, request: Request, slug: str, role: str) -> HttpResponse:
        """The role as a YAML file that can be imported again."""
        profile = roles.find_profile(_hire(request, slug), role)
        return HttpResponse(write_yaml(profile), content_type="application/yaml; charset=utf-8")


class CandidatesView(GenericAPIView[Candidate]):
    serializer_class = KeptSerializer

    @extend_schema(responses=KeptSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The candidates that the employer keeps; of those whose link is dead, the employer's own note and no more."""
        page = self.paginate_queryset(candidates.list_candidates(_hire(request, slug))) or []
        kept = [candidates.tell_kept(one) for one in page]
        return self.get_paginated_response(KeptSerializer(kept, many=True).data)

    @extend_schema(request=KeepSerializer, responses={201: KeptSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Keep a link that a learner sent, who sees it opened. Every link that shows nothing is the same 404."""
        post = _hire(request, slug, Power.HIRE)
        told = read_sent(KeepSerializer, request.data)
        made = candidates.keep_candidate(post, told["link"], told["note"])
        return Response(KeptSerializer(candidates.tell_kept(made)).data, status=201)


class CandidateView(APIView):
    @extend_schema(request=CandidateNoteSerializer, responses=KeptSerializer)
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Change the employer's note on a candidate."""
        told = read_sent(CandidateNoteSerializer, request.data)
        made = candidates.amend_candidate(_hire(request, slug, Power.HIRE), pk, told["note"])
        return Response(KeptSerializer(candidates.tell_kept(made)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Let go of a candidate."""
        candidates.drop_candidate(_hire(request, slug, Power.HIRE), pk)
        return Response(status=204)


class MatchView(APIView):
    @extend_schema(responses=MatchedSerializer)
    def get(self, request: Request, slug: str, pk: int, role: str) -> Response:
        """A candidate beside a role, gap by gap; without a line once the link is dead. Their learner sees the look."""
        post = _hire(request, slug)
        profile = roles.find_profile(post, role)
        found = match_candidate(post, candidates.access_candidate(post, pk), profile)
        return Response(MatchedSerializer(found).data)


class CompareView(APIView):
    @extend_schema(parameters=[CHOSEN], responses=MatchedSerializer(many=True))
    def get(self, request: Request, slug: str, role: str) -> Response:
        """Several candidates beside a role, in the order in which they are named. There is no total."""
        post = _hire(request, slug)
        profile = roles.find_profile(post, role)
        chosen = candidates.choose_candidates(post, request.query_params.getlist("candidate"))
        return Response(MatchedSerializer(compare_candidates(post, chosen, profile).candidates, many=True).data)


class OwnRolesView(APIView):
    @extend_schema(responses=ProfileSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The roles that come with Milepost."""
        return Response(ProfileSerializer(list(read_ready().values()), many=True).data)


class OwnRoleView(APIView):
    @extend_schema(operation_id="me_roles_match", responses=FitLineSerializer(many=True))
    def get(self, request: Request, role: str) -> Response:
        """What a role would still ask of you, on all that you have shown. Nobody else sees it."""
        lines: Any = match_oneself(read_user(request), roles.find_ready(role))
        return Response(FitLineSerializer(lines, many=True).data)
