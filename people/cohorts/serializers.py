"""What the API of who leads tells and takes."""

from rest_framework import serializers

from people.cohorts.models import Membership


class LedCohortSerializer(serializers.ModelSerializer[Membership]):
    slug = serializers.SlugField(source="cohort.slug")
    title = serializers.CharField(source="cohort.title")
    projects = serializers.ListField(child=serializers.SlugField(), source="cohort.project_slugs")

    class Meta:
        model = Membership
        fields = ("slug", "title", "projects", "role")
