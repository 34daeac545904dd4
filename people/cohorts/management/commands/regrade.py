"""`manage.py regrade <cohort> <project>`: has the current edition judge a cohort's work, and tells who would move.

Stopped with Ctrl-C, it goes on where it was when it is called again.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from people.cohorts import regrading
from people.cohorts.models import Membership, Power, Regrade
from people.cohorts.movers import Policy, Prospect, find_undecided, read_progress, read_prospect
from people.learners import queries, tasks
from people.learners.refusals import Refusal

PAUSE_S = 2.0
MOST_ROWS = 50


class Command(BaseCommand):
    help = (
        "Regrade a cohort's work in the current edition of a project, see who would move, and move them or let it be."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", help="the slug of the cohort")
        parser.add_argument("project", help="the slug of the project")
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument(
            "--apply", choices=Policy.values, metavar="POLICY", help="move: " + ", ".join(Policy.values)
        )
        decision.add_argument("--drop", action="store_true", help="leave everybody where they are")
        parser.add_argument("--by", metavar="USERNAME", help="the leader who answers for it; else the first who may")
        parser.add_argument("--wait", action="store_true", help="judge nothing here: look on while workers do")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            leader = choose_leader(options["cohort"], options["by"])
            if options["drop"]:
                self.stdout.write(
                    f"Dropped: {regrading.drop(leader, options['project'])} learners stay where they are."
                )
                return
            self._regrade(leader, options["project"], options["apply"], options["wait"])
        except Refusal as refusal:
            raise CommandError(refusal.advice) from refusal
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing is lost: call it again, and it goes on.") from None

    def _regrade(self, leader: Membership, project: str, policy: str | None, only_waits: bool) -> None:
        regrade = find_undecided(leader, project) or regrading.begin(leader, project)
        self._judge(regrade, only_waits)
        self._tell(read_prospect(leader, regrade))
        if policy:
            applied = regrading.apply(leader, project, policy)
            self.stdout.write(f"Moved: {applied.moved} learners; {applied.left} are undecided.")

    def _judge(self, regrade: Regrade, only_waits: bool) -> None:
        """Until all is judged, here and by whoever else takes runs: a claim decides who works on which."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(file=self.stdout)) as bar:  # type: ignore[arg-type]
            line = bar.add_task(f"Edition {regrade.trial.edition.number}")
            while not (progress := read_progress(regrade)).is_judged:
                bar.update(line, total=progress.asked, completed=progress.judged)
                if only_waits or not judge_one(regrade):
                    words = "learners go first" if queries.is_anybody_waiting() else "workers judge"
                    bar.update(line, description=f"Edition {regrade.trial.edition.number}, {words}")
                    time.sleep(PAUSE_S)
            bar.update(line, total=progress.asked, completed=progress.judged)

    def _tell(self, prospect: Prospect) -> None:
        totals = ", ".join(f"{count} {way}" for way, count in prospect.totals.items())
        self.stdout.write(f"Edition {prospect.edition.number} of {prospect.edition.title}: {totals}.")
        for tally in prospect.tallies:
            self.stdout.write(f"  {tally.down} down, {tally.up} up by {tally.kind}: {tally.question}")
        for mover in prospect.movers[:MOST_ROWS]:
            words = f"{mover.kind} #{mover.now.submission.number}, {mover.before.outcome} -> {mover.now.outcome}"
            self.stdout.write(f"  {mover.way:<4} {mover.learner}: {words}")
        if len(prospect.movers) > MOST_ROWS:
            self.stdout.write(f"  and {len(prospect.movers) - MOST_ROWS} more")
        for choice in prospect.choices:
            self.stdout.write(f"  --apply {choice.policy}: {choice.learners} learners move")


def choose_leader(cohort: str, username: str | None) -> Membership:
    """Who answers for it: the named leader of the cohort, or the first who may regrade."""
    found = Membership.objects.filter(cohort__slug=cohort).select_related("cohort", "user").order_by("pk")
    leaders = [one for one in found if one.power and one.power >= Power.LEAD and username in (None, one.user.username)]
    if not leaders:
        named = _("{name} leads no cohort '{cohort}' in which they may regrade.")
        told = named if username else _("Nobody leads a cohort '{cohort}' in which they may regrade.")
        raise Refusal("not-found", "cohort", told.format(name=username, cohort=cohort), 404)
    return leaders[0]


def judge_one(regrade: Regrade) -> bool:
    """Judge the next of its runs here; False where there is none to take now, because others work or go first."""
    run = queries.next_shadow(regrade.trial_id)
    if run is None or queries.is_anybody_waiting():
        return False
    tasks.grade_this(run)
    return True
