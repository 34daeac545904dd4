"""What authors ask of the grader: prove a package, derive its marks, look for flips and copies, begin a new one."""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from curriculum.expectations import EXPECT
from curriculum.package import PackageFault, ProjectPackage, load
from curriculum.trees import fold, read_folder, read_tree, write_files, write_overlay
from grading import copies, flips, marks
from grading.certificate import list_worlds, read_certificate, write_down
from grading.facilities import Facilities
from grading.gathered import Gathering
from grading.kit import counted
from grading.matrix import Matrix, as_text, describe_summaries, draw_up
from grading.matrix_page import as_page
from grading.progress import follow
from grading.proofs import Proof
from grading.prove import prove
from grading.sandboxes.choose import choose
from grading.skeleton import begin_project
from grading.store import Store
from grading.world import REPOSITORY

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

EXIT_FAILED = 1
STORE_HELP = "where to keep worlds and artefacts between calls"
MUTANTS = 12


def open_facilities(kept: Path | None) -> Facilities:
    """A store between calls, this host's jail for many hands, and the environments that scripts/bootstrap made."""
    root = kept or Path(tempfile.gettempdir(), f"milepost-grading-{os.getuid()}")
    environments = Path(os.environ.get("MILEPOST_ENVIRONMENTS", REPOSITORY / ".environments"))
    return Facilities(Store(root.resolve()), Gathering(choose()), environments)


def prove_all(asked: argparse.Namespace) -> int:
    """Prove packages over several seeds; with --write, leave in each the proof that publishing asks for.

    What a package's proof says already is not tried again, unless asked for.
    """
    facilities, seeds = open_facilities(asked.store), range(asked.first, asked.first + asked.seeds)
    drawn: list[Matrix] = []
    for folder in asked.package:
        package = load(folder)
        began = time.monotonic()
        writes = asked.write and not asked.draft
        known = read_certificate(package) if writes and not asked.afresh else {}
        number, coming = prove(package, facilities, seeds, asked.mutants, asked.draft, known, asked.only or ["*"])
        kept = write_down(package, coming) if writes else coming
        proofs = follow(package.slug, number, kept, lambda proof: not proof.holds)
        drawn.append(draw_up(package, proofs, time.monotonic() - began))
        print(as_text(drawn[-1]), end="\n\n", flush=True)
        _keep(asked, package, proofs, drawn[-1])
    if len(drawn) > 1:
        print(describe_summaries([matrix.summary for matrix in drawn]))
    return EXIT_FAILED if any(matrix.summary.broken for matrix in drawn) else 0


def _keep(asked: argparse.Namespace, package: ProjectPackage, proofs: Sequence[Proof], matrix: Matrix) -> None:
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        told = {**matrix.as_plain(), "proofs": [asdict(proof) for proof in proofs]}
        (asked.out / f"{package.slug}.json").write_text(json.dumps(told, indent=1, default=str))
        (asked.out / f"{package.slug}.html").write_text(as_page(matrix))
        (asked.out / f"{package.slug}.txt").write_text(as_text(matrix) + "\n")
    if asked.write and not asked.draft:
        print(f"{package.slug} is proved on {counted(len(list_worlds(package)), 'world')}.", flush=True)


def derive_marks(asked: argparse.Namespace) -> int:
    """Derive marks from the good and the lazy solutions of a package; with --write, put them where they are read."""
    package, facilities = load(asked.package), open_facilities(asked.store)
    seeds = range(asked.first, asked.first + asked.seeds)
    number, coming = marks.plan_readings(package, facilities, seeds, asked.derived_only)
    readings = [reading for some in follow(f"{package.slug}: marks", number, coming) for reading in some]
    derived = marks.derive(package, readings, asked.seeds)
    print(marks.as_markdown(derived, readings), marks.describe_bounds(package, readings), sep="\n\n")
    if asked.write:
        marks.write_marks(package, derived, readings)
    faults = marks.too_narrow(derived)
    print("\n".join(faults), file=sys.stderr)
    return EXIT_FAILED if faults else 0


def count_flips(asked: argparse.Namespace) -> int:
    """On how many fresh worlds the reference does not pass, and each lazy solution does."""
    package, facilities = load(asked.package), open_facilities(asked.store)
    number, coming = flips.plan_flips(package, facilities, range(asked.first, asked.first + asked.worlds))
    print(flips.describe_flips(follow(f"{package.slug}: flips", number, coming, lambda flip: False)))
    return 0


def try_copies(asked: argparse.Namespace) -> int:
    """How many models that were fitted on another learner's world reach the mark."""
    package, facilities = load(asked.package), open_facilities(asked.store)
    number, coming = copies.plan_copies(package, facilities, range(asked.seeds))
    print(copies.describe_copies(follow(f"{package.slug}: copies", number, coming)))
    return 0


def begin(asked: argparse.Namespace) -> int:
    """Write a small project that can be proved, for an author to change."""
    try:
        folder = begin_project(asked.slug, asked.folder or REPOSITORY / "projects")
    except ValueError as refused:
        raise PackageFault(str(refused)) from refused
    print(f"{folder} is there. Read its README.md, then: python -m grading prove {folder} --seeds 1")
    return 0


def unfold_tree(asked: argparse.Namespace) -> int:
    """Write one of a package's trees whole, to be run, or changed and folded."""
    if asked.folder.exists() and any(asked.folder.iterdir()):
        raise PackageFault(f"{asked.folder} is not empty; name a folder that is new.")
    write_files(asked.folder, read_tree(load(asked.package), _expect_overlay(asked)))
    print(f"{asked.folder} holds {asked.tree}.")
    return 0


def fold_tree(asked: argparse.Namespace) -> int:
    """Keep of a tree only what it has otherwise than the one it starts from: as lines where they are few."""
    package, name = load(asked.package), _expect_overlay(asked)
    if asked.folder and not asked.folder.is_dir():
        raise PackageFault(f"There is no folder {asked.folder}; `unfold` makes one.")
    if asked.folder:
        # What the tree says of itself stays, also where a folder holds the learner's files alone.
        own = read_folder(package.folder / name)
        whole = {path: content for path, content in own.items() if path == EXPECT} | read_folder(asked.folder)
    else:
        whole = read_tree(package, name)
    overlay = fold(package, name, whole)
    write_overlay(package, name, overlay)
    print(f"{name}: {', '.join(sorted(overlay)) or 'nothing of its own'}")
    return 0


def _expect_overlay(asked: argparse.Namespace) -> str:
    name = str(asked.tree).strip("/")
    if name.partition("/")[0] not in ("alternatives", "wrong") or not (asked.package / name).is_dir():
        raise PackageFault(f"{asked.package} has no folder {name}; name one, as in wrong/clean-drops-the-comma.")
    return name


def add_verbs(verbs: "Verbs") -> None:
    _add_prove(verbs)
    for name, verb, about in (
        ("unfold", unfold_tree, "a new folder for the whole tree"),
        ("fold", fold_tree, "the whole tree, changed; default: the overlay as it is"),
    ):
        one = verbs.add_parser(name, help=verb.__doc__)
        one.add_argument("package", type=Path)
        one.add_argument("tree", help="as tables name it, e.g. wrong/clean-drops-the-comma")
        one.add_argument("folder", type=Path, nargs=None if verb is unfold_tree else "?", help=about)
        one.set_defaults(verb=verb)
    for name, verb, option, number, first in (
        ("marks", derive_marks, "--seeds", 20, 1),
        ("flips", count_flips, "--worlds", 50, flips.FIRST_SEED),
        ("copies", try_copies, "--seeds", 10, 0),
    ):
        one = verbs.add_parser(name, help=verb.__doc__)
        one.add_argument("package", type=Path)
        one.add_argument(option, type=int, default=number)
        one.add_argument("--first", type=int, default=first, help="the first seed")
        one.add_argument("--store", type=Path, help=STORE_HELP)
        if verb is derive_marks:
            one.add_argument("--write", action="store_true", help="write marks.json and the table in design.md")
            one.add_argument("--derived-only", action="store_true", help="leave out checks that hold to a bound")
        one.set_defaults(verb=verb)
    new = verbs.add_parser("new-project", help=begin.__doc__)
    new.add_argument("slug")
    new.add_argument("folder", type=Path, nargs="?", help="where the project's folder goes; default: projects/")
    new.set_defaults(verb=begin)


def _add_prove(verbs: "Verbs") -> None:
    many = verbs.add_parser("prove", help=prove_all.__doc__)
    many.add_argument("package", type=Path, nargs="+")
    many.add_argument("--seeds", type=int, default=3)
    many.add_argument("--first", type=int, default=1, help="the first seed")
    many.add_argument("--mutants", type=int, default=MUTANTS, help="how many mutants for each milestone; 0 for none")
    many.add_argument("--draft", action="store_true", help="try what is there, in spite of lint; leaves no proof")
    many.add_argument("--afresh", action="store_true", help="with --write: try also what proof.json says already")
    many.add_argument("--only", action="append", help="trees whose name fits, e.g. 'alternatives/*'; may be repeated")
    many.add_argument("--out", type=Path, help="write the matrix into this folder: <slug>.txt, .json and .html")
    many.add_argument("--write", action="store_true", help="leave proof.json, which publishing asks for")
    many.add_argument("--store", type=Path, help=STORE_HELP)
    many.set_defaults(verb=prove_all)
