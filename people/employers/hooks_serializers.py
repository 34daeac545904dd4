"""What the API of webhooks tells and takes. The rooms say what may be; here only shapes are checked."""

from typing import Any

from rest_framework import serializers

from people.employers.models import Attempt, Delivery, Event, Webhook


class WantedHookSerializer(serializers.Serializer[Any]):
    address = serializers.CharField(help_text="https:// on a public host.", max_length=500)
    events = serializers.ListField(
        child=serializers.CharField(max_length=40), help_text="Any of: " + ", ".join(Event.values) + "."
    )


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    events = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Webhook
        fields = ("id", "address", "events", "made_at", "rotated_at", "paused_at")


class SecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="It is in this one answer and nowhere else.")


class NewWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="It is in this one answer and nowhere else.")

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")  # type: ignore[assignment]


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ("at", "status", "text")


STATES = ("waiting", "delivered", "given-up")


class WhichDeliveriesSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=STATES, required=False, help_text="Only those that stand so.")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    state = serializers.ChoiceField(choices=STATES)
    body = serializers.CharField(help_text="As it is sent, and signed.")
    next_at = serializers.DateTimeField(help_text="When it is tried next, while it waits.")
    attempts = AttemptSerializer(many=True)

    class Meta:
        model = Delivery
        fields = ("id", "event_id", "event", "made_at", "state", "next_at", "body", "attempts")
