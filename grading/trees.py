"""The trees that come with a package, each whole and kept by digest: the starter, the right ones, the wrong ones."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from curriculum.expectations import Expectation, read_expectations
from curriculum.package import ProjectPackage
from grading.store import Store

REFERENCE, STARTER = "reference", "starter"


@dataclass(frozen=True)
class Trees:
    """Digests by the names that tables use: "reference", "alternatives/polars", "wrong/clean-keeps-refunds"."""

    starter: str
    right: dict[str, str]
    wrong: dict[str, str]
    expected: dict[str, Expectation]

    @property
    def reference(self) -> str:
        return self.right[REFERENCE]

    def wrong_at(self, kind: str, *, lazy: bool = False) -> dict[str, str]:
        """The wrong trees of this milestone; only the lazy ones, if asked."""
        return {
            name: tree
            for name, tree in self.wrong.items()
            if self.expected[name].milestone == kind and (self.expected[name].lazy or not lazy)
        }


def gather_trees(package: ProjectPackage, store: Store) -> Trees:
    """Keep every tree of the package. An overlay holds only the files that differ from the reference."""
    folder, told = package.folder, read_expectations(package)
    with tempfile.TemporaryDirectory() as scratch:

        def keep(overlay: Path) -> str:
            return store.put(_overlay(package, overlay, Path(scratch)))

        others = sorted(path for path in (folder / "alternatives").glob("*") if path.is_dir())
        return Trees(
            starter=store.put(folder / "starter"),
            right={
                REFERENCE: store.put(folder / "reference"),
                **{f"alternatives/{path.name}": keep(path) for path in others},
            },
            wrong={f"wrong/{name}": keep(folder / "wrong" / name) for name in told},
            expected={f"wrong/{name}": expectation for name, expectation in told.items()},
        )


def _overlay(package: ProjectPackage, overlay: Path, scratch: Path) -> Path:
    """The reference with this overlay's files in place of its own."""
    whole = scratch / overlay.parent.name / overlay.name
    shutil.copytree(package.folder / "reference", whole)
    shutil.copytree(overlay, whole, dirs_exist_ok=True)
    (whole / "expect.yaml").unlink(missing_ok=True)
    return whole
