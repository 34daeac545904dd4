"""Defects of files as text: a line that is no record, a last line that breaks off."""

from dataclasses import dataclass

import numpy as np

from worlds.defects.log import Defect, DefectLog

Files = dict[str, list[str]]


@dataclass(frozen=True)
class GarbageLine(Defect):
    """A proxy's error page in the middle of a file."""

    kind: str = "garbage_line"
    action: str = "reject"
    text: str = "<html><body><h1>502 Bad Gateway</h1></body></html>"

    def plant(self, files: Files, name: str, rng: np.random.Generator, log: DefectLog) -> Files:
        lines = list(files[name])
        at = int(rng.integers(1, len(lines)))
        lines.insert(at, self.text)
        log.add(self, [f"{name}:{at + 1}"], corrupted=[self.text])
        return {**files, name: lines}


@dataclass(frozen=True)
class TruncatedLine(Defect):
    """A file that breaks off within its last line; the record is sent again at the end of the next file.

    delimiter: what parts the fields of a line. One that breaks off within its last field could not be told from a whole
    one, so at least that delimiter goes as well.
    """

    kind: str = "truncated_line"
    action: str = "reject"
    delimiter: str = ""

    def plant(self, files: Files, name: str, rng: np.random.Generator, log: DefectLog) -> Files:
        after = sorted(files)[sorted(files).index(name) + 1]
        whole = files[name][-1]
        broken = whole[: int(len(whole) * rng.uniform(0.3, 0.9))]
        if self.delimiter:
            broken = broken[: min(len(broken), whole.rindex(self.delimiter))]
        log.add(self, [f"{name}:{len(files[name])}"], [whole], [broken])
        return {**files, name: [*files[name][:-1], broken], after: [*files[after], whole]}
