"""A promotion plan with its versions: announced, moved, deepened, called off. It does not know what promotions sell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

# The longest that a promotion is announced before day 0.
BEFORE = 40


@dataclass(frozen=True)
class Version:
    """One line of the plan: from the day `published` on it is what is known of the promotion."""

    promotion: int
    number: int
    published: int
    article: int
    stores: tuple[int, ...]
    first: int
    last: int
    discount: float
    cancelled: bool

    def record(self, dates: Sequence[str], stores: Sequence[str], articles: Sequence[str]) -> dict[str, object]:
        """As the plan writes it. `dates` begin BEFORE days before day 0."""
        return {
            "promotion": f"p_{self.promotion:04d}",
            "version": self.number,
            "published_on": dates[self.published + BEFORE],
            "starts_on": dates[self.first + BEFORE],
            "ends_on": dates[self.last + BEFORE],
            "article": articles[self.article],
            "stores": [stores[store] for store in self.stores],
            "discount": self.discount,
            "status": "CANCELLED" if self.cancelled else "CONFIRMED",
        }


@dataclass(frozen=True)
class Habits:
    """How this chain plans: days between promotions of an article, and how often plans change or come late."""

    every_days: float
    changed: float
    late: float
    overlapping: float
    depths: tuple[float, ...]


def draw_plan(stores: int, articles: int, days: int, habits: Habits, rng: np.random.Generator) -> list[Version]:
    """All versions of all promotions of these days, in the order of promotions, then of versions."""
    plan: list[Version] = []
    promotion = 0
    for article in range(articles):
        day = int(rng.integers(0, int(habits.every_days)))
        while day < days:
            promotion += 1
            versions = _versions(promotion, article, day, stores, habits, rng)
            plan += versions
            if rng.random() < habits.overlapping:
                promotion += 1
                plan.append(_alongside(versions[0], promotion, habits))
            day += 8 + int(rng.exponential(habits.every_days - 8))
    return plan


def _versions(
    promotion: int, article: int, first: int, stores: int, habits: Habits, rng: np.random.Generator
) -> list[Version]:
    late = rng.random() < habits.late
    published = first - int(rng.integers(1, 5) if late else rng.integers(21, 36))
    everywhere = rng.random() < 0.4
    where = range(stores) if everywhere else sorted(rng.permutation(stores)[: max(2, stores // 2)].tolist())
    length = int(rng.choice([4, 7]))
    depth = float(rng.choice(habits.depths))
    plain = Version(promotion, 1, published, article, tuple(where), first, first + length - 1, depth, False)
    if late or rng.random() >= habits.changed:
        return [plain]
    return [plain, _changed(plain, habits, rng)]


def _alongside(version: Version, promotion: int, habits: Habits) -> Version:
    """A shop's own, smaller promotion of the same article in the same days, of which head office knows nothing."""
    given = {**vars(version), "promotion": promotion, "stores": version.stores[:1], "last": version.last + 1}
    return Version(**{**given, "discount": round(min(habits.depths) - 0.05, 2)})


def _changed(plain: Version, habits: Habits, rng: np.random.Generator) -> Version:
    """Two to eight days before its start the promotion is called off, moved by some days, or given another depth."""
    published = plain.first - int(rng.integers(2, 9))
    how, shift = rng.choice(["off", "moved", "depth"], p=[0.4, 0.35, 0.25]), int(rng.choice([-2, 3, 5]))
    given = {**vars(plain), "number": 2, "published": published}
    if how == "off":
        return Version(**{**given, "cancelled": True})
    if how == "moved":
        return Version(**{**given, "first": plain.first + max(shift, 1), "last": plain.last + max(shift, 1)})
    others = [depth for depth in habits.depths if depth != plain.discount]
    return Version(**{**given, "discount": float(rng.choice(others))})


def known_discount(plan: list[Version], as_of: int, shape: tuple[int, int, int]) -> Floats:
    """(stores, articles, days): the deepest discount on each day, by what was published up to and on `as_of`."""
    latest = {version.promotion: version for version in plan if version.published <= as_of}
    depth = np.zeros(shape)
    for version in latest.values():
        if not version.cancelled:
            first, last = max(version.first, 0), min(version.last + 1, shape[2])
            for store in version.stores:
                cells = depth[store, version.article, first:last]
                np.maximum(cells, version.discount, out=cells)
    return depth


def find_telling_evening(plan: pd.DataFrame, evenings: Sequence[date], ahead: timedelta) -> date:
    """The first of these evenings whose plan of the days ahead was changed afterwards; the first of all if none was.

    plan: columns published_on, starts_on, ends_on as dates, a row for each version.
    """

    def tells(evening: date) -> bool:
        near = (plan.starts_on <= evening + ahead) & (plan.ends_on > evening)
        return bool((near & (plan.published_on > evening)).any())

    return next(filter(tells, evenings), evenings[0])
