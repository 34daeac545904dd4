from importlib import import_module

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "people.operators"
    verbose_name = "Operators"

    def ready(self) -> None:
        """Listen to the queue, now that there are models to write down what is heard."""
        import_module("people.operators.hearing")
