"""Has Django know what this installation warns of."""

from django.apps import AppConfig

from config.checks import register_checks


class OperatingConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register_checks()
