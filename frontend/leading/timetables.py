"""What the page of a cohort's dates shows, and how its form is read: clocks of the cohort's zone, and instants."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.cohorts.clocks import Reading, read_clock, write_clock, zone_of
from people.cohorts.dates import Place, list_places, read_timings
from people.cohorts.extensions import list_accommodated, list_extensions
from people.cohorts.feeds import read_titles
from people.cohorts.lateness import Dates
from people.cohorts.models import Cohort, Extension, Membership, Timing
from people.cohorts.queries import list_members
from people.cohorts.timings import FIELDS, find_faults, mark_dates

LABELS: Mapping[str, str | Promise] = {"opens_at": _("Opens"), "due_at": _("Due"), "closes_at": _("Closes")}
Faults = dict[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True)
class DateCell:
    """One input: its name, what it says, and what is wrong with that."""

    name: str
    label: str | Promise
    text: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class DateRow:
    """One milestone with its dates; `number` is its place in its project."""

    number: int
    kind: str
    title: str
    timing: Timing | None
    cells: list[DateCell]


@dataclass(frozen=True, slots=True)
class TimetablePage:
    cohort: Cohort
    zone: str
    seen: str
    projects: list[tuple[str, list[DateRow]]]
    choices: list[tuple[str, list[tuple[str, str]]]]
    learners: list[tuple[str, str]]
    extensions: list[tuple[Extension, str]]
    accommodated: list[Membership]

    @property
    def has_dates(self) -> bool:
        return any(row.timing for _title, rows in self.projects for row in rows)


@dataclass(slots=True)
class SentDates:
    """A form of dates as it was sent: what its texts mean, and what is wrong with some of them."""

    wanted: dict[Place, Dates] = field(default_factory=dict)
    faults: Faults = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def build_timetable(
    leader: Membership, sent: Mapping[str, str] | None = None, faults: Faults | None = None
) -> TimetablePage:
    """The page, with what is stored or, where a form was sent and refused, with what was sent."""
    cohort = leader.cohort
    titles, timings = read_titles(cohort.project_slugs), read_timings(cohort)
    projects: dict[str, list[DateRow]] = {}
    choices: dict[str, list[tuple[str, str]]] = {}
    for place, (project, title) in titles.items():
        rows = projects.setdefault(project, [])
        cells = list(_list_cells(cohort, place, timings.get(place), sent or {}, faults or {}))
        rows.append(DateRow(len(rows) + 1, place[1], title, timings.get(place), cells))
        choices.setdefault(project, []).append(("/".join(place), title))
    return TimetablePage(
        cohort=cohort,
        zone=str(zone_of(cohort)),
        seen=mark_dates(cohort),
        projects=list(projects.items()),
        choices=list(choices.items()),
        learners=[(member.user.username, str(member.user)) for member in list_members(leader)],
        extensions=[(one, titles.get((one.slug, one.kind), ("", one.kind))[1]) for one in list_extensions(leader)],
        accommodated=list(list_accommodated(leader)),
    )


def name_input(place: Place, name: str) -> str:
    return f"{place[0]}/{place[1]}.{name}"


def read_sent_dates(cohort: Cohort, sent: Mapping[str, str]) -> SentDates:
    """What the form means, by milestone. A text that stands as it was shown keeps its instant, to the second."""
    found, timings = SentDates(), read_timings(cohort)
    for place in list_places(cohort.project_slugs):
        if not any(name_input(place, name) in sent for name in FIELDS):
            continue
        readings = {name: _read(cohort, place, name, timings.get(place), sent) for name in FIELDS}
        found.faults.update({(*place, name): reading.fault for name, reading in readings.items() if reading.fault})
        found.remarks.extend(f"{place[1]}: {reading.remark}" for reading in readings.values() if reading.remark)
        found.wanted[place] = Dates(readings["opens_at"].at, readings["due_at"].at, readings["closes_at"].at)
    found.faults = {**find_faults(found.wanted), **found.faults}
    return found


def _read(cohort: Cohort, place: Place, name: str, timing: Timing | None, sent: Mapping[str, str]) -> Reading:
    zone, text, stored = zone_of(cohort), sent.get(name_input(place, name), ""), getattr(timing, name, None)
    if text == write_clock(stored, zone):
        return Reading(stored)
    return read_clock(text, zone, is_end=name != "opens_at")


def _list_cells(
    cohort: Cohort, place: Place, timing: Timing | None, sent: Mapping[str, str], faults: Faults
) -> Iterator[DateCell]:
    for name in FIELDS:
        stored = write_clock(getattr(timing, name, None), zone_of(cohort))
        key = name_input(place, name)
        yield DateCell(key, LABELS[name], sent.get(key, stored), faults.get((*place, name), ""))
