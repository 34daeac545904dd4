"""Loads a model of either family by what its file holds, so that last month's regression can be put back in service."""

import hashlib
import json
from pathlib import Path

from pipeline.model import FILE, Model
from pipeline.trees import Trees


def load_model(folder: Path) -> tuple[Model | Trees, str]:
    """The model, and its version: the beginning of the digest of its file."""
    content = (folder / FILE).read_bytes()
    parts = json.loads(content)
    family = Trees if "roots" in parts else Model
    return family(**parts), hashlib.sha256(content).hexdigest()[:12]
