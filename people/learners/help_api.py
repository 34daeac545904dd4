"""The part of the learner's API that helps on: hints and loans. Parses and answers, and decides nothing."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.learners import helping, queries
from people.learners.models import Help
from people.learners.serializers import CheckHintsSerializer, LoanSerializer, TierSerializer


class HintsView(GenericAPIView[Help]):
    serializer_class = CheckHintsSerializer

    @extend_schema(responses=CheckHintsSerializer(many=True))
    def get(self, request: Request, slug: str, kind: str) -> Response:
        """The hints of each check that you have opened, how many there are, and what the next one costs."""
        enrolment, milestone = queries.access_milestone(read_user(request), slug, kind)
        page = self.paginate_queryset(helping.read_check_hints(milestone, enrolment)) or []
        return self.get_paginated_response(CheckHintsSerializer(page, many=True).data)


class HintView(APIView):
    @extend_schema(request=TierSerializer, responses=CheckHintsSerializer)
    def post(self, request: Request, slug: str, kind: str, check: str) -> Response:
        """Open a hint of a check. Asking twice is no harm; 409 `out-of-order` if one before it is closed."""
        enrolment, milestone = queries.access_milestone(read_user(request), slug, kind)
        asked = read_sent(TierSerializer, request.data)
        helping.open_hint(enrolment, milestone, check, asked["tier"])
        told = next(one for one in helping.read_check_hints(milestone, enrolment) if one.check == check)
        return Response(CheckHintsSerializer(told).data)


class LoanView(APIView):
    @extend_schema(request=None, responses=LoanSerializer)
    def post(self, request: Request, slug: str, kind: str) -> Response:
        """Go on with what the reference makes of this milestone, until your own passes. It shows nothing of yours.

        409 `too-early` before enough different tries, unless an instructor allows it.
        """
        enrolment, milestone = queries.access_milestone(read_user(request), slug, kind)
        return Response(LoanSerializer(helping.lend(enrolment, milestone.kind)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, slug: str, kind: str) -> Response:
        """Give it back; 409 `built-on` once a later milestone has passed on it, `being-judged` while one may."""
        enrolment, milestone = queries.access_milestone(read_user(request), slug, kind)
        helping.take_back(enrolment, milestone.kind)
        return Response(status=204)
