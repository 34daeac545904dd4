"""What it takes to compare the submissions of a large cohort, each as long as a finished project of ours.

Every statement is drawn, so that nothing is shared but the copies planted among them: renamed, reordered, commented.
"""

import argparse
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from grading.store import Store

COPIES = 10
FILES, FUNCTIONS, STATEMENTS = 20, 8, 10
SIGNS = ("+", "-", "*", "/", "//", "%", "@", "&", "|", "^", "<<", ">>", "<", ">", "==", "!=", "and", "or", "in", ".")


def draw_expression(dice: random.Random) -> str:
    words = ["count", "total", "rows", "table", "day", "price"]
    return " ".join(f"{dice.choice(words)} {dice.choice(SIGNS)}" for _ in range(dice.randint(3, 7))) + " last"


def draw_function(dice: random.Random, number: int) -> str:
    body = "\n".join(f"    value = {draw_expression(dice)}" for _ in range(STATEMENTS))
    return f"def step_{number}(table, rows):\n{body}\n    return value"


def draw_files(dice: random.Random) -> dict[str, str]:
    return {
        f"part_{number}.py": "\n\n\n".join(draw_function(dice, one) for one in range(FUNCTIONS)) + "\n"
        for number in range(FILES)
    }


def hide(files: dict[str, str]) -> dict[str, str]:
    """A copy with other names and other places, and a remark in each function."""
    hidden = {}
    for path, text in files.items():
        for word in ("count", "total", "rows", "table", "value", "step"):
            text = text.replace(word, f"my_{word}")
        parts = reversed(text.rstrip("\n").split("\n\n\n"))
        hidden[f"my_{path}"] = "\n\n\n".join(parts).replace("    return", "    # done\n    return") + "\n"
    return hidden


@contextmanager
def measured(what: str) -> Iterator[None]:
    began, used = time.monotonic(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.monotonic() - began, time.process_time() - used
    print(f"{what:44} {wall:.1f} s, of which CPU {cpu:.1f} s; at most {peak:.0f} MB")


def measure(count: int, folder: Path) -> None:
    os.environ["MILEPOST_VAR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from people.learners.comparing import report  # noqa: PLC0415 - models need Django set up on the folder above
    from people.learners.models import Submission  # noqa: PLC0415

    store, drawn = Store(folder / "store"), [draw_files(random.Random(seed)) for seed in range(count - COPIES)]  # noqa: S311 - seeded
    drawn += [hide(files) for files in drawn[:COPIES]]
    packed = [{path: text.encode() for path, text in files.items()} for files in drawn]
    chosen = [Submission(pk=number, tree=store.put_files(files)) for number, files in enumerate(packed)]
    print(f"{count} submissions of {sum(map(len, packed[0].values())) / 1000:.0f} kB in {FILES} files each")
    with measured("read, compared and told"):
        told = report(chosen, [], store)
    pairs = {(pair["first"], pair["second"]) for pair in told["pairs"]}
    planted = {(number, count - COPIES + number) for number in range(COPIES)}
    print(f"{len(pairs & planted)} of {COPIES} copies found, {len(pairs - planted)} others named")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=500)
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as scratch:
        measure(parser.parse_args().submissions, Path(scratch))
