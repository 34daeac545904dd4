from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "people.cohorts"
    verbose_name = "Cohorts"
