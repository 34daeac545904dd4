"""The API of likeness: have a milestone's submissions compared, read what is alike, and read one pair of them."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from people.accounts.requests import read_user
from people.cohorts.likeness import (
    Beside,
    Excerpt,
    Found,
    Work,
    access_pair,
    ask,
    find_likeness,
    is_waiting,
    read_found,
)
from people.cohorts.models import Likeness, Membership, Power
from people.cohorts.queries import access_cohort
from people.learners.refusals import Refusal
from people.replays.answering import answer_once


class WorkSerializer(serializers.Serializer[Any]):
    submission = serializers.IntegerField(source="submission.pk")
    learner = serializers.CharField(source="*", help_text="Their name, or their team's.")
    people = serializers.SerializerMethodField(help_text="Their user names.")

    def get_people(self, work: Work) -> list[str]:
        return [user.username for user in work.people]


class TwoSerializer(serializers.Serializer[Any]):
    first = WorkSerializer()
    second = WorkSerializer()
    share = serializers.FloatField(help_text="Of the smaller one's own code, what the other has too: from 0 to 1.")


class AlikeSerializer(TwoSerializer):
    passages = serializers.IntegerField(source="stretches")


class SkippedSerializer(serializers.Serializer[Any]):
    work = WorkSerializer()
    path = serializers.CharField(help_text="Untrusted text.")
    reason = serializers.ChoiceField(["large", "long", "torn", "many"])


class FoundSerializer(serializers.Serializer[Any]):
    compared = serializers.IntegerField()
    thin = serializers.IntegerField(help_text="Those with too little code of their own.")
    pairs = AlikeSerializer(many=True)
    hidden = serializers.IntegerField(help_text="How many pairs are less alike than these and are not listed.")
    artefacts = serializers.ListField(
        child=WorkSerializer(many=True), help_text="Groups that made the same files from different data."
    )
    skipped = SkippedSerializer(many=True, help_text="Files that were not read.")


class LikenessSerializer(serializers.Serializer[Any]):
    milestone = serializers.CharField()
    asked_by = serializers.CharField(allow_null=True)
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True, help_text="None while a worker compares.")
    is_waiting = serializers.BooleanField(help_text="Without it and without an end, ask once more.")
    found = FoundSerializer(allow_null=True, help_text="The last report; none before the first is done.")


class PassageLineSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    text = serializers.CharField(help_text="Untrusted text.")
    is_alike = serializers.BooleanField(help_text="Or only around it.")


class PassageSideSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="Untrusted text.")
    lines = PassageLineSerializer(many=True)
    cut = serializers.IntegerField(help_text="How many lines are left out at its end.")


class PassageSerializer(serializers.Serializer[Any]):
    first = PassageSideSerializer()
    second = PassageSideSerializer()


class BesideSerializer(TwoSerializer):
    passages = PassageSerializer(many=True)
    milestone = serializers.CharField()


class LikenessView(APIView):
    @extend_schema(responses=LikenessSerializer)
    def get(self, request: Request, slug: str, project: str, kind: str) -> Response:
        """What was found when somebody last asked; 404 `not-compared` if nobody has. It proves nothing."""
        leader = _access(request, slug)
        row = find_likeness(leader, project, kind)
        if row is None:
            told = _("Nobody has asked for this milestone yet.")
            raise Refusal("not-compared", "milestone", told, 404, _("Ask for it by POST."))
        return Response(_tell(leader, row))

    @extend_schema(request=None, responses={202: LikenessSerializer})
    @answer_once
    def post(self, request: Request, slug: str, project: str, kind: str) -> Response:
        """Have a worker compare what was handed in. What is being compared is not asked for twice."""
        leader = _access(request, slug)
        ask(leader, f"{project}/{kind}")
        row = find_likeness(leader, project, kind)
        return Response(_tell(leader, row) if row else None, status=202)


class PairView(APIView):
    @extend_schema(responses=BesideSerializer)
    def get(self, request: Request, slug: str, first: int, second: int) -> Response:
        """Two submissions that the last comparison calls alike, passage by passage: to talk about, not to judge by."""
        return Response(BesideSerializer(_tell_beside(access_pair(_access(request, slug), first, second))).data)


def _access(request: Request, slug: str) -> Membership:
    return access_cohort(read_user(request), slug, Power.LEAD)


def _tell(leader: Membership, row: Likeness) -> dict[str, Any]:
    found = read_found(leader, row)
    told = {
        "milestone": f"{row.slug}/{row.kind}",
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "finished_at": row.finished_at,
        "is_waiting": is_waiting(row, timezone.now()),
        "found": _tell_found(found) if found else None,
    }
    return dict(LikenessSerializer(told).data)


def _tell_found(found: Found) -> dict[str, Any]:
    return {
        "compared": found.row.report["compared"],
        "thin": found.row.report["thin"],
        "pairs": found.pairs,
        "hidden": found.hidden,
        "artefacts": found.artefacts,
        "skipped": [{"work": work, "path": path, "reason": reason} for work, path, reason in found.skipped],
    }


def _tell_beside(beside: Beside) -> dict[str, Any]:
    return {
        "first": beside.alike.first,
        "second": beside.alike.second,
        "share": beside.alike.share,
        "milestone": f"{beside.row.slug}/{beside.row.kind}",
        "passages": [{"first": _tell_side(mine), "second": _tell_side(theirs)} for mine, theirs in beside.stretches],
    }


def _tell_side(side: Excerpt) -> dict[str, Any]:
    lines = [{"number": number, "text": text, "is_alike": is_alike} for number, text, is_alike in side.lines]
    return {"path": side.path, "lines": lines, "cut": side.cut}
