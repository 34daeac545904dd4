from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "people.accounts"
    verbose_name = "Accounts"
