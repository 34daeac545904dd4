"""Counts how many learners are at which level of a skill, and says where a level stands among them: never of few."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from people.accounts.models import User
from people.employers.models import Tally
from people.employers.queries import read_skill_levels
from people.learners.models import Share

LEAST = 20
LEVELS = range(6)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of so many learners of this instance who have evidence in a skill, on this day, so many are there or above."""

    learners: int
    at: datetime
    percent: int


@dataclass(frozen=True, slots=True)
class Tallies:
    """The counts of each skill that enough learners have evidence in."""

    by_skill: Mapping[str, Tally]

    def stand(self, skill: str, level: int) -> Standing | None:
        """Where this level stands; None where too few were counted, or where nothing is reached."""
        tally = self.by_skill.get(skill)
        counted = sum(tally.counts) if tally else 0
        if tally is None or counted < LEAST or level < 1:
            return None
        return Standing(counted, tally.at, round(100 * sum(tally.counts[level:]) / counted))


def read_tallies() -> Tallies:
    return Tallies({tally.skill: tally for tally in Tally.objects.all()})


def count_levels(now: datetime | None = None) -> int:
    """Count anew, everybody with evidence; how many skills were counted. Nothing of it says who is where."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    learners = User.objects.filter(is_active=True, pk__in=Share.objects.values("user"))
    for user in learners.iterator():
        for one in read_skill_levels(user):
            if one.evidence:
                counts[one.skill][one.level] += 1
    at = now or timezone.now()
    with transaction.atomic():
        Tally.objects.exclude(skill__in=counts).delete()
        for skill, found in counts.items():
            Tally.objects.update_or_create(skill=skill, defaults={"at": at, "counts": [found[n] for n in LEVELS]})
    return len(counts)
