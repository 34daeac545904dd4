from django.apps import AppConfig


class ReplaysConfig(AppConfig):
    name = "people.replays"
    verbose_name = "Replays"
