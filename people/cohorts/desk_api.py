"""The API of a cohort's people: parses what is asked, and answers. What is allowed is decided elsewhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_sent, read_user
from people.cohorts import invitations, leaders, members, reservations, rosters, sections
from people.cohorts.desk_serializers import (
    AmendSerializer,
    AppointSerializer,
    FindSerializer,
    InvitationSerializer,
    InviteSerializer,
    KnownMemberSerializer,
    LeaderSerializer,
    LedBySerializer,
    MemberSerializer,
    PlaceSerializer,
    PlanSerializer,
    ReservationSerializer,
    RoleSerializer,
    SectionSerializer,
    TitleSerializer,
    UploadSerializer,
)
from people.cohorts.models import Invitation, Membership, Power, Reservation
from people.cohorts.queries import (
    access_cohort,
    access_member,
    access_membership,
    list_leaders,
    list_reservations,
    list_reserved,
    list_sections,
    list_taken,
    search_members,
)
from people.learners.refusals import Refusal
from people.replays.answering import answer_once


def _lead(request: Request, slug: str, power: Power) -> Membership:
    return access_cohort(read_user(request), slug, power)


class LeadersView(APIView):
    @extend_schema(responses=LeaderSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Who leads the cohort, owners first."""
        leader = _lead(request, slug, Power.LOOK)
        return Response([LeaderSerializer(one).data for one in list_leaders(leader.cohort)])

    @extend_schema(request=AppointSerializer, responses={201: LeaderSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Appoint somebody; owners only."""
        leader = _lead(request, slug, Power.OWN)
        told = read_sent(AppointSerializer, request.data)
        made = leaders.appoint(leader, told["account"], told["role"], told["sections"])
        return Response(LeaderSerializer(made).data, status=201)


class LeaderView(APIView):
    @extend_schema(request=RoleSerializer, responses=LeaderSerializer)
    def put(self, request: Request, slug: str, username: str) -> Response:
        """Change somebody's role, and the sections that an assistant sees; owners only. One owner stays."""
        leader = _lead(request, slug, Power.OWN)
        told = read_sent(RoleSerializer, request.data)
        return Response(LeaderSerializer(leaders.reappoint(leader, username, told["role"], told["sections"])).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, username: str) -> Response:
        """Let somebody lead no longer; owners only. One owner stays."""
        leaders.dismiss(_lead(request, slug, Power.OWN), username)
        return Response(status=204)


class MembersView(ListAPIView[Membership]):
    serializer_class = KnownMemberSerializer

    @extend_schema(parameters=[FindSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The learners whom you see; external id and extra time are told to owners and instructors only."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Membership]:
        told = read_sent(FindSerializer, self.request.query_params)
        return search_members(_lead(self.request, self.kwargs["slug"], Power.LOOK), told["name"], told["section"])

    def get_serializer_class(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return KnownMemberSerializer
        leader = _lead(self.request, self.kwargs["slug"], Power.LOOK)
        return KnownMemberSerializer if leader.power and leader.power >= Power.LEAD else MemberSerializer


class MemberView(APIView):
    @extend_schema(responses=KnownMemberSerializer)
    def get(self, request: Request, slug: str, username: str) -> Response:
        """What is known of a learner; owners and instructors only."""
        return Response(KnownMemberSerializer(access_member(_lead(request, slug, Power.LEAD), username)).data)

    @extend_schema(request=AmendSerializer, responses=KnownMemberSerializer)
    def patch(self, request: Request, slug: str, username: str) -> Response:
        """Change a learner's section, external id or extra time; what is left out stays."""
        leader = _lead(request, slug, Power.LEAD)
        told = read_sent(AmendSerializer, request.data)
        member = access_member(leader, username)
        section = told.get("section", member.section.title if member.section else "")
        external_id = told.get("external_id", member.external_id)
        extra = told.get("extra_percent", member.extra_percent)
        return Response(KnownMemberSerializer(members.amend(leader, username, section, external_id, extra)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, username: str) -> Response:
        """Remove a learner from the cohort; their work and their evidence stay theirs."""
        members.remove(_lead(request, slug, Power.LEAD), username)
        return Response(status=204)


class SectionsView(APIView):
    @extend_schema(responses=SectionSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The cohort's sections."""
        leader = _lead(request, slug, Power.LOOK)
        return Response(SectionSerializer(list_sections(leader.cohort), many=True).data)

    @extend_schema(request=TitleSerializer, responses={201: SectionSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Open a section."""
        leader = _lead(request, slug, Power.LEAD)
        made = sections.open_section(leader, read_sent(TitleSerializer, request.data)["title"])
        return Response(SectionSerializer(made).data, status=201)


class SectionView(APIView):
    @extend_schema(request=TitleSerializer, responses=SectionSerializer)
    def put(self, request: Request, slug: str, pk: int) -> Response:
        """Rename a section."""
        leader = _lead(request, slug, Power.LEAD)
        renamed = sections.rename_section(leader, pk, read_sent(TitleSerializer, request.data)["title"])
        return Response(SectionSerializer(renamed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Close a section; its learners stay in the cohort."""
        sections.close_section(_lead(request, slug, Power.LEAD), pk)
        return Response(status=204)


class InvitationsView(APIView):
    @extend_schema(responses=InvitationSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The links by which people come in, newest first."""
        found = invitations.list_invitations(_lead(request, slug, Power.LEAD))
        return Response(InvitationSerializer(found, many=True, context={"request": request}).data)

    @extend_schema(request=InviteSerializer, responses={201: InvitationSerializer})
    @answer_once
    def post(self, request: Request, slug: str) -> Response:
        """Make a link."""
        leader = _lead(request, slug, Power.LEAD)
        made = invitations.invite(leader, **read_sent(InviteSerializer, request.data))
        return Response(InvitationSerializer(made, context={"request": request}).data, status=201)


class InvitationView(APIView):
    @extend_schema(responses={200: InvitationSerializer})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Revoke a link: nobody else comes in by it."""
        revoked = invitations.revoke(_lead(request, slug, Power.LEAD), pk)
        return Response(InvitationSerializer(revoked, context={"request": request}).data)


class ReservationsView(ListAPIView[Reservation]):
    """The places that rosters keep for people who have not taken them."""

    serializer_class = ReservationSerializer

    def get_queryset(self) -> QuerySet[Reservation]:
        return list_reservations(_lead(self.request, self.kwargs["slug"], Power.LEAD))


class ReservationView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Keep a place no longer."""
        reservations.cancel(_lead(request, slug, Power.LEAD), pk)
        return Response(status=204)


class RosterView(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(responses=PlanSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """What the roster that you uploaded last would do now."""
        plan = rosters.find_plan(_lead(request, slug, Power.LEAD))
        if plan is None:
            raise Refusal("no-roster", "roster", _("No roster of yours is waiting here; upload one."), 404)
        return Response(PlanSerializer(plan).data)

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses=PlanSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Upload a roster, and learn what it would do. Nothing is changed until it is applied."""
        leader = _lead(request, slug, Power.LEAD)
        upload = request.FILES.get("roster")
        if upload is None:
            raise Refusal("missing", "roster", _("Send the CSV as the multipart field `roster`."))
        return Response(PlanSerializer(rosters.keep(leader, upload.read())).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Throw the roster away."""
        rosters.drop(_lead(request, slug, Power.LEAD))
        return Response(status=204)


class ApplyRosterView(APIView):
    @extend_schema(request=None, responses=PlanSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Apply the roster that you uploaded last; tells what was done."""
        return Response(PlanSerializer(rosters.apply(_lead(request, slug, Power.LEAD))).data)


class JoinView(APIView):
    refuses_with = ("410",)

    @extend_schema(responses=LedBySerializer)
    def get(self, request: Request, token: str) -> Response:
        """Which cohort an invitation is to, and who leads it."""
        invitation = invitations.access_invitation(token)
        invitations.require_open(invitation)
        return Response(LedBySerializer(_with_leaders(invitation)).data)

    @extend_schema(request=None, responses=LedBySerializer)
    def post(self, request: Request, token: str) -> Response:
        """Join as a learner. Twice is no harm; enrolling in its projects stays yours to do."""
        invitation = invitations.access_invitation(token)
        part = invitations.join(read_user(request), invitation)
        if part.power:
            told = _("You lead this cohort, so there is nothing to join.")
            raise Refusal("already-here", "invitation", told, 409)
        return Response(LedBySerializer(access_membership(read_user(request), part.cohort.slug)).data)


class TakenView(APIView):
    @extend_schema(responses=LedBySerializer(many=True))
    def get(self, request: Request) -> Response:
        """The cohorts in which you learn, and who sees your work there."""
        return Response(LedBySerializer(list_taken(read_user(request)), many=True).data)


class TakenOneView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str) -> Response:
        """Leave a cohort; your work and your evidence stay yours."""
        members.leave(read_user(request), slug)
        return Response(status=204)


class PlacesView(APIView):
    @extend_schema(responses=PlaceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The places that rosters keep for you."""
        return Response(PlaceSerializer(list_reserved(read_user(request)), many=True).data)


class PlaceView(APIView):
    @extend_schema(request=None, responses=LedBySerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take a place that is kept for you."""
        part = reservations.take(read_user(request), pk)
        return Response(LedBySerializer(access_membership(read_user(request), part.cohort.slug)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Give it up."""
        reservations.decline(read_user(request), pk)
        return Response(status=204)


def _with_leaders(invitation: Invitation) -> Invitation:
    invitation.cohort.leaders = list_leaders(invitation.cohort)  # type: ignore[attr-defined]
    return invitation
