"""The JSON-LD contexts that a credential of ours may name. They lie here; nothing is ever fetched to read a term."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("jsonld")
CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
FILES = {
    CREDENTIALS: "credentials-v2.json",
    OPEN_BADGES: "open-badges-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": "open-badges-3.0.2.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": "open-badges-3.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": "open-badges-extensions.json",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.json",
    "https://w3id.org/security/multikey/v1": "multikey-v1.json",
}


class UnknownContext(Exception):
    """A document names a context that does not lie here, so nobody here can say what its terms mean."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(url)


def load_context(url: str, options: object = None) -> dict[str, Any]:
    """The context at this address, in the form that pyld asks for. Raises UnknownContext."""
    if url not in FILES:
        raise UnknownContext(url)
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": _read(FILES[url])}


@cache
def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))
