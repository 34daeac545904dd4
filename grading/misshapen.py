"""Artefacts as nobody should hand them in, to see that every check answers in a sentence whatever it is given."""

import pickle
from collections.abc import Callable, Mapping

Maker = Callable[[str], bytes | None]

MAKERS: dict[str, Maker] = {
    "nothing": lambda name: None,
    "empty files": lambda name: b"",
    "text": lambda name: b"id,value\n1,2\n",
    "a pickle": lambda name: pickle.dumps({"name": name, "rows": [1, 2, 3]}),
    "an empty document": lambda name: b"{}" if name.endswith("json") else b"PAR1PAR1",
    "a list of nulls": lambda name: b"[null, null]\n[1, 2]\n",
    "not UTF-8": lambda name: b"\xff\xfe{\x00\xba\xad",
}


def misshape(produces: Mapping[str, float]) -> dict[str, dict[str, bytes]]:
    """Each way of getting a manifest wrong, with the files it leaves."""
    return {
        how: {name: content for name in produces if (content := make(name)) is not None} for how, make in MAKERS.items()
    }
