"""The API of what a learner has shown: levels, stories, the links that show them, and what is countersigned."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.models import User
from people.accounts.requests import read_sent, read_user
from people.employers import countersigning, disclosing
from people.employers.models import Countersign
from people.employers.profile_serializers import (
    DisclosureSerializer,
    DisclosureWithLooksSerializer,
    LookSerializer,
    ProjectStorySerializer,
    RationaleAnswerSerializer,
    RationaleSerializer,
    ShownSerializer,
    SkillLevelSerializer,
    WantedDisclosureSerializer,
    WantedRationaleSerializer,
)
from people.employers.queries import read_skill_levels
from people.employers.stories import read_story
from people.replays.answering import answer_once

MOST_LOOKS = 1000
ANSWERS = {
    Countersign.Outcome.COUNTERSIGNED: countersigning.countersign,
    Countersign.Outcome.RETURNED: countersigning.send_back,
}


class SkillsView(APIView):
    @extend_schema(responses=SkillLevelSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your level in every skill, derived from your evidence as it is now, which is listed."""
        return Response(SkillLevelSerializer(read_skill_levels(read_user(request)), many=True).data)


class StoryView(APIView):
    @extend_schema(responses=ProjectStorySerializer)
    def get(self, request: Request, slug: str) -> Response:
        """How you came through a project, milestone by milestone."""
        return Response(ProjectStorySerializer(read_story(read_user(request), slug)).data)


class DisclosuresView(GenericAPIView[Any]):
    serializer_class = DisclosureSerializer

    @extend_schema(responses=DisclosureSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The links by which you show your evidence, newest first."""
        page = self.paginate_queryset(disclosing.list_disclosures(read_user(request)))
        return self.get_paginated_response(DisclosureSerializer(page, many=True).data)

    @extend_schema(request=WantedDisclosureSerializer, responses={201: DisclosureSerializer})
    @answer_once
    def post(self, request: Request) -> Response:
        """Make a link that shows these skills and projects, until it ends or you take it back."""
        user, asked = read_user(request), read_sent(WantedDisclosureSerializer, request.data)
        made = disclosing.disclose(user, asked.pop("skills"), asked.pop("projects"), **asked)
        return Response(DisclosureSerializer(disclosing.access_disclosure(user, made.pk)).data, status=201)


class DisclosureView(APIView):
    @extend_schema(responses=DisclosureWithLooksSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One of your links, with who opened it, newest first."""
        found = disclosing.access_disclosure(read_user(request), pk)
        looks = LookSerializer(disclosing.list_looks(found)[:MOST_LOOKS], many=True)
        return Response({**DisclosureSerializer(found).data, "looks": looks.data})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take a link back: it shows nothing any more. Twice is no harm."""
        disclosing.revoke(read_user(request), pk)
        return Response(status=204)


class SharedView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(responses=ShownSerializer)
    def get(self, request: Request, token: str) -> Response:
        """What a link shows, to whoever has it. Every link that shows nothing is answered by the same problem."""
        viewer = request.user if isinstance(request.user, User) else None
        shown = disclosing.open_disclosure(token, viewer, "api")
        return Response(ShownSerializer(shown).data, headers={"Cache-Control": "no-store, private"})


class OwnRationalesView(GenericAPIView[Any]):
    serializer_class = RationaleSerializer

    @extend_schema(responses=RationaleSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What you wrote of your skills, newest first, with what was said to it."""
        page = self.paginate_queryset(countersigning.list_rationales(read_user(request)).select_related("user"))
        return self.get_paginated_response(RationaleSerializer(page, many=True).data)

    @extend_schema(request=WantedRationaleSerializer, responses={201: RationaleSerializer})
    @answer_once
    def post(self, request: Request) -> Response:
        """Ask those who lead you to countersign what you write of a skill; what you asked before is withdrawn."""
        asked = read_sent(WantedRationaleSerializer, request.data)
        return Response(RationaleSerializer(countersigning.ask(read_user(request), **asked)).data, status=201)


class OwnRationaleView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Withdraw it; if it was countersigned, that counts no more. Twice is no harm."""
        countersigning.withdraw(read_user(request), pk)
        return Response(status=204)


class RationalesView(GenericAPIView[Any]):
    serializer_class = RationaleSerializer

    @extend_schema(responses=RationaleSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What those whom you lead wrote of their skills, answered or not, oldest first."""
        page = self.paginate_queryset(countersigning.list_readable(read_user(request)))
        return self.get_paginated_response(RationaleSerializer(page, many=True).data)


class RationaleAnswerView(APIView):
    @extend_schema(request=RationaleAnswerSerializer, responses={201: RationaleSerializer})
    @answer_once
    def post(self, request: Request, pk: int) -> Response:
        """Countersign it by your name, or send it back; never your own."""
        leader, asked = read_user(request), read_sent(RationaleAnswerSerializer, request.data)
        ANSWERS[asked["outcome"]](leader, countersigning.access_readable(leader, pk), asked["reason"])
        return Response(RationaleSerializer(countersigning.access_readable(leader, pk)).data, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Undo what was said to it; it stays in the record. Twice is no harm."""
        leader = read_user(request)
        countersigning.undo(leader, countersigning.access_readable(leader, pk))
        return Response(status=204)
