"""Whether two domains are equally hard: the figures of each, what keeps them comparable, and why. All plain values."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

# By how much a figure may lie outside what the ready-made domains span. It is room for another draw of the same
# business, whose figures differ by less; with half as much again, it is another task.
WIDER = 1.5
# A world with twice the rows is another task for a program's time, and one with half leaves too little to learn from.
LARGER = 2.0
# Of the nearest that the reference comes to a bound on ready-made worlds, at least so much must be left: with less,
# luck would refuse honest work here more often than there.
LEFT = 0.5
# What `marks` asks of every mark between the best lazy solution and the worst good one.
LEAST_GAP = 0.10


@dataclass(frozen=True, slots=True)
class Margin:
    """How far the reference stays from a check's bound, at worst. judged: not where the host's speed is measured."""

    milestone: str
    check: str
    slack: float
    measured: float
    mark: float
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one domain. odd: what did not come as it ought to, each in a sentence."""

    domain: str
    right: int
    right_passed: int
    starter: int
    starter_refused: int
    wrong: int
    killed: int
    exact: int
    rows: int
    naive_rate: float | None = None
    skill_gap: float | None = None
    margins: tuple[Margin, ...] = ()
    gaps: Mapping[str, float] = field(default_factory=dict)
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of this domain beside the ready-made ones', and the bounds that it must keep to."""

    figure: str
    ready: Mapping[str, float]
    own: float | None
    low: float | None
    high: float | None
    why: str

    @property
    def holds(self) -> bool:
        if self.own is None:
            return not self.ready or (self.low is None and self.high is None)
        return (self.low is None or self.own >= self.low) and (self.high is None or self.own <= self.high)


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What was compared, how, and what came of it."""

    project: str
    title: str
    domain: str
    seeds: tuple[int, ...]
    trees: tuple[str, ...]
    rows: tuple[Row, ...]
    odd: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.holds)

    @property
    def holds(self) -> bool:
        """Whether the domain may stand beside the ready-made ones."""
        return not self.refused

    def as_plain(self) -> dict[str, object]:
        rows = [{**asdict(row), "holds": row.holds} for row in self.rows]
        return {**asdict(self), "rows": rows, "holds": self.holds}


def compare(own: Figures, ready: Sequence[Figures]) -> tuple[Row, ...]:
    """Every figure of this domain, judged by those of the ready-made ones."""
    return (
        *_rates(own, ready),
        *_sizes(own, ready),
        *(row for margin in own.margins for row in _margin(margin, ready)),
        *_lost_margins(own, ready),
        *(_gap(check, gap, ready) for check, gap in sorted(own.gaps.items())),
    )


def _rates(own: Figures, ready: Sequence[Figures]) -> Iterator[Row]:
    for name, (read, low, why) in RATES.items():
        told = {one.domain: read(one) for one in ready}
        yield Row(name, told, read(own), min(told.values(), default=1.0) if low is None else low, None, why)


def _part(some: int, of: int) -> float:
    return some / of if of else 1.0


# Each share of the trees: how it is read, and at least how large it must be (None: as on the ready-made domains).
RATES: Mapping[str, tuple[Callable[[Figures], float], float | None, str]] = {
    "reference passes": (lambda f: _part(f.right_passed, f.right), 1.0, "Who does all of it right passes."),
    "starter is refused": (lambda f: _part(f.starter_refused, f.starter), 1.0, "Nobody begins with a pass."),
    "wrong trees caught": (lambda f: _part(f.killed, f.wrong), None, "What is refused there is refused here."),
    "wrong trees told exactly": (lambda f: _part(f.exact, f.wrong), None, "The same checks tell the same mistake."),
}


def _sizes(own: Figures, ready: Sequence[Figures]) -> Iterator[Row]:
    span = f"At most {WIDER:g} times outside what the ready-made ones span"
    yield _within("skill gap, naive to oracle", own.skill_gap, {f.domain: f.skill_gap for f in ready}, WIDER, span)
    yield _within("base rate", own.naive_rate, {f.domain: f.naive_rate for f in ready}, WIDER, span)
    why = f"At most {LARGER:g} times as large or as small"
    yield _within("rows of its tables", float(own.rows), {f.domain: float(f.rows) for f in ready}, LARGER, why)


def _within(name: str, own: float | None, ready: Mapping[str, float | None], by: float, why: str) -> Row:
    told = {domain: value for domain, value in ready.items() if value is not None}
    low, high = (min(told.values()) / by, max(told.values()) * by) if told else (None, None)
    return Row(name, told, own, low, high, f"{why}.")


def _margin(margin: Margin, ready: Sequence[Figures]) -> Iterator[Row]:
    told = {f.domain: m.slack for f in ready for m in f.margins if m.check == margin.check}
    nearest = min(told.values(), default=0.0)
    low = LEFT * nearest if margin.judged and nearest > 0 else None
    why = (
        f"{LEFT:.0%} of the nearest is left."
        if low is not None
        else "Told only: it measures the host, or is at its bound."
    )
    yield Row(f"margin, {margin.milestone}: {margin.check}", told, margin.slack, low, None, why)


def _lost_margins(own: Figures, ready: Sequence[Figures]) -> Iterator[Row]:
    measured = {margin.check for margin in own.margins}
    lost = {m.check: m.milestone for f in ready for m in f.margins if m.judged and m.check not in measured}
    for check, milestone in sorted(lost.items()):
        told = {f.domain: m.slack for f in ready for m in f.margins if m.check == check}
        low = LEFT * min(told.values())
        yield Row(f"margin, {milestone}: {check}", told, None, low, None, "It could not be measured here.")


def _gap(check: str, gap: float, ready: Sequence[Figures]) -> Row:
    told = {f.domain: f.gaps[check] for f in ready if check in f.gaps}
    why = f"A mark parts good from lazy by {LEAST_GAP:.2f} at least."
    return Row(f"reference above the best lazy solution: {check}", told, gap, LEAST_GAP, None, why)


def as_text(found: Equivalence) -> str:
    """For a terminal: the conclusion, then each figure."""
    lines = [_conclude(found), ""]
    for row in found.rows:
        ready = ", ".join(f"{name} {_number(value)}" for name, value in row.ready.items())
        lines.append(f"{'ok' if row.holds else 'REFUSED':8}{row.figure}: {_number(row.own)}{_bounds(row)}  [{ready}]")
    return "\n".join([*lines, *(["", *found.odd] if found.odd else [])])


def as_markdown(found: Equivalence) -> str:
    """The page that stands beside the domain file."""
    domains = list(dict.fromkeys(name for row in found.rows for name in row.ready))
    head = f"| figure | {' | '.join(domains)} | **{found.title}** | bounds | holds | why |"
    return "\n".join(
        [
            f"# {found.title}: is it as hard as the ready-made domains of {found.project}?",
            "",
            _conclude(found),
            "",
            f"Measured on the worlds of seed {_list(found.seeds)} of every domain, by `python -m grading domain`. The "
            f"file is `{found.domain}`. Trees that were tried: the reference and the starter on every milestone, and "
            f"{len(found.trees)} wrong ones on theirs: {', '.join(found.trees) or 'none'}.",
            "",
            head,
            "|" + "---|" * (len(domains) + 5),
            *(_markdown_row(row, domains) for row in found.rows),
            *(["", "What did not come as it ought to:", "", *(f"- {odd}" for odd in found.odd)] if found.odd else []),
            "",
        ]
    )


def _markdown_row(row: Row, domains: Iterable[str]) -> str:
    ready = " | ".join(_number(row.ready.get(name)) for name in domains)
    holds = "yes" if row.holds else "**no**"
    return f"| {row.figure} | {ready} | {_number(row.own)} | {_bounds(row).strip() or '–'} | {holds} | {row.why} |"


def _conclude(found: Equivalence) -> str:
    if found.holds:
        number = len(found.rows)
        return f"{found.title} is as hard as the ready-made domains of {found.project}: all {number} figures hold."
    return f"{found.title} is refused: {', '.join(row.figure for row in found.refused)}."


def _bounds(row: Row) -> str:
    low = f" at least {_number(row.low)}" if row.low is not None else ""
    return low + (f" at most {_number(row.high)}" if row.high is not None else "")


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _list(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))
