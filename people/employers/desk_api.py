"""The API of an employer's desk: parses what is asked, and answers. What is allowed `access_employer` decides."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.employers import posts
from people.employers.desk_serializers import (
    ColleagueSerializer,
    EmployerLineSerializer,
    MakePostOfferSerializer,
    NamingSerializer,
    PostOfferSerializer,
    PostRoleSerializer,
    PostSerializer,
)
from people.employers.desks import access_employer, list_lines, list_posts
from people.employers.founding import Naming, found, settle
from people.employers.models import EmployerLine, Post, Power
from people.replays.answering import answer_once


class EmployersView(ListAPIView[Post]):
    """The employers that you act for."""

    serializer_class = PostSerializer

    def get_queryset(self) -> QuerySet[Post]:
        return list_posts(read_user(self.request))

    @extend_schema(request=NamingSerializer, responses={201: PostSerializer})
    @answer_once
    def post(self, request: Request) -> Response:
        """Create an employer, which you then own; for everybody or for staff, as the site says."""
        made = found(read_user(request), Naming(**read_sent(NamingSerializer, request.data)))
        return Response(PostSerializer(made).data, status=201)


class EmployerView(APIView):
    @extend_schema(responses=PostSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """An employer that you act for; for anybody else there is none."""
        return Response(PostSerializer(access_employer(read_user(request), slug)).data)

    @extend_schema(request=NamingSerializer, responses=PostSerializer)
    def put(self, request: Request, slug: str) -> Response:
        """Change what it is called; owners only."""
        post = access_employer(read_user(request), slug, Power.OWN)
        settle(post, Naming(**read_sent(NamingSerializer, request.data)))
        return Response(PostSerializer(post).data)


class ColleaguesView(APIView):
    @extend_schema(responses=ColleagueSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Who acts for the employer."""
        post = access_employer(read_user(request), slug)
        return Response([ColleagueSerializer(one).data for one in posts.list_colleagues(post)])


class ColleagueView(APIView):
    @extend_schema(request=PostRoleSerializer, responses=ColleagueSerializer)
    def put(self, request: Request, slug: str, username: str) -> Response:
        """Change somebody's role; owners only. One owner stays."""
        post = access_employer(read_user(request), slug, Power.OWN)
        told = read_sent(PostRoleSerializer, request.data)
        return Response(ColleagueSerializer(posts.reappoint(post, username, told["role"])).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, username: str) -> Response:
        """End a post: owners anybody's, everybody their own. One owner stays."""
        posts.dismiss(access_employer(read_user(request), slug), username)
        return Response(status=204)


class OffersView(APIView):
    @extend_schema(responses=PostOfferSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The posts that are offered; owners only."""
        post = access_employer(read_user(request), slug, Power.OWN)
        return Response([PostOfferSerializer(one).data for one in posts.list_offers(post)])

    @extend_schema(request=MakePostOfferSerializer, responses={201: PostOfferSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Offer a post by a link for one person; owners only."""
        post = access_employer(read_user(request), slug, Power.OWN)
        told = read_sent(MakePostOfferSerializer, request.data)
        return Response(PostOfferSerializer(posts.offer(post, **told)).data, status=201)


class OfferView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Withdraw an offer; owners only."""
        posts.withdraw(access_employer(read_user(request), slug, Power.OWN), pk)
        return Response(status=204)


class TakeUpView(APIView):
    @extend_schema(request=None, responses={201: PostSerializer})
    @answer_once
    def post(self, request: Request, token: str) -> Response:
        """Take up the post that this link offers; it is used up by that."""
        return Response(PostSerializer(posts.take_up(read_user(request), token)).data, status=201)


class EmployerDiaryView(ListAPIView[EmployerLine]):
    """Who did what for the employer, newest first."""

    serializer_class = EmployerLineSerializer

    def get_queryset(self) -> QuerySet[EmployerLine]:
        if getattr(self, "swagger_fake_view", False):
            return EmployerLine.objects.none()
        return list_lines(access_employer(read_user(self.request), self.kwargs["slug"]))
