"""What a learner's code left behind, as a check sees it: folders of bytes, a socket, and what the run cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grading.kit.http import Service


@dataclass(frozen=True, slots=True)
class Usage:
    """What the run used, measured from outside: seconds of CPU, seconds of wall time, megabytes (2**20 bytes)."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    memory_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Produced:
    """The artefact of one run.

    folder: the files that the manifest names, nothing else. probes: the other runs of the learner's code, by name.
    upstream: the artefacts of the earlier milestones that this one was given, by kind. service: the running service,
    at milestone deploy only; restarted: a second, fresh instance of it, where project.yaml says `restarted: true`.
    usage: what the run cost. refused: files that were written but not taken out of the sandbox, name -> a clause that
    says why ("is larger than 16 MB"). sources: path -> text of the learner's Python files, where project.yaml says
    `sources: true`; data to be read, never to be run.
    """

    folder: Path
    probes: Mapping[str, "Produced"] = field(default_factory=dict)
    upstream: Mapping[str, "Produced"] = field(default_factory=dict)
    service: Service | None = None
    restarted: Service | None = None
    usage: Usage = Usage()
    refused: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
