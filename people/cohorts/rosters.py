"""Compares a roster with a cohort, and applies it: reserves places for who is new, amends who is there, removes nobody.

No browser sends a preview back: the file is kept, and compared anew whenever it is looked at or applied.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people.accounts.queries import confirmed_addresses, find_accounts
from people.cohorts.diary import note, note_each
from people.cohorts.leaders import lock
from people.cohorts.members import describe
from people.cohorts.models import Cohort, Membership, Reservation, Role, Roster, Section
from people.cohorts.roster_files import Line, RosterFile, decode, read_roster
from people.cohorts.sections import MOST as MOST_SECTIONS
from people.learners.refusals import Refusal

NEW, CHANGED, SKIPPED, INVALID = "new", "changed", "skipped", "invalid"
FATES = (NEW, CHANGED, SKIPPED, INVALID)
KEPT_FOR = timedelta(days=1)
BATCH = 500

Target = Membership | Reservation


@dataclass(frozen=True, slots=True)
class Planned:
    """What one row of a roster would do, and why."""

    row: int
    name: str
    fate: str
    reason: str
    line: Line | None = None
    target: Target | None = None
    account: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows in their order; the sections to open; columns that are none of ours; how many here are not in it."""

    rows: list[Planned]
    sections: list[str]
    ignored: list[str]
    encoding: str
    unnamed: int

    def count(self, fate: str) -> int:
        return sum(row.fate == fate for row in self.rows)

    def pick(self, fate: str) -> list[Planned]:
        return [row for row in self.rows if row.fate == fate]


@dataclass(slots=True)
class Known:
    """Who is in a cohort or has a place kept there, by all that a roster may call them."""

    targets: list[Target]
    by_name: dict[str, Target] = field(default_factory=dict)
    by_email: dict[str, Target] = field(default_factory=dict)
    by_external_id: dict[str, Target] = field(default_factory=dict)
    by_account: dict[int, Target] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)


def keep(leader: Membership, content: bytes) -> Plan:
    """Keep an uploaded roster, in place of the one before, and say what it would do. Raises Refusal."""
    text, encoding = decode(content)
    plan = compare(leader.cohort, read_roster(text), encoding)
    Roster.objects.filter(made_at__lt=timezone.now() - KEPT_FOR).delete()
    Roster.objects.update_or_create(
        cohort=leader.cohort,
        made_by=leader.user,
        defaults={"text": text, "encoding": encoding, "made_at": timezone.now()},
    )
    return plan


def find_plan(leader: Membership) -> Plan | None:
    """What the roster that this leader keeps would do now; None without one."""
    kept = Roster.objects.filter(cohort=leader.cohort_id, made_by=leader.user_id).first()
    return compare(leader.cohort, read_roster(kept.text), kept.encoding) if kept else None


def drop(leader: Membership) -> None:
    Roster.objects.filter(cohort=leader.cohort_id, made_by=leader.user_id).delete()


def apply(leader: Membership) -> Plan:
    """Do what the kept roster says of the cohort as it is by now, all of it or nothing; says what was done."""
    try:
        with transaction.atomic():
            cohort = lock(leader.cohort)
            plan = find_plan(leader)
            if plan is None:
                raise Refusal("no-roster", "roster", _("There is no roster to apply; upload one first."), 409)
            _carry_out(leader, cohort, plan)
            drop(leader)
    except IntegrityError as error:  # somebody joined or took their place in this very moment
        told = _("Somebody joined meanwhile, and nothing was changed; look at the preview, and apply it again.")
        raise Refusal("changed-meanwhile", "roster", told, 409) from error
    return plan


def compare(cohort: Cohort, file: RosterFile, encoding: str) -> Plan:
    """What each row would do to this cohort; the number of queries does not grow with the rows, but for huge files."""
    known = _read_known(cohort, file.lines)
    seen: dict[int, int] = {}
    rows = [Planned(fault.row, fault.name, INVALID, fault.reason) for fault in file.faults]
    rows += [_plan(line, known, seen) for line in file.lines]
    rows.sort(key=lambda row: row.row)
    used = {row.line.section for row in rows if row.line and row.fate in (NEW, CHANGED)} - {""}
    opened = sorted(used - set(cohort.sections.values_list("title", flat=True)))
    if opened and cohort.sections.count() + len(opened) > MOST_SECTIONS:
        told = _("This roster names {count} new sections, and a cohort has at most {most}: is it the right column?")
        raise Refusal("too-many", "section", told.format(count=len(opened), most=MOST_SECTIONS))
    learners = sum(_is_learner(target) for target in known.targets)
    named = sum(_is_learner(target) for target in known.targets if id(target) in seen)
    return Plan(rows, opened, file.ignored, encoding, learners - named)


def _read_known(cohort: Cohort, lines: Sequence[Line]) -> Known:
    members = list(Membership.objects.filter(cohort=cohort).select_related("user", "section"))
    kept = list(Reservation.objects.filter(cohort=cohort).select_related("section"))
    by_user = {member.user_id: member for member in members}
    addresses = confirmed_addresses(Membership.objects.filter(cohort=cohort).values_list("user", flat=True))
    known = Known([*members, *kept])
    # What is said last counts: a member is found before a place that was kept for them as well.
    known.by_name = {one.username: one for one in kept if one.username}
    known.by_name |= {member.user.username.lower(): member for member in members}
    known.by_email = {one.email: one for one in kept if one.email}
    known.by_email |= {email: by_user[user] for email, user in addresses.items()}
    known.by_external_id = {one.external_id: one for one in known.targets if one.external_id}
    known.by_account = {one.user_id: one for one in kept if one.user_id} | by_user
    names = (line.username for line in lines if line.username and line.username not in known.by_name)
    known.accounts = find_accounts(names)
    return known


def _plan(line: Line, known: Known, seen: dict[int, int]) -> Planned:
    """What this row would do; `seen` knows which rows were about whom."""
    account = known.accounts.get(line.username)
    found = [known.by_name.get(line.username), known.by_email.get(line.email), known.by_account.get(account or 0)]
    targets = list({id(target): target for target in found if target is not None}.values())
    target = targets[0] if targets else None
    reason = _find_conflict(line, targets, known, seen)
    if reason:
        return Planned(line.row, line.name, INVALID, reason)
    if target is None:
        return Planned(line.row, line.name, NEW, _tell_new(line, account), line, account=account)
    seen[id(target)] = line.row
    if not _is_learner(target):
        return Planned(line.row, line.name, SKIPPED, _("They lead this cohort."))
    changes = _list_changes(line, target)
    fate = CHANGED if changes else SKIPPED
    return Planned(line.row, line.name, fate, "; ".join(changes) or _("Nothing new."), line, target)


def _find_conflict(line: Line, targets: Sequence[Target], known: Known, seen: dict[int, int]) -> str:
    if len(targets) > 1:
        return _("The username and the email are those of two people here.")
    target = targets[0] if targets else None
    if target is not None and id(target) in seen:
        return _("This is the same person as in row {row}.").format(row=seen[id(target)])
    other = known.by_external_id.get(line.external_id)
    if other is not None and other is not target:
        return _("The external_id is that of {name} already.").format(name=_name(other))
    return ""


def _tell_new(line: Line, account: int | None) -> str:
    if account:
        return _("A place is kept for this account.")
    if line.email:
        return _("A place is kept for who confirms this address.")
    return _("A place is kept for who signs up under this name.")


def _list_changes(line: Line, target: Target) -> list[str]:
    """What the row says otherwise, in words; a cell that is empty changes nothing."""
    section = target.section.title if target.section else ""
    compared = [
        ("section", section, line.section),
        ("external_id", target.external_id, line.external_id),
        (
            "accommodations",
            f"{target.extra_percent} %",
            "" if line.extra_percent is None else f"{line.extra_percent} %",
        ),
    ]
    if isinstance(target, Reservation):
        compared += [("username", target.username, line.username), ("email", target.email, line.email)]
    return [f"{name}: {before or '–'} → {now}" for name, before, now in compared if now and now != before]


def _is_learner(target: Target) -> bool:
    return isinstance(target, Reservation) or target.role == Role.LEARNER


def _name(target: Target) -> str:
    return str(target.user) if isinstance(target, Membership) else str(target)


def _carry_out(leader: Membership, cohort: Cohort, plan: Plan) -> None:
    Section.objects.bulk_create([Section(cohort=cohort, title=title) for title in plan.sections])
    sections = {section.title: section for section in cohort.sections.all()}
    _reserve(cohort, plan.pick(NEW), sections)
    changed = plan.pick(CHANGED)
    before = {row.row: describe(row.target) for row in changed if row.target}
    for row in changed:
        _amend(row, sections)
    _save(row.target for row in changed)
    told = {
        row.target.user_id: f"{before[row.row]} -> {describe(row.target)}"
        for row in changed
        if isinstance(row.target, Membership)
    }
    note_each(cohort, leader.user, "amended", told)
    counts = Counter(row.fate for row in plan.rows)
    note(cohort, leader.user, "applied roster", text=", ".join(f"{counts[fate]} {fate}" for fate in FATES))


def _reserve(cohort: Cohort, rows: Iterable[Planned], sections: dict[str, Section]) -> None:
    made = [
        Reservation(
            cohort=cohort,
            user_id=row.account,
            username=row.line.username,
            email=row.line.email,
            section=sections.get(row.line.section),
            external_id=row.line.external_id,
            extra_percent=row.line.extra_percent or 0,
        )
        for row in rows
        if row.line
    ]
    Reservation.objects.bulk_create(made, batch_size=BATCH)


def _amend(row: Planned, sections: dict[str, Section]) -> None:
    line, target = row.line, row.target
    if line is None or target is None:
        return
    target.section = sections.get(line.section, target.section)
    target.external_id = line.external_id or target.external_id
    target.extra_percent = target.extra_percent if line.extra_percent is None else line.extra_percent
    if isinstance(target, Reservation):
        target.username, target.email = line.username or target.username, line.email or target.email


def _save(targets: Iterable[Target | None]) -> None:
    changed = list(targets)
    fields = ["section", "external_id", "extra_percent"]
    members = [one for one in changed if isinstance(one, Membership)]
    kept = [one for one in changed if isinstance(one, Reservation)]
    Membership.objects.bulk_update(members, fields, batch_size=BATCH)
    Reservation.objects.bulk_update(kept, [*fields, "username", "email"], batch_size=BATCH)
