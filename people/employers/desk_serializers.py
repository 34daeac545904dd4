"""What the API of an employer's desk tells and takes. The rooms say what may be; here only shapes are checked."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from people.employers.models import EmployerLine, Offer, Post, Role

ROLES = list(Role.choices)


class NamingSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    website = serializers.CharField(max_length=200, default="", allow_blank=True)


class PostSerializer(serializers.Serializer[Post]):
    """An employer, and your role there."""

    slug = serializers.SlugField(source="employer.slug")
    title = serializers.CharField(source="employer.title")
    website = serializers.CharField(source="employer.website")
    role = serializers.ChoiceField(choices=ROLES)


class ColleagueSerializer(serializers.Serializer[Post]):
    username = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user")
    role = serializers.ChoiceField(choices=ROLES)
    since = serializers.DateTimeField()


class PostRoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES)


class MakePostOfferSerializer(PostRoleSerializer):
    meant_for = serializers.CharField(max_length=120, default="", allow_blank=True, help_text="A note of your own.")


class PostOfferSerializer(serializers.ModelSerializer[Offer]):
    address = serializers.SerializerMethodField(help_text="The path of the link; it is for one person.")

    class Meta:
        model = Offer
        fields = ("id", "role", "meant_for", "expires_at", "address")

    def get_address(self, offer: Offer) -> str:
        return reverse("frontend:offer", args=[offer.token])


class EmployerLineSerializer(serializers.ModelSerializer[EmployerLine]):
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    whom = serializers.CharField(source="whom.username", default=None, allow_null=True)

    class Meta:
        model = EmployerLine
        fields = ("at", "actor", "verb", "about", "whom", "text")
