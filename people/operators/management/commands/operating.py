"""`manage.py operating`: how the installation is, as the operators' page has it; the exit code is for monitoring."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils import timezone

from people.operators.queries import look
from people.operators.serializers import describe_sight
from people.operators.sight import DOWN, Sight
from people.operators.troubles import list_working, say_span

# As monitoring plug-ins have it.
WELL, WARNS, IS_DOWN = 0, 1, 2


class Command(BaseCommand):
    help = "Say how the installation is. Exit code 0: all is well; 1: something wants looking at; 2: it does not work."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for scripts: what /api/operating answers")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sight = look(timezone.now())
        except OperationalError as fault:
            self.stderr.write(f"The database does not answer: {fault}")
            sys.exit(IS_DOWN)
        if options["json"]:
            self.stdout.write(json.dumps(describe_sight(sight), indent=2))
        else:
            self._tell(sight)
        if sight.troubles:
            sys.exit(IS_DOWN if sight.troubles[0].severity == DOWN else WARNS)

    def _tell(self, sight: Sight) -> None:
        vitals = sight.vitals
        self.stdout.write(sight.sentence)
        for trouble in sight.troubles:
            self.stdout.write(f"\n  {trouble.severity.upper()}: {trouble.sentence}\n  {trouble.remedy}")
        self.stdout.write("\nqueue          waiting  oldest        running  left behind")
        for queue in vitals.queues:
            age = say_span(queue.age(vitals.now)) if queue.waiting else "-"
            self.stdout.write(f"{queue.name:14} {queue.waiting:7}  {age:12} {queue.running:8}  {queue.expired:11}")
        self.stdout.write("\nworker                          state     tier    slots  disk free  memory free")
        working = list_working(vitals)
        for worker in vitals.workers:
            state = "works" if worker in working else "stopped" if worker.stopped_at else "silent"
            room = f"{worker.disk_free / 2**30:7.1f} GB  {worker.memory_free / 2**30:8.1f} GB"
            self.stdout.write(f"{worker.name:30}  {state:8}  {worker.tier or 'asked':6}  {worker.slots:5}  {room}")
        for letter in sight.letters:
            self.stdout.write(f"\ndead letter {letter.pk}: {letter.task}{letter.asked} {letter.fault}, {letter.count}x")
            self.stdout.write(f"  {letter.error}")
        for group in sight.voids:
            self.stdout.write(f"\nvoid {len(group.runs)}x, last run {group.runs[0].pk}: {group.cause}")
