from django.apps import AppConfig


class LearnersConfig(AppConfig):
    name = "people.learners"
    verbose_name = "Learners"
