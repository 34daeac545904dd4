"""Writes the software bill of materials, CycloneDX 1.6 as JSON: `scripts/sbom > milepost.cdx.json`."""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from scripts.materials import ROOT, Material, list_materials

VENDOR = "frontend/static/vendor"


def build_bill(root: Path = ROOT) -> Bom:
    """The product, the parts that it depends on, and the files that pages are given, by their digests."""
    bill = Bom()
    product = Component(name="milepost-server", version=_read_version(root), type=ComponentType.APPLICATION)
    bill.metadata.component = product
    parts = [*map(_describe, list_materials(root)), *_describe_files(root)]
    for part in parts:
        bill.components.add(part)
    bill.register_dependency(product, parts)
    return bill


def write_bill(bill: Bom) -> str:
    return make_outputter(bill, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


def _read_version(root: Path) -> str:
    found = re.search(r'^version = "(.+)"', (root / "pyproject.toml").read_text(), re.MULTILINE)
    return found[1] if found else ""


def _describe(part: Material) -> Component:
    space, _, name = part.name.rpartition("/")
    address = PackageURL(part.kind, space or None, name, part.version)
    return Component(
        name=name,
        group=space or None,
        version=part.version,
        type=ComponentType.LIBRARY,
        bom_ref=address.to_string(),
        purl=address,
        scope=ComponentScope.REQUIRED if part.is_shipped else ComponentScope.EXCLUDED,
        licenses=[LicenseFactory().make_from_string(part.licence)] if part.licence else [],
        properties=[Property(name="milepost:serves", value=part.serves)],
    )


def _describe_files(root: Path) -> list[Component]:
    lines = (root / VENDOR / "SHA256SUMS").read_text().splitlines()
    told = [(name.removeprefix("./"), digest) for digest, name in map(str.split, lines)]
    return [
        Component(
            name=f"{VENDOR}/{name}",
            type=ComponentType.FILE,
            bom_ref=f"{VENDOR}/{name}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        )
        for name, digest in told
    ]


if __name__ == "__main__":
    print(write_bill(build_bill()))
