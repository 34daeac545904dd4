"""A bar on the terminal for what takes long: how far, how long still, and what went otherwise than expected."""

import sys
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")
# Without a terminal, a line now and then, so that a log tells that it lives.
SECONDS_BETWEEN_LINES = 30


def follow(words: str, number: int, coming: Iterable[T], is_odd: Callable[[T], bool] = lambda one: False) -> list[T]:
    """Everything that comes, shown as it does, on standard error."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    odd = TextColumn("[red]{task.fields[odd]}")
    come: list[T] = []
    with Progress(*columns, TimeRemainingColumn(), odd, console=console, disable=not console.is_terminal) as bar:
        task, said, count = bar.add_task(words, total=number, odd=""), time.monotonic(), 0
        for one in coming:
            come.append(one)
            count += is_odd(one)
            bar.update(task, advance=1, odd=f"{count} odd" if count else "")
            if not console.is_terminal and time.monotonic() - said > SECONDS_BETWEEN_LINES:
                said = time.monotonic()
                print(f"{words}: {len(come)} of {number}, {count} odd", file=sys.stderr, flush=True)
    return come
