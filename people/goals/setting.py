"""Sets and drops goals, as no other module does."""

from people.accounts.models import User
from people.goals.models import Goal


def set_goal(user: User, unit: str, number: int, reminds: bool) -> Goal:
    """The user's goal from now on. That this week was reminded of already stays known."""
    return Goal.objects.update_or_create(user=user, defaults={"unit": unit, "number": number, "reminds": reminds})[0]


def drop_goal(user: User) -> None:
    """Nothing is asked any more, and nobody is reminded."""
    Goal.objects.filter(user=user).update(unit="", reminds=False)
