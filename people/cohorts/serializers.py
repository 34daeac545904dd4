"""What the API of who leads tells and takes."""

from typing import Any

from rest_framework import serializers

from people.cohorts.models import Membership


class LedCohortSerializer(serializers.ModelSerializer[Membership]):
    slug = serializers.SlugField(source="cohort.slug")
    title = serializers.CharField(source="cohort.title")
    projects = serializers.ListField(child=serializers.SlugField(), source="cohort.project_slugs")
    archived_at = serializers.DateTimeField(source="cohort.archived_at", allow_null=True)

    class Meta:
        model = Membership
        fields = ("slug", "title", "projects", "role", "archived_at")


class WhichCohortsSerializer(serializers.Serializer[Any]):
    archived = serializers.BooleanField(default=False, help_text="Those that are archived instead.")


class TeamSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="enrolment.pk")
    name = serializers.CharField(source="enrolment.team")
    project = serializers.SlugField(source="enrolment.project.slug")
    learners = serializers.ListField(child=serializers.CharField(), source="usernames")


class FormTeamSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    project = serializers.SlugField()
    learners = serializers.ListField(child=serializers.CharField(), help_text="Their usernames.")


class LearnerNameSerializer(serializers.Serializer[Any]):
    learner = serializers.CharField(help_text="A username.")
