"""Hands out the learner's command line as a wheel that pip can install from here. No secret is in it: all may have it.

A wheel is a zip of plain files and five lines about them; so it is written here, from client/pyproject.toml alone, and
the server needs no build tools. The same sources make the same bytes.
"""

import base64
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from curriculum.litter import is_litter

EPOCH = (2020, 1, 1, 0, 0, 0)
CLIENT: Path = settings.BASE_DIR / "client"
TAG = "py3-none-any"


@require_safe
def wheel(request: HttpRequest, name: str) -> HttpResponse:
    """The wheel of this name; there is only the newest."""
    if name != wheel_name():
        raise Http404
    return HttpResponse(build_wheel(), content_type="application/octet-stream")


def wheel_name() -> str:
    """What its file is called, which pip insists on."""
    return f"{_stem()}-{TAG}.whl"


@cache
def build_wheel() -> bytes:
    """The wheel's bytes, packed at the first request of each process."""
    packed, records = io.BytesIO(), []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _members():
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            records.append(f"{name},sha256={digest},{len(content)}")
            _add(archive, name, content)
        record = f"{_stem()}.dist-info/RECORD"
        _add(archive, record, "\n".join([*records, f"{record},,", ""]).encode())
    return packed.getvalue()


def _members() -> Iterator[tuple[str, bytes]]:
    told = _project()
    included = told["tool"]["hatch"]["build"]["targets"]["wheel"]
    for package in included["packages"]:
        yield from _files(CLIENT / package, package)
    for source, target in included["force-include"].items():
        yield from _files((CLIENT / source).resolve(), target)
    about = f"{_stem()}.dist-info"
    yield f"{about}/METADATA", _metadata(told["project"]).encode()
    yield f"{about}/WHEEL", f"Wheel-Version: 1.0\nGenerator: milepost\nRoot-Is-Purelib: true\nTag: {TAG}\n".encode()
    scripts = "".join(f"{name} = {where}\n" for name, where in told["project"]["scripts"].items())
    yield f"{about}/entry_points.txt", f"[console_scripts]\n{scripts}".encode()


def _files(source: Path, target: str) -> Iterator[tuple[str, bytes]]:
    if source.is_file():
        yield target, source.read_bytes()
        return
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if path.is_file() and not is_litter(name):
            yield f"{target}/{name}", path.read_bytes()


def _metadata(project: Mapping[str, Any]) -> str:
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {wanted}" for wanted in project["dependencies"]),
        "Description-Content-Type: text/markdown",
    ]
    readme: Path = CLIENT / project["readme"]
    return "\n".join(lines) + "\n\n" + readme.read_text()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = 0o100644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _stem() -> str:
    project = _project()["project"]
    return f"{project['name']}-{project['version']}"


@cache
def _project() -> dict[str, Any]:
    return tomllib.loads((CLIENT / "pyproject.toml").read_text())
