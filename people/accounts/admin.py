from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from people.accounts.models import AccountLine, User

admin.site.register(User, UserAdmin)


@admin.register(AccountLine)
class AccountLineAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be read by staff; nobody writes here."""

    list_display = ("at", "account", "verb", "text")
    search_fields = ("=account", "verb")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
