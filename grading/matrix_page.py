"""A matrix as one page of HTML that needs nothing else: light and dark, wide screen and telephone, and no script."""

from collections.abc import Iterable
from html import escape

from grading.matrix import Cell, Matrix, Mistake, Row, Summary, Table, describe_kills

STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --paper: #fff; --line: #d5dae3; --soft: #5b6577;
  --as-told: #d7efdf; --as-told-ink: #14532d; --odd: #fbd9d5; --odd-ink: #7a1c12; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e9f0; --paper: #161a22; --line: #343c4a; --soft: #9aa5b8;
  --as-told: #173d29; --as-told-ink: #b6ebc9; --odd: #5a211b; --odd-ink: #ffd0c9; } }
body { margin: 0 auto; padding: 1rem; max-width: 90rem; color: var(--ink); background: var(--paper);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.2; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
dl { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 1rem 0; }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-weight: 600; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .85rem; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: center; }
th[scope=row] { text-align: left; font-weight: 500; position: sticky; left: 0; background: var(--paper);
  min-width: 9rem; max-width: 14rem; overflow-wrap: anywhere; }
thead th { vertical-align: bottom; font-weight: 500; }
.turned { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 16rem; text-align: left; }
.as-told { background: var(--as-told); color: var(--as-told-ink); font-weight: 600; }
.odd { background: var(--odd); color: var(--odd-ink); font-weight: 600; }
.note { color: var(--soft); font-size: .8rem; text-align: left; }
summary { cursor: pointer; padding: .25rem 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: .75rem; border-radius: .4rem;
  background: color-mix(in srgb, var(--ink) 6%, transparent); }
"""
LEGEND = (
    "Each number says in how many worlds the tree failed the check. Green: it ought to fail it, and did, everywhere. "
    "Red: it did not do what was expected of it in every world. A tree whose code broke may fail no check at all."
)


def as_page(matrix: Matrix) -> str:
    """The whole document."""
    parts = [_summary(matrix.summary), f"<p>{LEGEND}</p>", *map(_table, matrix.tables), _survivors(matrix.summary)]
    title = f"{escape(matrix.title)}: the proof"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{''.join(parts)}</main></body></html>\n"
    )


def _summary(summary: Summary) -> str:
    told = {
        "worlds": f"{summary.seeds} ({', '.join(f'{name}: {n}' for name, n in summary.domains.items())})",
        "proofs": f"{summary.proofs}",
        "right work refused": f"{summary.right_refused} of {summary.right}",
        "wrong work passed": f"{summary.wrong_passed} of {summary.wrong}",
        "not as expected": f"{summary.broken}",
        "mutants killed": describe_kills(summary),
        "took": f"{summary.seconds:.0f} s",
    }
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in told.items())
    return f"<dl>{items}</dl>"


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col"><span class="turned">{escape(name)}</span></th>' for name in table.checks)
    rows = "".join(_row(row) for row in table.rows)
    return (
        f'<h2 id="{table.kind}">{escape(table.kind)}</h2>'
        f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{table.kind}">'
        f'<table><thead><tr><th scope="col">tree</th><th scope="col">holds</th><th scope="col">CPU s</th>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></div>{''.join(map(_mistake, table.mistakes))}"
    )


def _mistake(mistake: Mistake) -> str:
    return (
        f"<details><summary>{escape(mistake.tree)}: {escape(mistake.why)}</summary>"
        f'<p class="note">Where it differs from {escape(mistake.base)}:</p>{_code(mistake.diff)}</details>'
    )


def _row(row: Row) -> str:
    cells = "".join(_cell(cell, row.worlds) for cell in row.cells)
    told = "as-told" if row.held == row.worlds else "odd"
    note = f'<tr><td class="note" colspan="{len(row.cells) + 3}">{escape(row.odd)}</td></tr>' if row.odd else ""
    return (
        f'<tr><th scope="row">{escape(row.tree)}</th><td class="{told}">{row.held}/{row.worlds}</td>'
        f"<td>{row.cpu_s:.1f}</td>{cells}</tr>{note}"
    )


def _cell(cell: Cell, worlds: int) -> str:
    if cell.expected:
        return f'<td class="{"as-told" if cell.failed == worlds else "odd"}">{cell.failed}</td>'
    return f"<td>{cell.failed or ''}</td>"


def _survivors(summary: Summary) -> str:
    if not summary.survivors:
        return ""
    return "<h2>Mutants that nothing saw</h2>" + "".join(_diffs(summary))


def _diffs(summary: Summary) -> Iterable[str]:
    return (f"<h3>{escape(s.name)}</h3>{_code(s.diff)}" for s in summary.survivors)


def _code(text: str) -> str:
    return f'<pre tabindex="0">{escape(text)}</pre>'
