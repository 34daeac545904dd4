"""What a monitor said of a stream: its alarms, week by week, and what it decided. Knows no project.

A run is the monitor's own, or a probe of it on another stream. Weeks count from 0, the first of the stream. The kind of
a detector is the first word of its name, up to a space or a colon: "outcome: by merchant" is an outcome detector.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grading.kit.checking import expect
from grading.kit.documents import document
from grading.kit.printing import counted, listed, printable
from grading.kit.produced import Produced
from grading.kit.tables import table
from grading.kit.truth import Truth

ALARMS = {"week": "int", "detector": "string", "subject": "string", "value": "float", "threshold": "float"}
DECISION = {"retrain": "bool", "reason": "string"}
DETECTORS = ("contract", "population", "outcome")
# Before its time, or in weeks in which nothing happens.
FALSE_WEEKS = 1
ROWS = 8


def read_alarms(run: Produced) -> pd.DataFrame:
    """alarms.parquet: week, detector, subject, value, threshold; a row for each alarm, or none.

    Raises DoesNotHold when it is not there, not in form, or names a detector of no known kind.
    """
    alarms = table(run, "alarms.parquet", columns=ALARMS, may_be_empty=True)
    unknown = sorted({name.split(":")[0].split(" ")[0] for name in alarms.detector} - set(DETECTORS))
    expect(
        not unknown, f"alarms.parquet names the detectors {listed(unknown)}; a name begins with {listed(DETECTORS)}."
    )
    return alarms


def read_decision(run: Produced) -> dict[str, Any]:
    """decision.json: retrain (bool), reason (text), and whatever else it says. Raises DoesNotHold when not in form."""
    return dict(document(run, "decision.json", fields=DECISION))


def alarm_weeks(run: Produced, detector: str = "") -> list[int]:
    """The weeks in which a detector of this kind rang, or any, in order."""
    alarms = read_alarms(run)
    return sorted({int(week) for week in alarms.week[alarms.detector.str.startswith(detector)]})


def count_alarms(run: Produced) -> list[dict[str, object]]:
    """Which detector rang in how many weeks for what, the most frequent first, for `details`."""
    told = read_alarms(run).groupby(["detector", "subject"]).week.nunique().sort_values(ascending=False).head(ROWS)
    return [
        {"detector": row.detector, "subject": row.subject, "weeks": row.week}
        for row in told.reset_index().itertuples(index=False)
    ]


def lay_out_features(
    produced: Produced,
    prepared: Path,
    *,
    columns: Mapping[str, str],
    without: Collection[str] = ("y",),
    rows: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> None:
    """The learner's own features.parquet, in their columns and types, laid out without the answers.

    columns: what the rows are known by (name -> kind); rows: which of them, as a mask (bool, one for each row) of the
    table of these; None for all. Raises DoesNotHold when the file is not in form.
    """
    known = table(produced, "features.parquet", columns=columns)
    own: pa.Table = pq.read_table(produced.folder / "features.parquet")
    own = own.drop_columns([name for name in without if name in own.column_names])
    pq.write_table(own if rows is None else own.filter(pa.array(rows(known))), prepared / "features.parquet")


def change_week(truth: Truth, name: str) -> int:
    """The week from which something is different, as `data.py` wrote it: meta.json, changes, name, week."""
    return int(truth.json("meta")["changes"][name]["week"])


def expect_alarm(
    run: Produced, detector: str, *, since: int, within: int, hint: str, excused: Collection[int] = ()
) -> None:
    """Raise DoesNotHold unless a detector of this kind rings `within` so many weeks of the change in week `since`.

    Before the change it may ring in one week, and in those `excused` by another change. hint: what the sentence ends
    with: where to look.
    """
    weeks = alarm_weeks(run, detector)
    early = [week for week in weeks if week < since and week not in excused]
    delay = next((week - since for week in weeks if week >= since), None)
    when = "in its own week" if delay == 0 else f"{counted(delay or 0, 'week')} later"
    rang = "never rang for it" if delay is None else f"first rang for it {when}"
    expect(
        len(early) <= FALSE_WEEKS and delay is not None and delay <= within,
        f"In a stream in which something changes after some weeks, the {detector} detector rang in "
        f"{counted(len(early), 'week')} before the change, and {rang}. {hint}",
        expected=f"alarms in {FALSE_WEEKS} week before it at most, and for it within {counted(within, 'week')}",
        found=f"alarms in {counted(len(early), 'week')} before it, and {rang}",
    )


def expect_replacement(run: Produced, *, since: int, last: int, sentence: str) -> None:
    """Raise DoesNotHold with this sentence unless the decision is a new model, from a week in since..last on.

    And unless its reason names the subject of an alarm that rang for outcomes, by then.
    """
    decision = read_decision(run)
    week: Any = decision.get("week")
    expect(
        decision["retrain"] and isinstance(week, int) and since <= week <= last,
        sentence,
        found=f"retrain {decision['retrain']}, week {week}",
    )
    _expect_reason(run, decision["reason"], week)


def expect_no_replacement(run: Produced, *, sentence: str) -> None:
    """Raise DoesNotHold with this sentence if the decision is a new model; its details are which detectors rang."""
    decision = read_decision(run)
    expect(
        not decision["retrain"],
        sentence,
        expected="no new model",
        found=f"a new model from week {printable(str(decision.get('week')))} on",
        details=count_alarms(run),
    )


def _expect_reason(run: Produced, reason: str, week: int) -> None:
    alarms = read_alarms(run)
    rang = alarms.subject[alarms.detector.str.startswith("outcome") & (alarms.week <= week)].unique()
    expect(
        any(subject.strip() and subject.casefold() in reason.casefold() for subject in rang),
        f"decision.json asks for a new model because of {printable(reason, 80)!r}, and that names nothing that rang. "
        "Whoever has to allow it will ask of what the old one is wrong. Write the subject of an outcome alarm into "
        "the reason, as alarms.parquet has it.",
        expected=f"one of {listed(sorted(map(str, rang)))}" if len(rang) else "an outcome alarm by that week",
        found=printable(reason, 80),
    )


def expect_quiet(run: Produced, *, opening: str, hint: str) -> None:
    """Raise DoesNotHold when, in a stream in which nothing happens, more than one week rings or a new model is wanted.

    The sentence is "<opening> alarms rang in 3 weeks, and the model was learnt again. <hint>".
    """
    weeks, again = alarm_weeks(run), read_decision(run)["retrain"]
    expect(
        len(weeks) <= FALSE_WEEKS and not again,
        f"{opening} alarms rang in {counted(len(weeks), 'week')}"
        f"{', and the model was learnt again' if again else ''}. {hint}",
        details=count_alarms(run),
    )
