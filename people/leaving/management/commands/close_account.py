"""`manage.py close_account`: close the account of somebody who asks by mail, or who cannot sign in any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.accounts.models import User
from people.learners.refusals import Refusal
from people.leaving.closing import close


class Command(BaseCommand):
    help = "Close an account for good. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="exactly as it is")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--erase", action="store_true", help="take away all that is theirs")
        which.add_argument(
            "--keep-work", action="store_true", help="they agreed that their work stays without their name"
        )

    def handle(self, *args: Any, username: str, keep_work: bool, **options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no open account {username!r}.")
        try:
            close(user, keeps_work=keep_work)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        told = "its work stays without a name" if keep_work else "all that was theirs is gone"
        self.stdout.write(f"The account {username} is closed; {told}.")
