"""In which language somebody is spoken to: the one they chose on their account, or else the one that they ask for."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from people.accounts.models import User

# What is written down, in rows and in files, is written in this language.
WRITTEN = settings.LANGUAGE_CODE


class ReaderLanguageMiddleware(LocaleMiddleware):
    """Django's own, but that a choice on the account counts for more than what the browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.user.is_authenticated:
            speak_to(request.user)
        request.LANGUAGE_CODE = translation.get_language()


def speak_to(user: User) -> None:
    """From here on in the language that this user chose, if they chose one."""
    if is_spoken(user.language):
        translation.activate(user.language)


def language_of(user: User) -> str:
    """The language of what reaches this user without their asking for it: mails, above all."""
    return user.language if is_spoken(user.language) else WRITTEN


def choose_language(user: User, language: str) -> None:
    """Keep the choice on the account; the empty one means whatever the browser asks for."""
    user.language = language
    user.save(update_fields=["language"])


def is_spoken(language: str) -> bool:
    return language in dict(settings.LANGUAGES)
