from django.apps import AppConfig
from django.utils.module_loading import import_string


class LearnersConfig(AppConfig):
    name = "people.learners"
    verbose_name = "Learners"

    def ready(self) -> None:
        # By its name: what it needs may be imported only when all apps are known.
        import_string("people.learners.deadlines.compare_limits")
