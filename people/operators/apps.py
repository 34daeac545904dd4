import logging
from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings

log = logging.getLogger(__name__)


class OperatorsConfig(AppConfig):
    name = "people.operators"
    verbose_name = "Operators"

    def ready(self) -> None:
        """Listen to the queue, now that there are models to write down what is heard."""
        import_module("people.operators.hearing")
        if not settings.TRACES_GO_TO:
            return
        if find_spec("opentelemetry") is None:
            log.warning("no traces are sent: OTEL_EXPORTER_OTLP_ENDPOINT needs what requirements-traces.txt lists")
            return
        import_module("people.operators.traces").begin()
