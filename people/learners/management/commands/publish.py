"""`manage.py publish [folder …]`: publishes project packages, all of them by default."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from curriculum.package import PackageFault
from curriculum.publish import publish_tracks
from people.learners.publishing import publish_folder


class Command(BaseCommand):
    help = (
        "Publish project packages and tracks; without folders, all that the projects room holds and that have a proof."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="*", type=Path)
        parser.add_argument("--unproved", action="store_true", help="for authors: publish what was not proved")

    def handle(self, *args: Any, **options: Any) -> None:
        room: Path = settings.PROJECTS_DIR
        folders = options["folders"] or self._list_folders(room, options["unproved"])
        try:
            for folder in folders:
                project = publish_folder(folder, options["unproved"])
                self.stdout.write(f"Published {project} ({project.digest[:12]}).")
        except PackageFault as fault:
            raise CommandError(str(fault)) from fault
        if (room / "tracks.yaml").is_file():
            publish_tracks(room / "tracks.yaml")

    def _list_folders(self, room: Path, unproved: bool) -> list[Path]:
        """The room's packages; one that was never proved is still being written, and is named instead."""
        folders = sorted(path.parent for path in room.glob("*/project.yaml"))
        drafts = [folder for folder in folders if not unproved and not (folder / "proof.json").is_file()]
        for folder in drafts:
            self.stdout.write(
                f"Not published: {folder.name} is a draft; `python -m grading prove {folder} --write` first."
            )
        return [folder for folder in folders if folder not in drafts]
