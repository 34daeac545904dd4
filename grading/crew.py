"""Works off a long list of tasks with several hands, and holds no more of it than they need next. Knows no task."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
# More hands than cores: while some wait for a core, what they will ask of it gathers, and others get ready.
HANDS_PER_CORE = 4
# So many tasks wait for each hand that none is idle while the next world is being made.
WAITING = 2


def work_off(tasks: Iterable[Callable[[], T]], hands: int | None = None) -> Iterator[T]:
    """Each task's result as it comes, in no order. What a task raises is raised here, and no further task is begun."""
    hands = hands or HANDS_PER_CORE * (os.cpu_count() or 1)
    with ThreadPoolExecutor(hands) as crew:
        begun: set[Future[T]] = set()
        try:
            for task in tasks:
                begun.add(crew.submit(task))
                if len(begun) >= hands * WAITING:
                    done, begun = wait(begun, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while begun:
                done, begun = wait(begun, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in begun:
                future.cancel()
