"""Reads the text of a domain file that somebody brought: plain YAML within bounds, nothing that grows on reading."""

from typing import Any

import yaml

MOST_BYTES = 64 * 1024
DEEPEST = 12
MOST_NODES = 6000


class TextFault(Exception):
    """The text is no domain file. `remedy` says what to do about it."""

    def __init__(self, sentence: str, remedy: str) -> None:
        super().__init__(sentence)
        self.sentence, self.remedy = sentence, remedy


def parse_domain(text: str) -> dict[str, Any]:
    """The mapping that the text holds. Raises TextFault."""
    _measure(text)
    try:
        _walk(text)
        loaded = yaml.load(text, Loader=_NoDoubles)  # noqa: S506 - a SafeLoader that refuses a key given twice
    except yaml.YAMLError as broken:
        raise TextFault(
            f"This is no YAML: {_where(broken)}", "Mend the line, or save the file as YAML again."
        ) from broken
    except (ValueError, OverflowError, RecursionError) as broken:
        if isinstance(broken, TextFault):
            raise
        raise TextFault(f"A value cannot be read: {broken}.", "Write it as text, in quotes.") from broken
    if not isinstance(loaded, dict):
        raise TextFault("A domain file holds a mapping of fields.", "Begin as the ready-made ones do.")
    return loaded


def _measure(text: str) -> None:
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise TextFault(f"The file has {size:,} bytes; at most {MOST_BYTES:,} are read.", "Shorten its words or lists.")


def _walk(text: str) -> None:
    """Look at the text's events, which cost what the text is long, before anything is built of them."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.ScalarEvent) and _is_path(event.value):
            raise TextFault(
                f"Line {_line(event)}: a value looks like a path or holds a control.", "Write a plain name."
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise TextFault(f"Line {_line(event)}: anchors (&) and aliases (*) are not read.", "Write it out again.")
        if tag := getattr(event, "tag", None):
            raise TextFault(f"Line {_line(event)}: the tag {tag} is not read.", "Leave the tag out.")
        if depth > DEEPEST:
            raise TextFault(f"Line {_line(event)}: lists and mappings are nested over {DEEPEST} deep.", "Nest less.")
        if nodes > MOST_NODES:
            raise TextFault(f"The file holds over {MOST_NODES} values.", "Shorten its lists.")


def _line(event: yaml.Event) -> int:
    return int(event.start_mark.line) + 1 if event.start_mark else 0


def _is_path(value: str) -> bool:
    """A package's own code may name a file by a value; none of a stranger's may lead out of its folder."""
    return value.startswith("/") or "../" in value or "\0" in value


def _where(broken: yaml.YAMLError) -> str:
    mark = getattr(broken, "problem_mark", None)
    problem = getattr(broken, "problem", None) or str(broken)
    return f"line {mark.line + 1}: {problem}." if mark else f"{problem}."


class _NoDoubles(yaml.SafeLoader):
    """A key that is given twice is a slip, of which the second would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for (key, _), name in zip(node.value, keys, strict=True):
            if keys.count(name) > 1:
                line = key.start_mark.line + 1
                raise TextFault(f"Line {line}: the key {name!r} is given twice.", "Remove one of them.")
        return super().construct_mapping(node, deep)
