"""The trees that come with a package, each whole and kept by digest."""

from dataclasses import dataclass

from curriculum.expectations import Expectation, read_expectations
from curriculum.package import REFERENCE, STARTER, ProjectPackage
from curriculum.trees import list_right, list_wrong, read_work
from grading.store import Store


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
    """Keep every tree of the package."""

    def keep(name: str) -> str:
        return store.put_files(read_work(package, name))

    return Trees(
        starter=keep(STARTER),
        right={name: keep(name) for name in list_right(package)},
        wrong={name: keep(name) for name in list_wrong(package)},
        expected={f"wrong/{name}": told for name, told in read_expectations(package).items()},
    )
