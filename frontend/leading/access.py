"""Who leads comes in here."""

from typing import cast

from django.http import HttpRequest

from people.accounts.models import User
from people.cohorts.models import Membership, Power
from people.cohorts.queries import access_cohort


def lead(request: HttpRequest, slug: str, power: Power = Power.LOOK) -> Membership:
    """The reader's part in a cohort that they lead. Raises Refusal below this power, and for anybody else."""
    return access_cohort(cast(User, request.user), slug, power)
