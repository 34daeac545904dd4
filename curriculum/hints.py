"""Reads a milestone's hints: for each check, from a nudge to nearly there."""

import re

_SECTION = re.compile(r"^## (\w+)\s*$", re.MULTILINE)
_TIER = re.compile(r"^\d+\. ", re.MULTILINE)


def read_hints(text: str) -> dict[str, list[str]]:
    """Each check's hints in their order; lines that were wrapped are joined again."""
    _, *parts = _SECTION.split(text)
    return {name: _read_tiers(body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _read_tiers(body: str) -> list[str]:
    return [" ".join(tier.split()) for tier in _TIER.split(body)[1:]]
