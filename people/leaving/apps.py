from django.apps import AppConfig


class LeavingConfig(AppConfig):
    name = "people.leaving"
    verbose_name = "Leaving"
