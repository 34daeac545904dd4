from django.apps import AppConfig


class LtiConfig(AppConfig):
    name = "people.lti"
    verbose_name = "Learning platforms"
