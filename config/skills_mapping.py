"""Reads an operator's own alignments of the skills; a wrong value stops the start with a sentence."""

from collections.abc import Mapping
from pathlib import Path

from config.environment import SettingError, read_text
from curriculum.skills import Alignment, MappingFault, parse_mapping


def read_skills_mapping(name: str) -> Mapping[str, tuple[Alignment, ...]]:
    """The alignments in the file that this variable names; none where it names no file."""
    path = read_text(name, "")
    if not path:
        return {}
    try:
        return parse_mapping(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingError(f"{name} is {path!r}, which cannot be read ({fault}); name a file of text.") from fault
    except MappingFault as fault:
        raise SettingError(f"{name}: in {path}, {fault} See docs/operating.md.") from fault
