"""Gates: a number against its mark. What was measured is told, held or not, so that marks can be derived and proved."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from grading.kit.checking import DoesNotHold, Measured

MARKS = "marks.json"


def at_least(
    value: float,
    mark: float,
    sentence: str,
    *,
    margin: float = 0.0,
    expected: object = None,
    found: object = None,
    details: Sequence[Mapping[str, object]] | None = None,
    plot: Mapping[str, object] | None = None,
) -> Measured:
    """Return what was measured when value >= mark; raise DoesNotHold with this sentence otherwise, also for nan.

    value, mark: of the same unit. margin: same unit, >= 0; a value in [mark - margin, mark) is borderline, and the line
    looks at other draws before it refuses. expected and found are written from mark and value unless given.
    """
    return _gate(
        value >= mark,
        Measured(float(value), float(mark), borderline=mark - margin <= value < mark),
        sentence,
        expected=f"at least {mark:.3g}" if expected is None else expected,
        found=f"{value:.3g}" if found is None else found,
        details=details,
        plot=plot,
    )


def at_most(
    value: float,
    mark: float,
    sentence: str,
    *,
    margin: float = 0.0,
    expected: object = None,
    found: object = None,
    details: Sequence[Mapping[str, object]] | None = None,
    plot: Mapping[str, object] | None = None,
) -> Measured:
    """As at_least, for numbers that must not exceed their mark: (mark, mark + margin] is borderline."""
    return _gate(
        value <= mark,
        Measured(float(value), float(mark), borderline=mark < value <= mark + margin),
        sentence,
        expected=f"at most {mark:.3g}" if expected is None else expected,
        found=f"{value:.3g}" if found is None else found,
        details=details,
        plot=plot,
    )


def _gate(
    holds: object,
    measured: Measured,
    sentence: str,
    *,
    expected: object,
    found: object,
    details: Sequence[Mapping[str, object]] | None,
    plot: Mapping[str, object] | None,
) -> Measured:
    if not bool(holds):
        raise DoesNotHold(sentence, expected=expected, found=found, details=details, plot=plot, measured=measured)
    return measured


def read_mark(checks_file: str, name: str) -> float:
    """The mark of this name from the package's marks.json; checks_file is the caller's `__file__`.

    `python -m grading marks` derives it. Raises KeyError when marks.json lacks it, FileNotFoundError without the file.
    """
    marks = json.loads((Path(checks_file).parent.parent / MARKS).read_text(encoding="utf-8"))
    return float(marks[name]["mark"])
