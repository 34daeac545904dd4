from django.apps import AppConfig


class EmployersConfig(AppConfig):
    name = "people.employers"
    verbose_name = "Employers"
