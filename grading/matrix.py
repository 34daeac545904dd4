"""The matrix of a proof: each wrong tree against each check, in how many worlds it failed; and what that sums up to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field

from curriculum.expectations import read_expectations
from curriculum.package import STARTER, ProjectPackage
from curriculum.questions import read_questions
from curriculum.trees import describe_overlay
from grading.mutants import EQUIVALENT, MUTANT, SURVIVED
from grading.proofs import Proof


@dataclass(frozen=True, slots=True)
class Cell:
    """In how many worlds a tree failed a check, and whether it ought to."""

    failed: int
    expected: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One tree over all worlds. `odd` tells of the first world in which it did not do what was expected."""

    tree: str
    worlds: int
    held: int
    cells: tuple[Cell, ...]
    cpu_s: float
    memory_mb: float
    came: str
    odd: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one wrong tree: in the author's words, and as a difference from the right tree `base`."""

    tree: str
    why: str
    base: str
    diff: str


@dataclass(frozen=True, slots=True)
class Table:
    """One milestone: its checks across, its trees down."""

    kind: str
    checks: tuple[str, ...]
    rows: tuple[Row, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that nothing saw."""

    kind: str
    name: str
    diff: str


@dataclass(frozen=True)
class Summary:
    """What publishing asks: how often right work was refused, and wrong work passed."""

    project: str
    seeds: int
    domains: dict[str, int]
    proofs: int
    broken: int
    right: int
    right_refused: int
    wrong: int
    wrong_passed: int
    mutants: int
    mutants_killed: int
    mutants_equivalent: int
    seconds: float
    survivors: tuple[Survivor, ...] = field(default=())

    @property
    def kill_rate(self) -> float | None:
        """Of the mutants that changed anything; None where there were none."""
        return self.mutants_killed / self.mutants if self.mutants else None


@dataclass(frozen=True, slots=True)
class Matrix:
    """All that one package's proofs showed."""

    title: str
    summary: Summary
    tables: tuple[Table, ...]

    def as_plain(self) -> dict[str, object]:
        return {**asdict(self), "kill_rate": self.summary.kill_rate}


def draw_up(package: ProjectPackage, proofs: Sequence[Proof], seconds: float) -> Matrix:
    """The matrix of these proofs, which took so many seconds."""
    tables = tuple(_draw_table(package, kind, [p for p in proofs if p.kind == kind]) for kind in package.kinds)
    return Matrix(package.title, summarise(package.slug, proofs, seconds), tables)


def summarise(slug: str, proofs: Sequence[Proof], seconds: float) -> Summary:
    worlds = {(proof.seed, proof.domain) for proof in proofs}
    right = [proof for proof in proofs if is_right(proof)]
    wrong = [proof for proof in proofs if is_wrong(proof)]
    mutants = [proof for proof in proofs if is_mutant(proof)]
    counted = [proof for proof in mutants if proof.came != EQUIVALENT]
    survivors = [proof for proof in counted if proof.came == SURVIVED]
    return Summary(
        project=slug,
        seeds=len(worlds),
        domains=dict(sorted(Counter(domain for _, domain in worlds).items())),
        proofs=len(proofs),
        broken=len(unexpected(proofs)),
        right=len(right),
        right_refused=sum(not proof.holds for proof in right),
        wrong=len(wrong),
        wrong_passed=sum(proof.came == "passed" for proof in wrong),
        mutants=len(counted),
        mutants_killed=sum(proof.came.startswith("killed") for proof in counted),
        mutants_equivalent=len(mutants) - len(counted),
        seconds=round(seconds, 1),
        survivors=tuple(Survivor(p.kind, p.tree.removeprefix(f"{MUTANT}/"), p.diff) for p in survivors),
    )


def is_right(proof: Proof) -> bool:
    return proof.expected == "passed"


def is_wrong(proof: Proof) -> bool:
    return proof.tree == STARTER or proof.tree.startswith(("wrong/", "misshapen/"))


def is_mutant(proof: Proof) -> bool:
    return proof.tree.startswith(f"{MUTANT}/")


def unexpected(proofs: Iterable[Proof]) -> list[Proof]:
    """The proofs that keep a package from being published. A surviving mutant is told of, and does not."""
    return [proof for proof in proofs if not proof.holds and not is_mutant(proof)]


def _draw_table(package: ProjectPackage, kind: str, proofs: Sequence[Proof]) -> Table:
    checks = tuple(question.name for question in read_questions(package.words(f"{kind}/checks.py")))
    tried: dict[str, list[Proof]] = {}
    for proof in sorted(proofs, key=lambda proof: (_place(proof), proof.tree, proof.seed)):
        tried.setdefault(proof.tree, []).append(proof)
    rows = tuple(_draw_row(tree, checks, some) for tree, some in tried.items())
    return Table(kind, checks, rows, tuple(_read_mistakes(package, kind)))


def _read_mistakes(package: ProjectPackage, kind: str) -> Iterator[Mistake]:
    for name, told in read_expectations(package).items():
        if told.milestone == kind:
            tree = f"wrong/{name}"
            yield Mistake(tree, told.why, told.base, describe_overlay(package, tree))


def _place(proof: Proof) -> int:
    """Right ones first, then the wrong, then what was done to them."""
    return 0 if is_right(proof) else 1 if is_wrong(proof) else 2


def _draw_row(tree: str, checks: Sequence[str], proofs: Sequence[Proof]) -> Row:
    odd = next((proof for proof in proofs if not proof.holds), None)
    return Row(
        tree=tree,
        worlds=len(proofs),
        held=sum(proof.holds for proof in proofs),
        cells=tuple(Cell(sum(c in p.failed for p in proofs), c in proofs[0].fails) for c in checks),
        cpu_s=round(max(proof.usage.cpu_s for proof in proofs), 2),
        memory_mb=round(max(proof.usage.memory_mb for proof in proofs)),
        came=proofs[0].came,
        odd=f"seed {odd.seed}: {odd.came}; expected {odd.expected}. {odd.sentence}" if odd else "",
    )


# --- as text ----------------------------------------------------------------------------------------------------------


def as_text(matrix: Matrix) -> str:
    """For each milestone its checks by letter, and a line for each tree: [3] failed in 3 worlds, as it ought to."""
    lines: list[str] = []
    for table in matrix.tables:
        lines += ["", f"{matrix.title}: {table.kind}", *_list_checks(table), *_list_rows(table)]
    return "\n".join([*lines, "", describe_summaries([matrix.summary]), *_list_survivors(matrix.summary)]).strip()


def _letters(table: Table) -> list[str]:
    return [
        chr(ord("A") + place) if place < 26 else f"A{chr(ord('A') + place - 26)}" for place in range(len(table.checks))
    ]


def _list_checks(table: Table) -> Iterator[str]:
    return (f"  {letter:>2} {name}" for letter, name in zip(_letters(table), table.checks, strict=True))


def _list_rows(table: Table) -> Iterator[str]:
    width = max((len(row.tree) for row in table.rows), default=0)
    yield f"  {'':{width}} {'holds':>7} {'CPU s':>6} {'MB':>5} " + "".join(f"{letter:>5}" for letter in _letters(table))
    for row in table.rows:
        held, cells = f"{row.held}/{row.worlds}", "".join(f"{_show(cell):>5}" for cell in row.cells)
        yield f"  {row.tree:{width}} {held:>7} {row.cpu_s:6.1f} {row.memory_mb:5.0f} {cells}{_tell_fate(row)}".rstrip()
        if row.odd:
            yield f"  {'':{width}} {row.odd}"


def _tell_fate(row: Row) -> str:
    return f"  {row.came}" if row.tree.startswith(f"{MUTANT}/") else ""


def _show(cell: Cell) -> str:
    if cell.expected:
        return f"[{cell.failed}]"
    return str(cell.failed or "·")


def _list_survivors(summary: Summary) -> Iterator[str]:
    for survivor in summary.survivors:
        yield f"\nNothing saw {survivor.name}:\n{survivor.diff}"


HEAD = (
    "project",
    "worlds",
    "proofs",
    "right refused",
    "wrong passed",
    "not as expected",
    "kill rate",
    "survivors",
    "s",
)


def describe_summaries(summaries: Iterable[Summary]) -> str:
    """One line for each package."""
    rows = [HEAD, *(_summary_row(summary) for summary in summaries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _summary_row(summary: Summary) -> tuple[str, ...]:
    worlds = f"{summary.seeds} ({', '.join(f'{name} {n}' for name, n in summary.domains.items())})"
    return (
        summary.project,
        worlds,
        str(summary.proofs),
        f"{summary.right_refused} of {summary.right}",
        f"{summary.wrong_passed} of {summary.wrong}",
        str(summary.broken),
        describe_kills(summary),
        str(len(summary.survivors)),
        f"{summary.seconds:.0f}",
    )


def describe_kills(summary: Summary) -> str:
    if summary.kill_rate is None:
        return "not tried"
    told = f"{summary.kill_rate:.0%} of {summary.mutants}"
    return f"{told}, {summary.mutants_equivalent} equivalent" if summary.mutants_equivalent else told
