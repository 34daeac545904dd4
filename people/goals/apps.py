from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "people.goals"
    verbose_name = "Goals"
