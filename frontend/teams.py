"""What a team's pages say of it: who is in it, and whose the commits are."""

from collections.abc import Sequence
from dataclasses import dataclass

from people.accounts.models import User
from people.learners.queries import count_commits, find_team, list_people


@dataclass(frozen=True, slots=True)
class TeamPart:
    """A team's name and people; at a milestone, whose commits were handed in for it so far, the most first."""

    name: str
    people: Sequence[User]
    commits: Sequence[tuple[str, int]] = ()


def show_team(user: User, slug: str, kind: str = "") -> TeamPart | None:
    """The user's team in this project; None for whoever works alone, which costs one query."""
    team = find_team(user, slug)
    if team is None:
        return None
    commits = [(str(person), count) for person, count in count_commits(team, kind)] if kind else []
    return TeamPart(team.team, list_people([team])[team.pk], commits)
