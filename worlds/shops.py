"""A chain of shops and the true demand on its shelves, day by day. It does not know how anybody writes it down."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from worlds.demand import Floats, Shelf, Whole, draw_counts, sell, wander
from worlds.domain import read_domain
from worlds.promotions import Habits, Version, draw_plan, known_discount
from worlds.seeds import Seed
from worlds.weather import SD, Weather, draw_weather
from worlds.world import World, draw_world

Bools = npt.NDArray[np.bool_]

LEADS = 14
DIP_DAYS = 7
FOREVER = 10_000
# So many pieces of a fortnight a new habit has to touch, and so far they have to fall, in logarithms, that anybody can
# miss them: contrasts of quiet fortnights stray by up to 0.33. Who asks for more finds an empty shelf, unseen.
MISSED_PIECES, MISSED = 400, 0.7


@dataclass(frozen=True)
class Calendar:
    """Which days are what: `days`, and (days,) or (stores, days) of bools."""

    days: pd.DatetimeIndex
    holiday: Bools
    is_open: Bools
    festival: Bools

    @property
    def eve(self) -> Bools:
        """The last day before a holiday on which shops are open."""
        return np.append(self.holiday[1:], False) & ~self.holiday

    @property
    def payday(self) -> Bools:
        day = self.days.day.to_numpy()
        return np.asarray((day >= 28) | (day <= 2))


@dataclass(frozen=True)
class Chain:
    """The truth of one world. A series is a store with an article: number store * articles + article.

    `calm` is the log of demand without weather, promotions and drift (stores, articles, days); `level` the drift;
    `mean`, `demand`, `target` and `shelf` are (series, days); `target` is what lies there in the morning, and of
    what is left in the evening a share is `kept`.
    """

    world: World
    dispersion: float
    memory: float
    level_sd: float
    reach: float
    stores: pd.DataFrame
    articles: pd.DataFrame
    calendar: Calendar
    weather: Weather
    plan: list[Version]
    calm: Floats
    level: Floats
    mean: Floats
    demand: Whole
    target: Whole
    kept: float
    shelf: Shelf

    @property
    def history(self) -> int:
        """Days with known sales."""
        return self.world.calendar.days

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.stores), len(self.articles), len(self.calendar.days)

    @property
    def opened(self) -> Bools:
        """(series, days)."""
        return np.repeat(self.calendar.is_open, len(self.articles), axis=0)


def draw_chain(domain: Mapping[str, Any], seed: Seed) -> Chain:
    """Shops, articles, weather, promotions, demand, and what was sold, for history, hidden days and 14 days more."""
    world, how = draw_world(read_domain(domain["world"]), seed), domain["chain"]
    stores = _deal(world, "store", "kind")
    articles = _deal(world, "article", "category")
    calendar = _draw_calendar(world, how["holidays"], len(stores))
    weather = draw_weather(calendar.days, LEADS, how["forecast_reach"], seed.draw_stream("chain/weather"))
    habits = Habits(**{**how["promotions"], "depths": tuple(how["promotions"]["depths"])})
    shape = (len(stores), len(articles), len(calendar.days))
    plan = draw_plan(*shape, habits, seed.draw_stream("chain/plan"))
    base = _base(stores, articles, how, seed)
    calm = base[:, :, None] + _by_day(world, stores, calendar, how["weekdays"])
    series = (shape[0] * shape[1], shape[2])
    level = wander(series, how["wander_sd"], how["wander_memory"], seed.draw_stream("chain/wander")).reshape(shape)
    depth = known_discount(plan, FOREVER, shape)
    mean = np.exp(calm + level + _pushed(world, stores, articles, weather, depth)).reshape(series)
    demand = draw_counts(mean, how["dispersion"], seed.draw_stream("chain/demand"))
    opened = np.repeat(calendar.is_open, shape[1], axis=0)
    target = _target(base, depth, how, seed).reshape(series)
    shelf = sell(demand, target, opened, how["kept"], seed.draw_stream("chain/shelf"))
    return Chain(
        world=world,
        dispersion=how["dispersion"],
        memory=how["wander_memory"],
        level_sd=how["wander_sd"],
        reach=how["forecast_reach"],
        stores=stores,
        articles=articles,
        calendar=calendar,
        weather=weather,
        plan=plan,
        calm=calm,
        level=level,
        mean=mean,
        demand=demand,
        target=target,
        kept=how["kept"],
        shelf=shelf,
    )


def turn(chain: Chain, params: Mapping[str, float], since: int, rng: np.random.Generator) -> tuple[Chain, Bools]:
    """The chain whose customers answer to other `params` from the day `since` on, and which series that touches.

    Counts are drawn anew where their mean is another; shelves that it does not touch live on as they did.
    """
    world = replace(chain.world, params={**chain.world.params, **params})
    depth = known_discount(chain.plan, FOREVER, chain.shape)
    now, then = (_answers(of, chain, depth) for of in (world, chain.world))
    gap = np.broadcast_to(now - then, chain.shape).reshape(chain.mean.shape).copy()
    gap[:, :since] = 0
    mean, demand, other = chain.mean * np.exp(gap), chain.demand.copy(), gap != 0
    demand[other] = draw_counts(mean[other], chain.dispersion, rng)
    touched = other.any(axis=1)
    return _live_on(replace(chain, world=world, mean=mean, demand=demand), touched, since, rng), touched


def is_missed(chain: Chain, turned: Chain, since: int) -> bool:
    """Whether enough pieces fall by enough, in each fortnight of the four weeks from the day `since`, to be missed."""
    fortnights = (slice(day, day + 14) for day in (since, since + 7, since + 14))
    return all(_falls(chain.mean[:, days], turned.mean[:, days]) for days in fortnights)


def _falls(before: Floats, now: Floats) -> bool:
    touched = before != now
    pieces = before[touched].sum()
    return bool(pieces >= MISSED_PIECES and np.log(pieces / now[touched].sum()) >= MISSED)


def run_short(chain: Chain, articles: Bools, first: int, days: int, share: float, rng: np.random.Generator) -> Chain:
    """The chain that for some days gets only a share of these articles. People want what they wanted."""
    target = chain.target.copy()
    touched = np.tile(articles, len(chain.stores))
    cut = np.ix_(touched, np.arange(first, first + days))
    target[cut] = np.ceil(share * target[cut]).astype("int64")
    return _live_on(replace(chain, target=target), touched, first, rng)


def _live_on(chain: Chain, touched: Bools, since: int, rng: np.random.Generator) -> Chain:
    """The shelves of these series sell anew from the day `since` on, with what lay there the evening before."""
    sold, left, later = chain.shelf.sold.copy(), chain.shelf.left.copy(), slice(since, None)
    demand, target = (whole[touched, later] for whole in (chain.demand, chain.target))
    opened = chain.opened[touched, later]
    lived = sell(demand, target, opened, chain.kept, rng, left[touched, since - 1])
    sold[touched, later], left[touched, later] = lived.sold, lived.left
    return replace(chain, shelf=Shelf(sold, left))


def _answers(world: World, chain: Chain, depth: Floats) -> Floats:
    """What the parameters of a world do to the log of demand."""
    by_day = _by_day(world, chain.stores, chain.calendar, [0.0] * 7)
    return np.asarray(by_day + _pushed(world, chain.stores, chain.articles, chain.weather, depth))


def _deal(world: World, entity: str, table: str) -> pd.DataFrame:
    """The entity's rows in the order of their ids, each with a code of the table, dealt out evenly."""
    frame = world.entities[entity]
    frame = frame.sort_values(str(frame.columns[0]), ignore_index=True)
    codes = world.tables[table]["keys"]
    dealt = np.array((codes * len(frame))[: len(frame)], dtype=object)
    return frame.assign(**{table: world.seed.draw_stream(f"chain/{table}").permutation(dealt)})


def _draw_calendar(world: World, holidays: Mapping[str, str], stores: int) -> Calendar:
    rng = world.seed.draw_stream("chain/calendar")
    start = pd.Timestamp(world.calendar.start).tz_localize(None)
    days = pd.date_range(start, periods=world.calendar.all_days + LEADS, freq="D")
    holiday = np.asarray(days.strftime("%Y-%m-%d").isin(list(holidays)))
    is_open = np.repeat(~holiday[None], stores, axis=0)
    festival = np.zeros((stores, len(days)), dtype=bool)
    for store in range(stores):
        if rng.random() < 0.7:
            _mark(is_open[store], int(rng.integers(30, world.calendar.days - 20)), int(rng.integers(2, 5)), False)
        for _ in range(int(rng.integers(5, 9))):
            _mark(festival[store], int(rng.integers(0, len(days) - 4)), int(rng.integers(1, 4)), True)
    return Calendar(days, holiday, is_open, festival)


def _mark(days: Bools, first: int, length: int, value: bool) -> None:
    days[first : first + length] = value


def _base(stores: pd.DataFrame, articles: pd.DataFrame, how: Mapping[str, Any], seed: Seed) -> Floats:
    """(stores, articles): the log of what is asked for on an ordinary day."""
    pairs = seed.draw_stream("chain/pairs").normal(0, how["of_pair"], (len(stores), len(articles)))
    return np.asarray(how["mean_log"] + stores["size"].to_numpy()[:, None] + articles["pull"].to_numpy() + pairs)


def _by_day(world: World, stores: pd.DataFrame, calendar: Calendar, weekdays: list[float]) -> Floats:
    """(stores, 1, days): weekdays, weekends, paydays, eves, festivals, and how the chain grows."""
    params, weekday = world.params, calendar.days.day_of_week.to_numpy()
    of_chain = np.array(weekdays)[weekday] + params["payday"] * calendar.payday + params["eve"] * calendar.eve
    of_chain = of_chain + params["growth"] * np.arange(len(weekday)) / 100
    weekend = np.array([params[f"weekend_{kind}"] for kind in stores["kind"]])[:, None] * (weekday >= 5)
    return np.asarray((of_chain + weekend + params["festival"] * calendar.festival)[:, None, :])


def _pushed(world: World, stores: pd.DataFrame, articles: pd.DataFrame, weather: Weather, depth: Floats) -> Floats:
    """(stores, articles, days): what weather and promotions add."""
    warm, wet, pull = effects(world, stores, articles)
    dip = world.params["dip"] * after_promotion(depth)
    return np.asarray(
        warm[:, None] * (weather.temp - 10) / 10 + wet[:, None, None] * weather.wet + pull[:, None] * depth - dip
    )


def effects(world: World, stores: pd.DataFrame, articles: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Per article the effect of ten degrees, per store that of a wet day, per article that of a discount of 100 %."""
    params, categories = world.params, articles["category"]
    warm = np.array([params[f"warm_{category}"] for category in categories])
    pull = np.array([params[f"pull_{category}"] for category in categories])
    return warm, np.array([params[f"wet_{kind}"] for kind in stores["kind"]]), pull


def after_promotion(depth: Floats) -> Bools:
    """Days without a promotion that follow one within a week: people have some at home."""
    recent = np.zeros(depth.shape, dtype=bool)
    for back in range(1, DIP_DAYS + 1):
        recent[..., back:] |= depth[..., :-back] > 0
    return np.asarray(recent & (depth == 0))


def _target(base: Floats, depth: Floats, how: Mapping[str, Any], seed: Seed) -> Whole:
    """(stores, articles, days): what somebody who orders by habit has on the shelf in the morning."""
    rng = seed.draw_stream("chain/stock")
    scarce = rng.random(base.shape) < how["scarce_share"]
    few, many = (rng.uniform(how[name][0], how[name][1], size=base.shape) for name in ("scarce", "plenty"))
    usual = np.exp(base + 0.1) * np.where(scarce, few, many)
    return np.ceil(usual[:, :, None] * (1 + 1.2 * depth) + 0.3).astype("int64")


def oracle_mean(chain: Chain, origin: int) -> Floats:
    """(stores, articles, 14): the mean of demand for somebody who knows every effect, and on the day `origin` today's
    level, the forecast as issued and the plan as published."""
    warm, wet, pull = effects(chain.world, chain.stores, chain.articles)
    lead = np.arange(1, LEADS + 1)
    depth = known_discount(chain.plan, origin, chain.shape)
    kept = _kept_promises(chain)
    days = slice(origin + 1, origin + 1 + LEADS)
    level = chain.level[:, :, origin, None] * chain.memory**lead
    level = level + chain.level_sd**2 * (1 - chain.memory ** (2 * lead)) / 2
    blind = SD**2 * (1 - np.exp(-2 * lead / chain.reach)) / 100
    heat = warm[:, None] * (chain.weather.said_temp[origin] - 10) / 10 + warm[:, None] ** 2 * blind / 2
    rain = np.log1p(chain.weather.chance[origin] * np.expm1(wet)[:, None])[:, None, :]
    push = np.log1p(kept * np.expm1(pull[:, None] * depth[:, :, days]))
    dip = chain.world.params["dip"] * after_promotion(depth)[:, :, days]
    return np.asarray(np.exp(chain.calm[:, :, days] + level + heat + rain + push - dip))


def _kept_promises(chain: Chain) -> Floats:
    """(14,): of the promotion days in the plan so many days ahead, the share on which there is one."""
    final = known_discount(chain.plan, FOREVER, chain.shape) > 0
    said, held = np.zeros(LEADS), np.zeros(LEADS)
    for origin in range(LEADS, chain.history - LEADS, LEADS):
        days = slice(origin + 1, origin + 1 + LEADS)
        known = known_discount(chain.plan, origin, chain.shape)[:, :, days] > 0
        said += known.sum(axis=(0, 1))
        held += (known & final[:, :, days]).sum(axis=(0, 1))
    return np.asarray(held / np.maximum(said, 1))
